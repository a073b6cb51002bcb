"""Scientific quarrels: which switches there are, and the indicators that stand for a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from thymos.lang.declare import SwitchDeclaration
    from thymos.lang.model import Model


def switches_of(models: Iterable[Model]) -> dict[str, SwitchDeclaration]:
    """Every switch of these models by full name, `thymic_capacity.niche_number`."""
    return {f"{m.named()}.{d.name}": d for m in models for d in m.switches()}


def indicators(models: Iterable[Model], chosen: Mapping[str, str]) -> dict[str, float]:
    """Engine parameters that are 1 for the choices made and 0 for the others; a switch may be named by its last part.

    Raises `StudyError` for an unknown switch or choice.
    """
    known = switches_of(models)
    found: dict[str, float] = {}
    for name, choice in chosen.items():
        full = [key for key in known if name in (key, key.rpartition(".")[2])]
        if not full:
            raise StudyError(f"switches.{name}", f"one of {', '.join(sorted(known))}", name)
        choices = known[full[0]].choices
        if choice not in choices:
            raise StudyError(f"switches.{name}", f"one of {', '.join(choices)}", choice)
        found |= {f"{key}={other}": float(other == choice) for key in full for other in choices[1:]}
    return found
