"""Populations that a study can name: who receives an allogeneic transplant for a disease, jointly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest
from thymos.trial.registries.leukaemia import LEUKAEMIA
from thymos.trial.registries.registry import Registry
from thymos.trial.registries.scid import SCID

if TYPE_CHECKING:
    from thymos.io.study_schema import Population

REGISTRIES: dict[str, Registry] = {registry.name: registry for registry in (LEUKAEMIA, SCID)}


def registry_of(people: Population, where: str = "study") -> Registry:
    """The registered population that a study names; raises `StudyError` where it has nobody whom the study takes.

    where : the study, for messages
    """
    name = people.registry or ""
    if name not in REGISTRIES:
        wanted = f"one of {', '.join(REGISTRIES)}"
        raise StudyError(f"{where} [population.registry]", wanted, name, nearest(name, REGISTRIES))
    REGISTRIES[name].check(people.eligible, people.diagnosis or (), where)
    return REGISTRIES[name]
