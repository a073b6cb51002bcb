"""The repertoire of one patient as it may become: indices of many patients like it, and the clones of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.therapy.drawn_repertoire import Sequenced, sequenced
from thymos.therapy.measured_repertoire import DEPTH, MEASURES, over_days
from thymos.therapy.repertoire import Repertoire, clonal_models
from thymos.therapy.sampling import sample_each
from thymos.trial.likes import Alike, Treatment
from thymos.trial.simulation import output_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.io.patient_file import PatientFile

Floats = NDArray[np.float64]
DAYS = (30.0, 60.0, 100.0, 180.0, 270.0, 365.0)
STRIDE = 2
ENDS = {"low": 0.025, "middle": 0.5, "high": 0.975}
TYPICAL = 100.0
"""Day on whose number of T cells the patient is chosen whose clones are drawn: the one in the middle."""


@dataclass(frozen=True)
class PatientRepertoire:
    """Patients like one, with and without the product.

    patient : its file;  n : patients;  days : on which something is said [day after transplant]
    """

    patient: PatientFile
    n: int
    seed: int
    days: tuple[float, ...] = DAYS
    workers: int = 1

    def __post_init__(self) -> None:
        last = self.alike.study.follow_up
        if (
            not self.days
            or min(self.days) <= 0
            or max(self.days) > last
            or sorted(self.days) != list(self.days)
        ):
            got = ", ".join(f"{day:g}" for day in self.days) or "none"
            raise StudyError("option --days", f"rising days after transplant, up to {last:g}", got)

    @cached_property
    def alike(self) -> Alike:
        """Everyone who could be the patient."""
        return Alike(self.patient)

    @property
    def arms(self) -> dict[str, Treatment]:
        """What is compared: the transplant alone, and with what the file says was given."""
        given = self.alike.given
        alone = Treatment(steroid_start=given.steroid_start, steroid_end=given.steroid_end)
        return {"alone": alone} | ({"product": given} if given.dose else {})

    @cached_property
    def repertoires(self) -> dict[str, Repertoire]:
        """The same patients in each arm."""
        z = self.alike.places(self.n, self.seed)
        grid = np.union1d(output_days(max(self.days)), self.days)
        clonal = sample_each(clonal_models(), self.seed, self.n)
        found = {}
        for arm, treatment in self.arms.items():
            course, parameters = self.alike.t_cells(z, grid, treatment, self.workers)
            found[arm] = Repertoire(course.at(STRIDE, self.days), parameters | clonal)
        return found

    def measures(self) -> dict[str, dict[str, dict[str, Floats]]]:
        """By arm and measure: `low`, `middle`, `high` (day,), 95 % of patients like this one."""
        who = [(0, i) for i in range(self.n)]
        found = {}
        for arm, repertoire in self.repertoires.items():
            values = over_days(repertoire, self.days, self.days, self.seed, who)
            found[arm] = {name: _band(x) for name, x in values.items()}
        return found

    def drawn(self, arm: str) -> Sequenced:
        """The clones of the patient in the middle, and a sample of them on each day."""
        repertoire = self.repertoires[arm]
        return sequenced(repertoire.take(self._typical), self.days, DEPTH, self.seed)

    @cached_property
    def _typical(self) -> int:
        course = next(iter(self.repertoires.values())).course
        k = int(np.argmin(np.abs(course.times - TYPICAL)))
        cells = sum(
            course.by_origin[f"{kind}_cells"][..., k].sum(axis=(1, 2)) for kind in ("naive", "memory")
        )
        return int(np.argsort(cells)[len(cells) // 2])

    def summary(self) -> dict[str, Any]:
        """The documented object."""
        return {
            "label": self.patient.label,
            "study": self.alike.study.name,
            "patients": self.n,
            "seed": self.seed,
            "depth": DEPTH,
            "days": list(self.days),
            "measures": {name: measure.text for name, measure in MEASURES.items()},
            "arms": {
                arm: {name: {end: _listed(x) for end, x in band.items()} for name, band in found.items()}
                for arm, found in self.measures().items()
            },
        }


def _band(values: Floats) -> dict[str, Floats]:
    """Quantiles over the patients of whom something can be said (day,)."""
    found = {end: np.full(values.shape[1], np.nan) for end in ENDS}
    for i, column in enumerate(values.T):
        some = column[np.isfinite(column)]
        if some.size:
            for end, q in ENDS.items():
                found[end][i] = np.quantile(some, q)
    return found


def _listed(values: Sequence[float] | Floats) -> list[float | None]:
    return [float(x) if np.isfinite(x) else None for x in values]
