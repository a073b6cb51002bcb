"""One way to give the product: how much, on which day, once or twice, at which age and under how much ATG."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

from thymos.lang.errors import StudyError

HORIZON = 365.0
"""Days after transplant that are looked at."""
LIMITS = {
    "dose": (0.0, 1e9, "cell/kg"),
    "day": (0.0, HORIZON, "day"),
    "gap": (1.0, HORIZON, "day"),
    "age": (0.0, 100.0, "year"),
    "atg": (0.0, 200.0, "AU/mL"),
    "weight": (0.3, 300.0, "kg"),
}
WHY = {"day": "the first year after transplant is looked at", "dose": "cells for one kg, at each infusion"}


@dataclass(frozen=True)
class Infusion:
    """How the product is given, and to whom, where that is not as in the study.

    dose  : CD7+CD3- cells at each infusion [cell/kg]
    day   : of the first infusion, after transplant [day]
    doses : 1 or 2
    gap   : from the first infusion to the second [day]
    age   : at transplant [year]; None leaves the patients as they are
    atg   : active ATG on the day of transplant [AU/mL]; None leaves it as the study gives it
    """

    dose: float
    day: float
    doses: int = 1
    gap: float = 14.0
    age: float | None = None
    atg: float | None = None

    def __post_init__(self) -> None:
        for name in ("dose", "day", "gap", "age", "atg"):
            if (value := getattr(self, name)) is not None:
                check(name, value)
        if self.doses not in (1, 2):
            raise StudyError("infusion.doses", "1 or 2", f"{self.doses}")
        if self.doses == 2 and self.second_day > HORIZON:
            wanted = f"a second infusion until day {HORIZON:g}"
            raise StudyError("infusion.gap", wanted, f"day {self.second_day:g}", "give it earlier")

    @property
    def second_day(self) -> float:
        """Day of the second infusion; inf where there is none."""
        return self.day + self.gap if self.doses == 2 else inf

    @property
    def twin(self) -> tuple[float | None, float | None, float, float]:
        """What the untreated twin shares with this one: age, ATG, and the days on which the solver stops."""
        return self.age, self.atg, self.day, self.second_day


def check(name: str, value: float, where: str = "") -> float:
    """`value` of a field of an infusion, or of a patient's weight; raises `StudyError` out of its limits."""
    low, high, unit = LIMITS[name]
    if not (isfinite(value) and low <= value <= high):
        raise StudyError(
            where or f"infusion.{name}", f"{low:g} to {high:g} {unit}", f"{value:g} {unit}", WHY.get(name, "")
        )
    return value
