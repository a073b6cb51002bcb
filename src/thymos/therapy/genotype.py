"""What a diagnosis leaves of the host's own thymopoiesis."""

from __future__ import annotations

from typing import NamedTuple

from thymos.lang.errors import StudyError


class Host(NamedTuple):
    """Host progenitors that reach the thymus (fraction of normal), the share that fails there, and NK cells."""

    progenitors: float
    block: float
    nk: float


# IL2RG and JAK3 leave the thymus empty; IL7R, RAG and Artemis fill its niches with cells that stop before the
# DP stage; ADA adds death of DP cells, 2/day against an exit of 0.37/day (P344, P311), so 84 % fail.
# Leukaemias are prepared so that no host progenitor is left.
HOSTS = {
    "il2rg-jak3": Host(0, 0, 0),
    "il7r": Host(1, 1, 1),
    "rag-artemis": Host(1, 1, 1),
    "ada": Host(1, 0.84, 0.3),
    "aml": Host(0, 0, 1),
    "all": Host(0, 0, 1),
    "mds": Host(0, 0, 1),
}


def host_of(diagnosis: str) -> Host:
    """The host's own thymopoiesis; raises `StudyError` for a diagnosis that is not known."""
    if diagnosis not in HOSTS:
        raise StudyError("population.diagnosis", f"one of {', '.join(HOSTS)}", diagnosis)
    return HOSTS[diagnosis]
