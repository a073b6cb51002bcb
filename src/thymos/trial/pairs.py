"""Twins under given assumptions: the same patients with and without the product, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.culture import typical_lots
from thymos.therapy.recipient import recipient_program
from thymos.therapy.sampling import Block, Sample, fill
from thymos.trial.population import Population, under
from thymos.trial.simulation import protocol_of
from thymos.trial.uncertain import settings

if TYPE_CHECKING:
    from thymos.io.study_schema import Arm, Study

Floats = NDArray[np.float64]
RTOL, ATOL = 1e-5, 1e-4  # a trial's own is as exact: twins are subtracted
TOGETHER = 8192  # rows solved in one go: bounds the memory of what is recorded, never a number


@dataclass(frozen=True)
class Treatment:
    """What a patient gets: progenitors per kg on a day, and again on another."""

    dose: float
    day: float
    second_dose: float = 0.0
    second_day: float = np.inf


def treatment(study: Study, arm: Arm) -> Treatment:
    """An arm's dose on the middle of its window; the twin is stopped for on the same day."""
    window = arm.day or next((a.day for a in study.arms if a.day), None)
    return Treatment(arm.dose, np.inf if window is None else (window.low + window.high) / 2)


class Pairs:
    """Patients of a study under assumptions that differ from row to row; chance is that of the seed.

    days : output times [day];  outputs : names of what is recorded
    The product is the typical lot of the study's culture, and there is enough of it.
    """

    def __init__(
        self, study: Study, seed: int, days: Sequence[float], outputs: Sequence[str], workers: int = 1
    ) -> None:
        self.study, self.seed, self.workers = study, seed, workers
        self.days, self.outputs = np.asarray(days, dtype=np.float64), tuple(outputs)
        self.program = recipient_program()
        self.chosen = settings(study)
        lots = typical_lots(protocol_of(study.culture), study.graft.source, {})
        self.competence = float(lots.attributes.competence[0])

    def people(self, values: Mapping[str, Floats], block: Block, which: NDArray[np.intp]) -> Population:
        """Row r is patient `which[r]` of the block under the typical values of row r."""
        return under({n: x for n, x in values.items() if "=" not in n}, self.study, self.seed, block, which)

    def course(self, values: Mapping[str, Floats], people: Population, given: Treatment) -> Sample:
        """True courses by output (row, day); nan where a patient could not be solved."""
        weight = people.covariates["weight"]
        extra = {
            "dose": given.dose * weight * self.competence,
            "infusion_day": np.full(people.size, given.day),
            "second_dose": given.second_dose * weight * self.competence,
            "second_infusion_day": np.full(people.size, given.second_day),
        }
        switches = self.chosen | {name: x for name, x in values.items() if "=" in name}
        matrix = fill(self.program, people.size, people.parameters, people.covariates, extra, switches)
        found = {name: np.empty((people.size, len(self.days))) for name in self.outputs}
        for first in range(0, people.size, TOGETHER):
            part = slice(first, first + TOGETHER)
            solved = self.program.solve(
                matrix[:, part], self.days, rtol=RTOL, atol=ATOL, workers=self.workers
            )
            for name, into in found.items():
                into[part] = solved.outputs[:, :, self.program.output_index(name)]
                into[part][solved.status != 0] = np.nan
        return found
