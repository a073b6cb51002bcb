r"""The last count carried forward: the forecast that any other has to beat.

$$ \ln y(t + h) \sim N(\ln y(t),\, s_h^2), \qquad s_h^2 = \overline{(\ln y(t' + h') - \ln y(t'))^2} $$

the mean over all pairs of measurements of other patients whose distance $h'$ falls into the same class as h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.series import Series
from thymos.lang.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LastValue:
    """How far counts move: root mean square change of the logarithm (class,) between classes of distance [day].

    edges : ends of the classes, rising, without the last, which has no end
    """

    edges: Floats
    moved: Floats

    @staticmethod
    def learnt(others: Sequence[Series], edges: Sequence[float]) -> LastValue:
        """From other patients; raises `DataError` where no pair of measurements is in any class."""
        ends = np.asarray(edges, dtype=np.float64)
        distance, change = _pairs(others)
        classes = np.searchsorted(ends, distance)
        found = [np.sqrt(np.mean(change[classes == i] ** 2)) if (classes == i).any() else np.nan
                 for i in range(len(ends) + 1)]  # fmt: skip
        known = np.flatnonzero(np.isfinite(found))
        if not known.size:
            raise DataError("last value", "two measurements of one patient", "none", "give more patients")
        # A class that nobody has seen borrows the nearest one.
        nearest = [known[np.argmin(np.abs(known - i))] for i in range(len(found))]
        return LastValue(ends, np.asarray(found)[nearest])

    def forecast(self, known: Series, days: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """Logarithms of counts on later `days`, (draw, day)."""
        scatter = self.moved[np.searchsorted(self.edges, np.asarray(days) - known.day[-1])]
        return np.asarray(known.log[-1] + scatter * rng.standard_normal((draws, len(days))))


def _pairs(others: Sequence[Series]) -> tuple[Floats, Floats]:
    """Distance in days and change of the logarithm for every pair of measurements of one patient."""
    distance, change = [], []
    for one in others:
        i, j = np.triu_indices(len(one.day), 1)
        distance.append(one.day[j] - one.day[i])
        change.append(one.log[j] - one.log[i])
    return np.concatenate([*distance, np.empty(0)]), np.concatenate([*change, np.empty(0)])
