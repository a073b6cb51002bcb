"""The engines thymos is compared with; a new one is one file and one line here."""

from __future__ import annotations

from typing import NamedTuple


class Peer(NamedTuple):
    """Module and class of an engine, and the distribution that has to be installed for it."""

    module: str
    name: str
    distribution: str


PEERS = (
    Peer("numbalsoda_lsoda", "NumbaLsoda", "numbalsoda"),
    Peer("diffsol_bdf", "DiffsolBdf", "pydiffsol"),
    Peer("scipy_lsoda", "ScipyLsoda", "scipy"),
    Peer("sundae_cvode", "SundaeCvode", "scikit-sundae"),
    Peer("road_runner", "RoadRunner", "libroadrunner"),
    Peer("diffrax_kvaerno", "DiffraxKvaerno", "diffrax"),
)
