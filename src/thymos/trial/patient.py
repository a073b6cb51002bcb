"""One virtual patient and its untreated twin: what is possible, given what is known of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.io.study_schema import Study
from thymos.lang.errors import StudyError
from thymos.therapy.genotype import HOSTS
from thymos.therapy.sampling import blocks_of
from thymos.trial.interval import Draws, probability, quantity
from thymos.trial.papers import band
from thymos.trial.run import load_study
from thymos.trial.simulation import Simulation, Treated
from thymos.trial.tables import UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STUDIES = {
    "scid": "scid-haplo",
    **{name: "scid-haplo" for name in ("il2rg-jak3", "il7r", "rag-artemis", "ada")},
}
STUDIES |= {name: "leukaemia-tdepleted" for name in ("aml", "all", "mds")}
"""The shipped study whose transplant a diagnosis gets."""
OLDEST = 100.0
DAYS = (14, 21, 30, 45, 60, 75, 90, 100, 120, 150, 180, 240, 300, 365, 545, 730)


def simulate_patient(
    age: float, diagnosis: str, day: float, dose: float, seed: int = 1, draws: int = 200, workers: int = 1
) -> dict[str, Any]:
    """Courses of both twins, with 95 % intervals over what is not known of the patient and of biology.

    age : years at transplant;  diagnosis : a key of `STUDIES`;  day : of the infusion
    dose : CD7+CD3- cells per kg;  draws : virtual patients behind the interval
    """
    study = study_of(age, diagnosis, day, dose)
    simulation = Simulation(study, seed, blocks_of(draws, draws), 0, workers)
    arms = [_arm(simulation, simulation.treat(arm)) for arm in study.arms]
    return {
        "age": age,
        "diagnosis": diagnosis,
        "day": day,
        "dose": {"value": dose, "unit": "cell/kg"},
        "seed": seed,
        "draws": draws,
        "study": study.name,
        "arms": arms,
        "reference_band": band(study, np.full(1, age)),
    }


def study_of(age: float, diagnosis: str, day: float, dose: float) -> Study:
    """The shipped study of a diagnosis, for this one patient; raises `StudyError` out of its domain."""
    if diagnosis not in STUDIES:
        raise StudyError("option --diagnosis", f"one of {', '.join(STUDIES)}", diagnosis)
    if not 0 <= age <= OLDEST:
        raise StudyError("option --age", f"an age between 0 and {OLDEST:g} year", f"{age:g} year")
    if dose < 0 or not np.isfinite(dose):
        raise StudyError("option --dose", "0 cell/kg or more", f"{dose:g} cell/kg")
    template = load_study(STUDIES[diagnosis])
    if not 0 <= day <= template.follow_up:
        raise StudyError("option --day", f"a day of infusion from 0 to {template.follow_up:g}", f"{day:g}")
    said = template.model_dump(mode="json", exclude_none=True)
    said["population"]["age"] = {"kind": "fixed", "value": f"{age!r} year"}
    if diagnosis in HOSTS:
        said["population"]["diagnosis"] = {diagnosis: 1.0}
    when = f"{day!r} day"
    said["arms"][-1] |= {"dose": f"{dose!r} cell/kg", "day": {"low": when, "high": when}}
    return Study.model_validate(said)


def _arm(simulation: Simulation, treated: Treated) -> dict[str, Any]:
    counts = {}
    for name, unit in UNITS.items():
        course = simulation.output(treated.solution, name)
        counts[name] = {str(day): quantity(_at(simulation, course, day), unit) for day in DAYS}
    above = _at(simulation, simulation.output(treated.solution, "cd4"), 100) > 50
    return {
        "name": treated.arm.name,
        "title": treated.arm.title or treated.arm.name,
        "counts": counts,
        "cd4_above_50_day100": probability(above, Draws.of(np.zeros(len(above), dtype=np.int64))),
        "failed": int(np.count_nonzero(treated.solution.status)),
    }


def _at(simulation: Simulation, course: Floats, day: float) -> Floats:
    """True values on the output day nearest to `day`."""
    return np.asarray(course[:, int(np.argmin(np.abs(simulation.times - day)))])
