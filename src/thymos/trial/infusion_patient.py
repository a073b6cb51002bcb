"""For whom an infusion is planned: the patients of a study, or those who are like one patient."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from thymos.lang.errors import StudyError
from thymos.trial.infusion import Infusion
from thymos.trial.patient import STUDIES, study_of
from thymos.trial.run import load_study, shipped

if TYPE_CHECKING:
    from thymos.io.study_schema import Study

USUAL_DOSE, USUAL_DAY = 0.5e6, 10.0  # the highest dose given (P005), a day of every protocol's window


def patient_study(name: str | None, age: float | None, diagnosis: str | None) -> Study:
    """The study that was named, or that of a patient's age and diagnosis."""
    if name is not None:
        if age is not None or diagnosis is not None:
            raise StudyError("option --age", "a study, or age and diagnosis", "both", "leave one of them out")
        return load_study(name)
    if age is None or diagnosis is None:
        missing = "--age" if age is None else "--diagnosis"
        said = "a study" if age is None and diagnosis is None else missing
        try_ = f"`{', '.join(shipped())}`, or --age 8 --diagnosis aml ({', '.join(STUDIES)})"
        raise StudyError(said, "a study, or age and diagnosis", "nothing", try_)
    return study_of(age, diagnosis, USUAL_DAY, USUAL_DOSE)


def held_infusion(
    study: Study,
    dose: float | None = None,
    day: float | None = None,
    doses: int = 1,
    gap: float = 14.0,
    atg: float | None = None,
) -> Infusion:
    """The infusion of the study's last arm, in the middle of its window, with what is said instead."""
    arm = study.arms[-1]
    window = (arm.day.low + arm.day.high) / 2 if arm.day else USUAL_DAY
    usual = Infusion(arm.dose or USUAL_DOSE, window)
    said = {"dose": dose, "day": day, "atg": atg}
    return replace(usual, doses=doses, gap=gap, **{k: v for k, v in said.items() if v is not None})
