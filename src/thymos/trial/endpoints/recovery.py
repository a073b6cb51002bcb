"""Recovery of a lineage, as trials define it: two consecutive visits above a level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.trial.visits import Visits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DayOfRecovery:
    """Day of the first of `consecutive` visits in a row above `threshold` [cell/uL]; inf when there is none.

    Visits later than `horizon` [day] do not count, for the first or for the confirming one.
    Reference: `vanroessel2020`.
    """

    lineage: str
    threshold: float
    horizon: float = np.inf
    consecutive: int = 2

    def evaluate(self, visits: Visits) -> Floats:
        """The day for each patient."""
        value, day = visits.reported[self.lineage], visits.day
        # The schedule's last visit within the horizon may fall a few days late; the plan decides.
        counts = visits.planned <= self.horizon
        above = (np.nan_to_num(value, nan=-1.0) > self.threshold) & counts
        run = above.copy()
        for k in range(1, self.consecutive):
            run[:, :-k] &= above[:, k:]
            run[:, -k:] = False
        first = np.argmax(run, axis=1)
        found = run.any(axis=1)
        return np.where(found, day[np.arange(len(day)), first], np.inf)
