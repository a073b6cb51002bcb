"""A cohort without product: patients of a study as a paper would describe them, and their true courses."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.study_schema import Study
from thymos.lang.errors import StudyError
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, blocks_of, fill, sample_each
from thymos.therapy.switches import indicators
from thymos.trial.population import Population, Recruiter, joined, learnt_by, models_of, population
from thymos.trial.simulation import ATOL, RTOL
from thymos.trial.visits import reported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


Floats = NDArray[np.float64]
LYMPHOCYTES = ("cd3", "cd19", "nk")
"""What adds up to the lymphocytes of a blood count."""


@dataclass(frozen=True)
class Cohort:
    """True courses of `draws` cohorts of the same size; a failed patient is nan throughout.

    days    : days after transplant (day,)
    outputs : what the recipient gives, by name (draw, patient, day); `lymphocytes` is CD3+ + CD19+ + NK
    people  : the patients, all draws one after the other
    """

    days: Floats
    outputs: dict[str, Floats]
    people: Population
    draws: int

    @property
    def failed(self) -> int:
        """Patients without a course."""
        return int(np.isnan(self.outputs["cd4"]).any(axis=-1).sum())

    def covariate(self, name: str) -> Floats:
        """One covariate (draw, patient)."""
        return self.people.covariates[name].reshape(self.draws, -1)

    def counted(self, lineage: str, rng: np.random.Generator) -> Floats:
        """What the assay reports of a lineage (draw, patient, day); the limit where it is below it."""
        if lineage == "lymphocytes":
            return np.asarray(sum(self.counted(part, rng) for part in LYMPHOCYTES))
        true = self.outputs[lineage]
        flat = true.reshape(-1, true.shape[-1])
        alive = np.ones(flat.shape, dtype=bool)
        return reported(lineage, flat, alive, [(slice(None), rng)])[0].reshape(true.shape)


def altered(study: Study, changes: Mapping[str, Any]) -> Study:
    """The study with other values in the fields named, `population.age`, as its file would say them.

    What the shipped study said of its sources is dropped. Raises `StudyError` for a field that is not there.
    """
    said = study.model_dump(mode="json", exclude_none=True) | {"basis": []}
    for path, value in changes.items():
        *parents, last = path.split(".")
        here: Any = said
        for step in parents:
            here = here.get(step) if isinstance(here, dict) else None
        if not isinstance(here, dict):
            raise StudyError(path, "a field of the study", "none of that name")
        here[last] = deepcopy(value)
    return Study.model_validate(said)


def cohort(
    study: Study,
    draws: int,
    patients: int,
    seed: int,
    days: Sequence[float] | Floats,
    workers: int = 1,
    fixed: Mapping[str, float] | None = None,
    covariates: Mapping[str, float | Floats] | None = None,
) -> Cohort:
    """`draws` draws of what is not known, each with its own `patients` patients, without product.

    days       : rising, after transplant;  fixed : typical values that are given rather than drawn
    covariates : of the recipient, given rather than drawn: one number, or (draw * patient,)
    """
    people = _people(study, draws, patients, seed, fixed)
    program, n = recipient_program(), draws * patients
    known = indicators(recipient_models(), study.switches)
    nothing = {"dose": 0.0, "infusion_day": np.inf}
    matrix = fill(program, n, people.parameters, people.covariates, nothing, known, covariates or {})
    times = np.asarray(days, dtype=np.float64)
    solution = program.solve(matrix, times, rtol=RTOL, atol=ATOL, workers=workers)
    shape = (draws, patients, len(times))
    outputs = {q.name: solution.outputs[:, :, i].reshape(shape) for i, q in enumerate(program.outputs)}
    outputs["lymphocytes"] = np.asarray(sum(outputs[name] for name in LYMPHOCYTES))
    return Cohort(times, outputs, people, draws)


def _people(
    study: Study, draws: int, patients: int, seed: int, fixed: Mapping[str, float] | None
) -> Population:
    if patients == 1:
        return _Each(study, seed, draws, fixed).population()
    blocks = blocks_of(draws * patients, draws, largest=patients)
    return joined([population(study, seed, block, fixed) for block in blocks])


class _Each(Recruiter):
    """Recruits patients who each have a draw of their own, all at once."""

    def __init__(self, study: Study, seed: int, n: int, fixed: Mapping[str, float] | None) -> None:
        values = sample_each(models_of(study), seed, n, fixed, learnt_by(study))
        super().__init__(study, seed, Block(0, 0, n), values, np.arange(n))
