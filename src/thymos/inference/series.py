"""A patient's measurements over time, as the plain forecasts take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Days in rising order, and the logarithm of what was counted on each (time,)."""

    day: Floats
    log: Floats

    def __post_init__(self) -> None:
        """Refuse what is no series."""
        if self.day.shape != self.log.shape or self.day.ndim != 1 or not len(self.day):
            raise DataError("a series", "as many days as values", f"{self.day.shape} and {self.log.shape}")
        if not (np.isfinite(self.log).all() and (np.diff(self.day) > 0).all()):
            raise DataError("a series", "rising days with finite logarithms", f"{self.day.tolist()}")

    def until(self, day: float) -> Series:
        """What was known on `day`, that day included; raises `DataError` where nothing was."""
        return Series(self.day[self.day <= day], self.log[self.day <= day])

    def after(self, day: float) -> Series:
        """What came later; raises `DataError` where nothing did."""
        return Series(self.day[self.day > day], self.log[self.day > day])
