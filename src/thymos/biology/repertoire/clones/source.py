"""Where clones come from: one kind of them, with its rates, its founders, and those that are there at the start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.clones.rates import Rates

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]


def _nobody() -> Counts:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Source:
    """Clones of one kind: an origin, a compartment, a class of division.

    label  : name of the kind
    rates  : births and losses of its cells (time,) [1/day]
    influx : clones founded per day (time,), a straight line between the times of `rates`
    start  : law of a clone's size on the day it is founded; one cell unless given
    sizes  : clones that are there at the first time (clone,) [cell]
    parent : label of an earlier source from whose cells these clones are made, as memory clones from naive ones
    """

    label: str
    rates: Rates
    influx: Floats
    start: Kendall = field(default_factory=Kendall.founder)
    sizes: Counts = field(default_factory=_nobody)
    parent: str | None = None

    def founders(self) -> Floats:
        """Clones founded from the first time up to each (time,)."""
        cells = (self.influx[1:] + self.influx[:-1]) / 2 * np.diff(self.rates.times)
        return np.concatenate([[0.0], np.cumsum(cells)])

    def places(self, times: Floats) -> list[int]:
        """Indices of the first time of the grid and of `times` in it; raises `RunError` for a time off the grid."""
        grid = self.rates.times
        at = np.searchsorted(grid, times - 1e-9)
        if (at >= len(grid)).any() or (np.abs(grid[at] - times) > 1e-9).any() or (np.diff(at) <= 0).any():
            raise RunError(
                f"clones, times of {self.label}", "increasing times of the grid of its rates", f"{times}"
            )
        return [0, *at.tolist()]
