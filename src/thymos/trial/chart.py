"""The reconstitution chart of one patient: each count against healthy people of its age and patients like it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.bibliography import ASSUMED, reference, references
from thymos.evidence.datasets.reference_ranges import ReferenceBand, reference_band
from thymos.trial.interval import Draws, probability
from thymos.trial.milestones import (
    ALARM_DAY,
    ALARMS,
    MILESTONES,
    YEAR,
    Alarm,
    Milestone,
    own_course,
    own_state,
)
from thymos.trial.patient import STUDIES
from thymos.trial.simulation import output_days
from thymos.trial.visits import LINEAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from thymos.io.patient_counts import Count, PatientCounts
    from thymos.io.patient_schema import PatientFile
    from thymos.io.study_schema import Study
    from thymos.trial.likes import Likes

Floats = NDArray[np.float64]
FORMAT = 1
WINDOWS = (365.0, 730.0)
"""Last days of a chart; later counts lengthen it."""
QUANTILES = {"q025": 0.025, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q975": 0.975}
COUNTED = ("cd3", "cd4", "cd8", "cd19", "nk")
"""Lineages of which healthy people were counted."""
UNIT = {"trec": "copy/uL"}


def chart_days(counts: PatientCounts, study: Study) -> Floats:
    """Days on which patients like this one are simulated: a smooth curve, the study's visits, and the counts'."""
    own = [count.day for count in counts.rows if count.day >= 0]
    last = next((window for window in WINDOWS if max(own, default=0.0) <= window), max(own, default=0.0))
    visits = [day for day in study.visits.days if day <= last]
    return np.unique(np.concatenate([output_days(last), visits, own, [ALARM_DAY]]))


def chart(
    patient: PatientFile, counts: PatientCounts, study: Study, days: Floats, likes: Likes
) -> dict[str, Any]:
    """What the chart shows, as plain numbers: docs/reference/json.md says each.

    study : the shipped study of the patient's transplant;  likes : patients like this one on `days`
    """
    expected = _Expected(days, likes.outputs)
    visits = np.asarray([day for day in study.visits.days if day <= days[-1]])
    scid = STUDIES.get(patient.diagnosis) == "scid-haplo"
    return {
        "format": FORMAT,
        "patient": {"label": patient.label, "age": patient.age, "diagnosis": patient.diagnosis},
        "platform": study.name,
        "simulated": expected.size,
        "doses": [{"day": dose.day, "per_kg": dose.dose} for dose in patient.product],
        "steroids": [{"from": course.from_day, "to": course.to_day} for course in patient.steroids],
        "counts": [_count(count, patient.age, expected) for count in counts.rows],
        "milestones": [_milestone(m, patient.age, counts, expected, visits) for m in MILESTONES],
        "alarms": [_alarm(alarm, counts, expected) for alarm in ALARMS] if scid else [],
        "expected": {name: expected.curve(name) for name in ("lymphocytes", *LINEAGES, "cd4_naive")},
        "reference": _reference(patient.age, days),
        "sources": _sources([*MILESTONES, *(ALARMS if scid else ())]),
        "notes": [*_notes(patient, counts, expected), *counts.notes],
    }


class _Expected:
    """Courses of patients like this one, (patient, day) by lineage."""

    def __init__(self, days: Floats, outputs: Mapping[str, Floats]) -> None:
        self.days = days
        self.courses = outputs
        self.size = len(outputs["cd4"])
        self.failed = int(np.isnan(outputs["cd4"]).any(axis=1).sum())

    def at(self, lineage: str, days: Floats) -> Floats:
        """Counts on days that were simulated, (patient, day)."""
        return np.asarray(self.courses[lineage][:, np.searchsorted(self.days, days)])

    def curve(self, lineage: str) -> dict[str, list[float]]:
        """Quantiles over patients by day."""
        found = np.nanquantile(self.courses[lineage], list(QUANTILES.values()), axis=0)
        return {"day": self.days.tolist(), **dict(zip(QUANTILES, found.tolist(), strict=True))}


@cache
def _band(lineage: str) -> ReferenceBand:
    return reference_band("NK" if lineage == "nk" else lineage.upper())


def _count(count: Count, age: float, expected: _Expected) -> dict[str, Any]:
    """One count beside healthy people of the same age and beside patients like this one."""
    row: dict[str, Any] = {
        "day": count.day,
        "lineage": count.lineage,
        "value": count.value,
        "unit": UNIT.get(count.lineage, "cell/uL"),
        "below": count.below,
        "assay": count.assay,
        "z": None,
        "centile": None,
        "expected": None,
        "place": None,
    }
    if count.lineage in COUNTED:
        band, then = _band(count.lineage), age + count.day / YEAR
        row |= {"z": float(band.z(count.value, then)), "centile": float(band.centile(count.value, then))}
    if count.day >= 0:
        like = expected.at(count.lineage, np.array([count.day]))[:, 0]
        row |= {"expected": float(np.nanmedian(like)), "place": _place(count, like)}
    return row


def _place(count: Count, like: Floats) -> str:
    """`behind` the 80 % band of patients like this one, `on`, or `ahead`; below a limit, behind only where that is."""
    low, high = np.nanquantile(like, (0.1, 0.9))
    if count.below:
        return "behind" if count.value <= low else "on"
    return "behind" if count.value < low else "ahead" if count.value > high else "on"


def _milestone(
    milestone: Milestone, age: float, counts: PatientCounts, expected: _Expected, visits: Floats
) -> dict[str, Any]:
    state, day = own_state(milestone, counts, age)
    like = milestone.day(visits, expected.at(milestone.lineage, visits), age)
    low, middle, high = (_finite(x) for x in np.quantile(like, (0.1, 0.5, 0.9), method="inverted_cdf"))
    return {
        "key": milestone.key,
        "text": milestone.text,
        "state": state,
        "day": _finite(day),
        "like": {
            "reached": probability(np.isfinite(like), _alone(len(like))),
            "by": min(float(visits[-1]), milestone.horizon),
            "day": {"median": middle, "low": low, "high": high},
        },
    }


def _alarm(alarm: Alarm, counts: PatientCounts, expected: _Expected) -> dict[str, Any]:
    then = expected.at(alarm.lineage, np.array([ALARM_DAY]))[:, 0]
    return {
        "key": alarm.key,
        "text": alarm.text,
        "state": alarm.state(*own_course(counts, alarm.lineage)),
        "like": probability(then < alarm.level, _alone(len(then))),
    }


def _alone(size: int) -> Draws:
    """Every patient has a draw of its own."""
    return Draws.of(np.arange(size))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _reference(age: float, days: Floats) -> dict[str, Any]:
    """Healthy people of the patient's age on each day, and who measured them."""
    bands = {lineage: _band(lineage) for lineage in COUNTED}
    ages = age + days / YEAR
    children, adults = (references()[key].short for key in bands["cd4"].sources)
    return {
        "by": [f"{children} (children)", f"{adults} (adults)"],
        "lineages": {
            lineage: {
                "day": days.tolist(),
                **{f"p{p}": band.percentile(float(p), ages).tolist() for p in (5, 50, 95)},
            }
            for lineage, band in bands.items()
        },
    }


def _sources(marks: Sequence[Milestone | Alarm]) -> list[dict[str, str]]:
    """Who measured healthy people, and who found what the marks mean."""
    keys = {key for lineage in COUNTED for key in _band(lineage).sources} | {mark.source for mark in marks}
    return [{"key": key, "text": reference(key)} for key in sorted(keys - {ASSUMED})]


def _notes(patient: PatientFile, counts: PatientCounts, expected: _Expected) -> list[str]:
    notes = ["ages above 89 year are pooled: read as 90"] if patient.pooled else []
    if early := sum(count.day < 0 for count in counts.rows):
        notes.append(f"counts from before transplant stand in the table alone: {early}")
    if expected.failed:
        notes.append(f"{expected.failed} of {expected.size} simulated patients could not be computed")
    return notes
