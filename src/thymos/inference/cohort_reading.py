"""What readings of some patients say together, once what was known of each patient before is taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.smooth import normal_scores, smooth

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CohortReading:
    """Readings of simulated patients under draws of what is not known.

    apart : reading less what is expected of such a patient, over all draws (draw, patient)
    score : the first thing known of the patients, in normal scores (draw, patient)
    below : whether the assay had nothing to report (draw, patient)
    """

    apart: Floats
    score: Floats
    below: NDArray[np.bool_]

    def summaries(self, n: int) -> list[Floats]:
        """Summaries (draw, feature) of every study of `n` patients that the simulated ones make.

        The mean, how it changes with the first thing known of the patients, and the share below the limit.
        """
        found = []
        for first in range(0, self.apart.shape[1] - n + 1, n):
            part = slice(first, first + n)
            along = (self.apart[:, part] * self.score[:, part]).mean(axis=1)
            mean, below = self.apart[:, part].mean(axis=1), self.below[:, part].mean(axis=1)
            found.append(np.column_stack([mean, along, below]))
        return found


def cohort_readings(readings: Floats, below: NDArray[np.bool_], known: Floats) -> list[CohortReading]:
    """Each kind of reading of the same patients.

    readings : usually logarithms (draw, patient, kind);  below : of the same shape
    known    : of each patient before the study, such as age (draw, patient, known)
    """
    rows, shape = known.reshape(-1, known.shape[-1]), known.shape[:2]
    flat = readings.reshape(len(rows), -1)
    apart = (flat - smooth(rows, flat).fitted).reshape(readings.shape)
    score = normal_scores(rows[:, :1]).reshape(shape)
    return [CohortReading(apart[:, :, k], score, below[:, :, k]) for k in range(readings.shape[2])]
