"""The same twins under every draw of what is not known: then only the draw moves what is found of them on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.sampling import Block
from thymos.trial.headlines import OUTPUTS, Course, Headline, days_of
from thymos.trial.pairs import Pairs, treatment

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
PATIENTS = 24


class Twins:
    """Treated patients of a study and their untreated twins up to a last day."""

    def __init__(self, study: Study, seed: int, last: float, workers: int) -> None:
        self.study = study
        self.days, self.planned = days_of(study.visits.days, last)
        self.pairs = Pairs(study, seed, self.days.tolist(), OUTPUTS, workers)

    def found(
        self,
        values: Mapping[str, Floats],
        block: Block,
        which: NDArray[np.intp],
        headlines: Sequence[Headline],
    ) -> Floats:
        """Headlines (row, headline) of patient `which[r]` of the block under the values of row r."""
        people = self.pairs.people(values, block, which)
        twin, treated = (
            Course(self.days, self.planned, self.pairs.course(values, people, treatment(self.study, arm)))
            for arm in (self.study.arms[0], self.study.arms[-1])
        )
        return np.stack([headline.of(treated, twin) for headline in headlines], axis=1)

    def on_average(
        self, values: Mapping[str, Floats], headlines: Sequence[Headline], patients: int = PATIENTS
    ) -> Floats:
        """Means over the same patients under each draw of the values (draw, headline); nan where one failed."""
        draws = len(next(iter(values.values())))
        each = {name: np.tile(x, patients) for name, x in values.items()}
        which = np.repeat(np.arange(patients), draws)
        found = self.found(each, Block(2, 0, patients), which, headlines)
        return np.asarray(found.reshape(patients, draws, -1).mean(axis=0))
