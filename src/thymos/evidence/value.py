"""A value with its papers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from thymos.evidence.distributions import Distribution


class Grade(StrEnum):
    """How well a value is known, best first."""

    measured = "measured"
    calibrated = "calibrated"
    borrowed = "borrowed"
    assumed = "assumed"


@dataclass(frozen=True)
class Value:
    """One parameter with its papers; all numbers in `unit`, the unit the model declares."""

    name: str  # as a system prints it: "periphery.d"
    value: float
    unit: str
    text: str
    range: tuple[float, float] | None
    uncertainty: Distribution
    variability: Distribution
    source: str
    where: str
    grade: Grade
    reason: str
    file: Path

    def typical(self, u: Any) -> Any:
        """Quantile `u` of what the typical patient or donor may have, kept inside `range`."""
        if self.range is None or self.uncertainty.fixed:
            return self.uncertainty.quantile(u, self.value)
        low, high = (self.uncertainty.share(x, self.value) for x in self.range)
        return self.uncertainty.quantile(low + (high - low) * u, self.value)

    def individual(self, u: Any, typical: Any) -> Any:
        """Quantile `u` among patients or donors, given the typical value; not cut at `range`."""
        return self.variability.quantile(u, typical)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the typical value."""
        return float(self.typical(0.025)), float(self.typical(0.975))
