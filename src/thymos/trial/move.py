"""One assumption moved alone, from one end of what is plausible to the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.therapy.posterior import NOTHING, Posterior
from thymos.therapy.sampling import values_of

if TYPE_CHECKING:
    from thymos.evidence.values import Value
    from thymos.lang.model import Model


@dataclass(frozen=True)
class Move:
    """One assumption at its two ends: a parameter's 95 % interval, or a switch's choices.

    low, high : what is changed at either end, by full name
    """

    name: str
    text: str
    kind: str
    ends: tuple[float | str, float | str]
    unit: str
    grade: str
    source: str
    low: dict[str, float]
    high: dict[str, float]

    @property
    def words(self) -> dict[str, Any]:
        """What is moved from where to where, as a ranking tells it."""
        said = {
            "name": self.name,
            "text": self.text,
            "kind": self.kind,
            "unit": self.unit,
            "grade": self.grade,
        }
        return said | {"from": self.ends[0], "to": self.ends[1], "source": self.source or "assumed"}


def moves_of(models: Iterable[Model], learnt: Posterior = NOTHING) -> list[Move]:
    """Every uncertain typical value of these models, and every switch.

    learnt : joint draws, whose 95 % interval a value is moved over where it is among them
    """
    listed = list(models)
    found = [
        _parameter(name, value, learnt)
        for name, value in values_of(listed).items()
        if not value.uncertainty.fixed
    ]
    for model in listed:
        for d in model.switches():
            for choice in d.choices[1:]:
                name = f"{model.named()}.{d.name}"
                off, on = ({f"{name}={choice}": float(x)} for x in (0, 1))
                found.append(Move(name, d.text, "switch", (d.choices[0], choice), "", "assumed", "", off, on))
    return found


def _parameter(name: str, value: Value, learnt: Posterior) -> Move:
    low, high = learnt.interval(name) if name in learnt.values else value.interval
    return Move(
        name,
        value.text,
        "parameter",
        (low, high),
        value.unit,
        str(value.grade),
        value.source,
        {name: low},
        {name: high},
    )
