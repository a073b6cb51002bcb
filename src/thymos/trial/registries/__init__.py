"""Populations that a study can name: who receives an allogeneic transplant for a disease, jointly."""

from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest
from thymos.trial.registries.leukaemia import LEUKAEMIA
from thymos.trial.registries.registry import Registry
from thymos.trial.registries.scid import SCID

REGISTRIES: dict[str, Registry] = {registry.name: registry for registry in (LEUKAEMIA, SCID)}


def registry_of(name: str) -> Registry:
    """The registered population of this name; raises `StudyError` where there is none."""
    if name not in REGISTRIES:
        raise StudyError(
            "population.registry", f"one of {', '.join(REGISTRIES)}", name, nearest(name, REGISTRIES)
        )
    return REGISTRIES[name]
