"""Patients like this one: they share what is known of it and differ in everything that is not.

Each has an own draw of what nobody knows (typical values, from the posterior of the recipient) and of how patients
differ. A patient is a place: standard normal scores, one for each decision, so that a forecast can move patients
about without knowing what they are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.lang.streams import stream
from thymos.therapy import THERAPIES
from thymos.therapy.culture import culture_models, typical_lots
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, Sample, fill, values_of
from thymos.therapy.switches import indicators
from thymos.therapy.t_cell_course import TCellCourse, clonal_program
from thymos.trial.copula import Copula
from thymos.trial.known import study_for
from thymos.trial.population import NEVER, Population, Recruiter, learnt_by
from thymos.trial.scores import Chance, Scores
from thymos.trial.simulation import ATOL, RTOL, protocol_of

if TYPE_CHECKING:
    from thymos.engine import Program, Solution
    from thymos.evidence.values import Value
    from thymos.io.patient_file import PatientFile
    from thymos.therapy.posterior import Posterior

Floats = NDArray[np.float64]

COUNTED = {
    "cd3": "flow_count",
    "cd4": "flow_count",
    "cd8": "flow_count",
    "cd4_naive": "flow_count",
    "cd19": "flow_count",
    "nk": "flow_count",
    "trec": "trec",
    "lymphocytes": "flow_count",
}
"""What a laboratory may count, and the assay that counts it."""
FIRST_MOMENT = 1e-3  # day; nothing has happened yet, and the engine wants a moment to stop at
TOGETHER = 4096  # patients solved in one go; bounds memory, never moves a number


@dataclass(frozen=True)
class Treatment:
    """What is given after transplant; cells per kg, days after transplant, inf for never."""

    dose: float = 0.0
    day: float = NEVER
    second_dose: float = 0.0
    second_day: float = NEVER
    steroid_start: float = NEVER
    steroid_end: float = NEVER


class KnownGvhd(NamedTuple):
    """Acute GvHD II-IV as it is known.

    day    : of its onset [day after transplant]; None where it has not come
    severe : whether it is III-IV
    """

    day: float | None
    severe: bool


@dataclass(frozen=True)
class Likes:
    """Simulated patients.

    days       : days of the outputs (day,)
    outputs    : true values by name (patient, day) [cell/uL; trec copy/uL]; nan for a patient that failed
    parameters : what they are made of, by full name or name of the covariate (patient,)
    z          : where they stand among all who could be the patient: scores (patient, decision)
    """

    days: Floats
    outputs: Mapping[str, Floats]
    parameters: Mapping[str, Floats]
    z: Floats


def likes(patient: PatientFile, n: int, seed: int, days: Sequence[float] | Floats, workers: int = 1) -> Likes:
    """`n` patients like this one, drawn from what is believed before any of its counts is seen.

    days : rising days after transplant, from 0 on
    """
    alike, when = Alike(patient), np.asarray(days, dtype=np.float64)
    z = alike.places(n, seed)
    return Likes(when, alike.outputs(z, when, workers=workers), alike.numbers(z), z)


def treatment_of(patient: PatientFile) -> Treatment:
    """What the file says was given; raises `StudyError` for more than one course of steroids."""
    if len(patient.steroids) > 1:
        hint = "give the longest one; steroids against GvHD follow its severity without being said"
        raise StudyError("patient, steroids", "at most one course", f"{len(patient.steroids)}", hint)
    doses = [(infusion.dose, infusion.day) for infusion in patient.product]
    (first, day), (second, second_day) = [*doses, (0.0, NEVER), (0.0, NEVER)][:2]
    course = patient.steroids[0] if patient.steroids else None
    start = NEVER if course is None else max(course.from_day, 0.0)
    end = NEVER if course is None or course.to_day is None else course.to_day
    return Treatment(first, day, second, second_day, start, end)


def gvhd_of(patient: PatientFile) -> KnownGvhd | None:
    """What the file says of acute GvHD II-IV; None where it says nothing, and grade I is none of it."""
    if patient.gvhd is None:
        return None
    grade, day = patient.gvhd.grade, patient.gvhd.onset_day
    if grade in ("none", "I"):
        return KnownGvhd(None, False)
    if day is None:
        raise StudyError("patient, gvhd, onset_day", f"the day on which grade {grade} began", "none")
    return KnownGvhd(day, grade in ("III", "IV"))


class Alike:
    """Everyone who could be the patient, given what is known of it.

    patient    : its file;  seen_until : day up to which nothing else happened than what the file says
    learnt     : joint draws of typical values and of switches; as the platform's study says where not given
    """

    def __init__(
        self, patient: PatientFile, seen_until: float = 0.0, learnt: Posterior | None = None
    ) -> None:
        self.patient, self.seen_until = patient, seen_until
        self.study = study_for(patient)
        self.given = treatment_of(patient)
        self.gvhd = gvhd_of(patient)
        self.program = recipient_program()
        self.models = (*recipient_models(), THERAPIES[self.study.therapy]())
        self.learnt = Copula.of((learnt or learnt_by(self.study)).about(self.models).values)
        made = culture_models(self.study.graft.source, self.study.culture.vector is not None)
        self.chosen = indicators((*made, *recipient_models()), self.study.switches)
        learning = Scores()
        self._people(learning)
        self.decisions = tuple(learning.names)

    @cached_property
    def competence(self) -> float:
        """Share of the product's cells that can seed a thymus, of the typical lot."""
        lots = typical_lots(protocol_of(self.study.culture), self.study.graft.source, {})
        return float(lots.attributes.competence[0])

    def places(self, n: int, seed: int) -> Floats:
        """`n` places drawn from what is believed: scores (patient, decision)."""
        return stream(seed, "likes.scores").standard_normal((n, len(self.decisions)))

    def outputs(
        self,
        z: Floats,
        days: Floats,
        treatment: Treatment | None = None,
        workers: int = 1,
        rtol: float = RTOL,
    ) -> dict[str, Floats]:
        """True values by name (patient, day) [cell/uL; trec copy/uL]; nan for a patient that failed.

        treatment : another than the one the patient got
        """
        solve = _Solver(self.program, workers, rtol)
        parts = [
            self._solved(z[i : i + TOGETHER], days, treatment or self.given, solve)
            for i in range(0, len(z), TOGETHER)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in COUNTED}

    def numbers(self, z: Floats) -> dict[str, Floats]:
        """What the patients are made of, by full name or name of the covariate (patient,)."""
        people = self._people(Scores(self.decisions, z))
        return {**people.parameters, **people.covariates}

    # ---- from a place to the engine

    def _people(self, scores: Scores) -> Population:
        return _Alikes(self, scores).population()

    def t_cells(
        self, z: Floats, days: Floats, treatment: Treatment | None = None, workers: int = 1
    ) -> tuple[TCellCourse, dict[str, Floats]]:
        """What the clones of the patients follow from, and what they are made of, by full name (patient,)."""
        solve = _Solver(clonal_program(), workers, RTOL)
        people, solution, covariates = self._course(z, days, treatment or self.given, solve)
        matrix = fill(solve.program, people.size, people.parameters, covariates)
        return TCellCourse.of(solve.program, solution, matrix), people.parameters

    def _course(
        self, z: Floats, days: Floats, treatment: Treatment, solve: _Solver
    ) -> tuple[Population, Solution, Sample]:
        people = self._people(Scores(self.decisions, z))
        covariates = people.covariates | self._given(treatment, people.covariates["weight"])
        covariates |= self._gvhd(people, covariates, days[-1], solve)
        return people, solve(people, covariates, days), covariates

    def _solved(self, z: Floats, days: Floats, treatment: Treatment, solve: _Solver) -> dict[str, Floats]:
        solution = self._course(z, days, treatment, solve)[1]
        found = {
            name: np.where(solution.status[:, None] == 0, solution.outputs[:, :, place], np.nan)
            for name, place in self._places_of_outputs.items()
        }
        return found | {"lymphocytes": found["cd3"] + found["cd19"] + found["nk"]}

    @cached_property
    def _places_of_outputs(self) -> dict[str, int]:
        return {name: self.program.output_index(name) for name in COUNTED if name != "lymphocytes"}

    def _given(self, treatment: Treatment, weight: Floats) -> dict[str, Any]:
        first = treatment.dose * weight * self.competence if treatment.dose else np.zeros_like(weight)
        second = treatment.second_dose * weight * self.competence if treatment.second_dose else first * 0
        return {
            "dose": first,
            "infusion_day": treatment.day,
            "second_dose": second,
            "second_infusion_day": treatment.second_day,
            "steroid_start": treatment.steroid_start,
            "steroid_end": treatment.steroid_end,
        }

    def _gvhd(self, people: Population, covariates: Sample, last: float, solve: _Solver) -> Sample:
        """When GvHD comes: on the day that is known; where none has come yet, later than that; else by chance.

        The threshold that does it is the hazard which that day has without GvHD, so it is solved for first.
        """
        if self.gvhd is None:
            return {}
        never = covariates | {"gvhd_threshold": np.full(people.size, np.inf)}
        known = self.gvhd
        if known.day is None and last <= self.seen_until:
            return {"gvhd_threshold": never["gvhd_threshold"]}
        day = self.seen_until if known.day is None else known.day
        solution = solve(people, never, np.array([max(day, FIRST_MOMENT)]))
        reached = solution.outputs[:, 0, self.program.output_index("gvhd_hazard")]
        if known.day is None:
            return {"gvhd_threshold": reached + people.covariates["gvhd_threshold"]}
        return {"gvhd_threshold": reached}


class _Solver(NamedTuple):
    """Solves people with their covariates and switches."""

    program: Program
    workers: int
    rtol: float

    def __call__(self, people: Population, covariates: Sample, days: Floats) -> Solution:
        matrix = fill(self.program, people.size, people.parameters, covariates)
        block = min(512, max(1, -(-people.size // self.workers)))  # no worker waits for another's last block
        atol = ATOL * self.rtol / RTOL
        return self.program.solve(matrix, days, self.rtol, atol, self.workers, block=block)


class _Alikes(Recruiter):
    """Recruits patients whose chance comes from scores, and whose typical values are each an own draw."""

    def __init__(self, alike: Alike, scores: Scores) -> None:
        self.alike, self.scores, self.n = alike, scores, len(scores)
        learnt = self._learnt()
        full = {name: self._value(name, value, learnt) for name, value in values_of(alike.models).items()}
        switches = {name: x for name, x in learnt.items() if "=" in name}
        # A study that names a switch pins it.
        pinned = {name: np.full(self.n, x) for name, x in alike.chosen.items()}
        super().__init__(alike.study, 0, Block(0, 0, self.n), full | switches | pinned, np.arange(self.n))

    def rng(self, name: str) -> Any:
        return Chance(self.scores, name)

    def weight(self, age: Floats) -> Floats:
        known = self.alike.patient.weight
        return super().weight(age) if known is None else np.full(self.n, known)

    def _hazards(self, residual: Floats, severe: NDArray[np.bool_]) -> Sample:
        known = self.alike.gvhd
        graded = severe if known is None or known.day is None else np.full(self.n, known.severe)
        return super()._hazards(residual, graded)

    def _learnt(self) -> Sample:
        """What data taught, each patient's own draw."""
        copula = self.alike.learnt
        scores = [self.scores.of(f"learnt.{name}") for name in copula.names]
        return copula.values(np.stack(scores, axis=1)) if scores else {}

    def _value(self, name: str, value: Value, learnt: Sample) -> Floats:
        middle = learnt[name] if name in learnt else self._typical(name, value)
        if value.variability.fixed:
            return middle
        drawn = value.individual(self.scores.uniform(f"variability.{name}"), middle)
        # Nothing can be spread around 0, nor around never.
        return np.where((middle > 0) & np.isfinite(middle), drawn, middle)

    def _typical(self, name: str, value: Value) -> Floats:
        if value.uncertainty.fixed:
            return np.full(self.n, value.value)
        return np.asarray(value.typical(self.scores.uniform(f"uncertainty.{name}")))
