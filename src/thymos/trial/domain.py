"""Where the model has no business: patients and counts that it refuses, or takes only with a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from thymos.lang.errors import DataError, StudyError
from thymos.lang.streams import stream
from thymos.trial.known import platform_of
from thymos.trial.likes import gvhd_of
from thymos.trial.run import load_study
from thymos.trial.traits import drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.io.patient_counts import PatientCounts
    from thymos.io.patient_file import PatientFile
    from thymos.io.study_schema import Study

AGES = 2000  # drawn to learn which ages a platform treats
RARE = 0.01
"""Tail probability from which counts are called surprising."""


class Notes(NamedTuple):
    """What a reader has to know.

    warnings : what is odd
    outside  : why the model has no experience with this; what it says is then marked
    """

    warnings: tuple[str, ...]
    outside: tuple[str, ...]


def check(patient: PatientFile, counts: PatientCounts, until: float) -> Notes:
    """Notes on a patient and its counts; raises `DataError` or `StudyError` for what cannot be forecast."""
    study = load_study(platform_of(patient))
    after = [row for row in counts.rows if row.day >= 0]
    if not after:
        hint = "counts before the transplant say nothing of the course after it"
        raise DataError("counts", "at least one count on day 0 or later", "none", hint)
    today = after[-1].day
    _days(study, today, until)
    known = gvhd_of(patient)
    if known is not None and known.day is not None and known.day > today:
        hint = "leave gvhd out, or add the counts since"
        raise StudyError(
            "patient, gvhd", f"an onset by day {today:g}, the last count", f"{known.day:g}", hint
        )
    before = len(counts.rows) - len(after)
    left = [f"{before} counts from before the transplant are not used"] if before else []
    return Notes((*counts.notes, *left), tuple(_age(study, patient.age)))


def _days(study: Study, today: float, until: float) -> None:
    end = study.follow_up
    if today >= end:
        raise DataError(
            "counts", f"a last count before day {end:g}", f"day {today:g}", "leave the late ones out"
        )
    if not today < until <= end:
        wanted = f"a day after the last count ({today:g}) and up to {end:g}"
        raise StudyError("the end of the forecast", wanted, f"{until:g}")


def _age(study: Study, age: float) -> list[str]:
    ages = drawn(study.population, AGES, lambda name: stream(0, f"population.shape {name}")).age
    low, high = float(ages.min()), float(ages.max())
    if low <= age <= high:
        return []
    return [f"{study.name} treats patients of {low:.3g} to {high:.3g} years, this one is {age:.3g}"]


def surprised(
    each: Sequence[float], overall: float, least: float, names: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Warnings about single counts, and what puts the whole course outside the model's experience.

    least : smallest tail probability times the number of counts
    """
    rare = [f"{name} (p {p:.2g})" for name, p in zip(names, each, strict=True) if p < RARE]
    warnings = [f"unexpected after what came before: {', '.join(rare)}"] if rare else []
    if min(overall, least) >= RARE:
        return warnings, []
    return warnings, [f"the model hardly produces such a course (p {min(overall, least):.2g})"]
