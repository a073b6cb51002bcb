"""What is known of one patient, as a study of nobody else: the platform's, with the patient's own facts in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.study_schema import Study
from thymos.lang.errors import StudyError
from thymos.therapy.genotype import HOSTS
from thymos.trial.patient import OLDEST, STUDIES
from thymos.trial.run import load_study, shipped

if TYPE_CHECKING:
    from thymos.io.patient_file import PatientFile


def platform_of(patient: PatientFile) -> str:
    """The shipped study whose transplant the patient had; raises `StudyError` where nothing says it."""
    if patient.platform is not None:
        if patient.platform not in shipped():
            raise StudyError("patient, platform", f"one of {', '.join(shipped())}", patient.platform)
        return patient.platform
    if patient.diagnosis not in STUDIES:
        raise StudyError("patient, diagnosis", f"one of {', '.join(STUDIES)}", patient.diagnosis)
    return STUDIES[patient.diagnosis]


def study_for(patient: PatientFile) -> Study:
    """The study in which every virtual patient shares what is known of this one; the rest is as on the platform."""
    if not 0 <= patient.age <= OLDEST:
        raise StudyError("patient, age", f"an age between 0 and {OLDEST:g} year", f"{patient.age:g} year")
    said = load_study(platform_of(patient)).model_dump(mode="json", exclude_none=True)
    said["basis"] = []
    people = said["population"]
    people["age"] = _fixed(f"{patient.age!r} year")
    if patient.diagnosis in HOSTS:
        people["diagnosis"] = {patient.diagnosis: 1.0}
    for known in ("infection_at_transplant", "residual_disease"):
        if getattr(patient, known) is not None:
            people[known] = float(getattr(patient, known))
    if patient.sex is not None:
        people["female"] = float(patient.sex == "female")
    if patient.cmv.recipient is not None:
        people["cmv_positive"] = float(patient.cmv.recipient == "positive")
    if patient.cmv.donor is not None:
        people["donor"] = people.get("donor", {}) | {"cmv_positive": float(patient.cmv.donor == "positive")}
    said["graft"] |= _graft(patient)
    said["conditioning"] = _conditioning(patient, said["conditioning"])
    return Study.model_validate(said)


def _fixed(value: Any) -> dict[str, Any]:
    return {"kind": "fixed", "value": value}


def _graft(patient: PatientFile) -> dict[str, Any]:
    given = patient.graft.model_dump(mode="json", exclude_none=True)
    plain = ("source", "depletion")
    return {name: value if name in plain else _fixed(value) for name, value in given.items()}


def _conditioning(patient: PatientFile, platform: dict[str, Any]) -> dict[str, Any]:
    """The patient's own conditioning, the platform's where none is said; antibodies each for themselves."""
    antibodies: dict[str, Any] = {name: platform[name] for name in ("atg", "alemtuzumab") if name in platform}
    own = dict(platform)
    if patient.conditioning is not None:
        own = patient.conditioning.model_dump(mode="json", exclude_none=True)
    if patient.serotherapy is not None:
        given = patient.serotherapy.model_dump(mode="json", exclude_none=True)
        antibodies = {name: drug | {"dose": _fixed(drug["dose"])} for name, drug in given.items()}
    return {key: value for key, value in own.items() if key not in ("atg", "alemtuzumab")} | antibodies
