"""The repertoire of one patient as it may become: indices of many patients like it, and the clones of one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.antigens.response import at_least, first_day
from thymos.biology.repertoire.clones.clones import together
from thymos.io.clonotypes import Clonotypes
from thymos.lang.errors import StudyError
from thymos.therapy.drawn_repertoire import Sequenced, sequenced
from thymos.therapy.measured_repertoire import DEPTH, MEASURES, answers, over_days
from thymos.therapy.repertoire import Repertoire, clonal_models
from thymos.therapy.sampling import sample_each
from thymos.therapy.selected_receptors import Thymuses
from thymos.trial.likes import Alike, Treatment
from thymos.trial.simulation import output_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.biology.repertoire.vdj.recombination import Recombination
    from thymos.io.patient_file import PatientFile

Floats = NDArray[np.float64]
DAYS = (30.0, 60.0, 100.0, 180.0, 270.0, 365.0)
STRIDE = 2
ENDS = {"low": 0.025, "middle": 0.5, "high": 0.975}
MOST, PROBABLE = 0.5, 0.9
"""Share of the peptides of a kind that has to be answered, and the probability of that, for a functional response."""
TYPICAL = 100.0
"""Day on whose number of T cells the patient is chosen whose clones are drawn: the one in the middle."""


@dataclass(frozen=True)
class PatientRepertoire:
    """Patients like one, with and without the product.

    patient : its file;  n : patients;  days : on which something is said [day after transplant]
    depth   : T cells that are sequenced
    """

    patient: PatientFile
    n: int
    seed: int
    days: tuple[float, ...] = DAYS
    depth: float = DEPTH
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
            raise StudyError("option --day", f"rising days after transplant, up to {last:g}", got)

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
            values = over_days(repertoire, self.days, self.days, self.seed, who, self.depth)
            found[arm] = {name: _band(x) for name, x in values.items()}
        return found

    def drawn(self, arm: str) -> Sequenced:
        """The clones of the patient in the middle, and a sample of them on each day."""
        repertoire = self.repertoires[arm]
        return sequenced(repertoire.take(self._typical), self.days, self.depth, self.seed)

    def samples(self, arm: str, model: Recombination) -> tuple[list[Clonotypes], dict[str, dict[str, float]]]:
        """What a sequencer would give of that patient on each day, and whom its cells recognise, by origin.

        Receptors are drawn from a model of TRB until the thymus that made the clone lets them out; apart from that no
        clone is large for what it recognises.
        """
        seen, thymuses = self.drawn(arm), Thymuses(self.seed, self.workers)
        origin = np.array([kind[0] for kind in seen.kind.tolist()])
        chains = thymuses.receptors(model, origin)
        columns = zip(chains.cdr3(), chains.cdr3_bases(), chains.v.tolist(), chains.j.tolist(), strict=True)
        receptors = [(aa, bases, model.v[v].name, model.j[j].name) for aa, bases, v, j in columns]
        samples = [
            _sample(f"day{day:g}", receptors, cells)
            for day, cells in zip(self.days, seen.cells.T, strict=True)
            if cells.any()
        ]
        return samples, thymuses.recognition(chains, origin, seen.cells.sum(axis=1))

    def response_days(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """By arm and kind of peptide: the first day on which most of them are probably answered, in 95 % of patients.

        Most: half; probably: with a probability of 0.9. Days are those of the course; None where it never comes.
        """
        return {
            arm: {kind: _waiting(x) for kind, x in self._response(repertoire).items()}
            for arm, repertoire in self.repertoires.items()
        }

    @staticmethod
    def _response(repertoire: Repertoire) -> dict[str, Floats]:
        times = repertoire.course.times
        found = []
        for k in range(1, len(times)):
            naive = together(repertoire.emigrants(k), repertoire.residents(k))
            found.append({kind: at_least(MOST, x) for kind, x in answers(naive).items()})
        return {
            kind: first_day(times[1:], np.stack([one[kind] for one in found], axis=-1), PROBABLE)
            for kind in found[0]
        }

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
            "depth": self.depth,
            "days": list(self.days),
            "measures": {name: measure.text for name, measure in MEASURES.items()},
            "arms": {
                arm: {name: {end: _listed(x) for end, x in band.items()} for name, band in found.items()}
                for arm, found in self.measures().items()
            },
            "response": self.response_days(),
        }


def _sample(name: str, receptors: list[tuple[str, str, str, str]], cells: NDArray[np.int64]) -> Clonotypes:
    """The clonotypes of one sample; clones of one rearrangement are one of them."""
    counts: dict[tuple[str, str, str, str], int] = {}
    for i in np.flatnonzero(cells):
        counts[receptors[i]] = counts.get(receptors[i], 0) + int(cells[i])
    aa, bases, v, j = zip(*counts, strict=True)
    clonotypes = Clonotypes.of(name, aa, v, j, list(counts.values()), bases)
    return replace(clonotypes, counted="duplicate_count")


def _waiting(days: Floats) -> dict[str, float | None]:
    """Quantiles of a waiting time in which never counts as infinite."""
    found = np.quantile(days[~np.isnan(days)], list(ENDS.values()), method="lower")
    return {end: float(x) if np.isfinite(x) else None for end, x in zip(ENDS, found, strict=True)}


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
