"""What a response surface is drawn over, as it is typed: `dose`, or `dose=1e4:1e7:8`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest
from thymos.trial.infusion import check

Floats = NDArray[np.float64]
MOST = 60  # points of one axis


@dataclass(frozen=True)
class Scale:
    """One setting that may be varied: where nothing else is said from `low` to `high` in `points` steps.

    log : whether steps are factors
    """

    text: str
    unit: str
    low: float
    high: float
    points: int
    log: bool = False


SCALES = {
    "dose": Scale("CD7+CD3- cells at each infusion", "cell/kg", 1e4, 1e7, 9, log=True),
    "day": Scale("day of the infusion", "day", 0.0, 40.0, 9),
    "gap": Scale("from the first infusion to the second", "day", 5.0, 45.0, 9),
    "age": Scale("age at transplant", "year", 0.5, 64.0, 8, log=True),
    "atg": Scale("active ATG on the day of transplant", "AU/mL", 0.0, 16.0, 9),
}


@dataclass(frozen=True)
class Axis:
    """A setting and its values, rising."""

    name: str
    values: Floats

    @property
    def scale(self) -> Scale:
        """Unit and meaning."""
        return SCALES[self.name]


def axes_of(text: str) -> tuple[Axis, ...]:
    """One axis or two, separated by a comma; raises `StudyError` that says which part cannot be read."""
    found = tuple(_axis(part.strip()) for part in text.split(","))
    if len(found) > 2:
        raise StudyError(
            "option --over", "one setting or two", f"{len(found)}", "hold the others by their options"
        )
    if len({axis.name for axis in found}) < len(found):
        raise StudyError("option --over", "two different settings", f"{found[0].name} twice")
    return found


def check_doses(axes: Iterable[Axis], doses: int) -> None:
    """A gap is between two infusions."""
    if doses < 2 and any(axis.name == "gap" for axis in axes):
        raise StudyError("option --over", "two infusions where the gap is varied", "one", "--doses 2")


def _axis(text: str) -> Axis:
    name, _, said = text.partition("=")
    if name not in SCALES:
        raise StudyError("option --over", f"one of {', '.join(SCALES)}", name, nearest(name, SCALES))
    scale = SCALES[name]
    if not said:
        return Axis(name, _spaced(scale, scale.low, scale.high, scale.points))
    parts = said.split(":")
    if len(parts) not in (2, 3):
        raise StudyError("option --over", f"{name}=LOW:HIGH or {name}=LOW:HIGH:POINTS", text)
    low, high = (check(name, _number(part, text), f"option --over, {name}") for part in parts[:2])
    points = _count(parts[2], text) if len(parts) == 3 else scale.points
    if low >= high:
        raise StudyError("option --over", f"{name} from low to high", f"{low:g} to {high:g}", "swap them")
    if scale.log and low <= 0:
        raise StudyError("option --over", f"{name} from above 0, as its steps are factors", f"{low:g}")
    return Axis(name, _spaced(scale, low, high, points))


def _number(part: str, text: str) -> float:
    try:
        return float(part)
    except ValueError:
        raise StudyError("option --over", "numbers between the colons", text, "dose=1e4:1e7:8") from None


def _count(part: str, text: str) -> int:
    if not (part.isdecimal() and 2 <= int(part) <= MOST):
        raise StudyError("option --over", f"2 to {MOST} points after the second colon", text)
    return int(part)


def _spaced(scale: Scale, low: float, high: float, points: int) -> Floats:
    space = np.geomspace if scale.log else np.linspace
    # Four digits: what is shown is what was given.
    return np.array([float(f"{x:.4g}") for x in space(low, high, points)])
