"""What a patient's counts may come to: draws of what laboratories will report, and milestones with their chances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.assay import ASSAYS
from thymos.evidence.datasets.reference_ranges import reference_band
from thymos.lang.streams import stream
from thymos.trial.endpoints import CD4_200, CD4_EARLY
from thymos.trial.endpoints.recovery import DayOfRecovery
from thymos.trial.likes import COUNTED
from thymos.trial.visits import Visits

if TYPE_CHECKING:
    from thymos.io.patient_counts import PatientCounts
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
HALF_YEAR, YEAR = 183.0, 365.0
MARKS = (100.0, HALF_YEAR, YEAR)
"""Days [day] of which forecasts speak."""
BY_A_DAY = ("cd4_50_twice_day100", "cd4_200_month6", "cd4_reference_year")
"""Milestones that count only up to a day."""
HORIZON = {
    "cd4_50_twice_day100": 100.0,
    "cd4_200_month6": HALF_YEAR,
    "cd4_200": 0.0,
    "cd4_reference_year": YEAR,
}
"""Day up to which a forecast has to reach to speak of a milestone."""
TEXT = {
    "cd4_50_twice_day100": "CD4 above 50/uL at two visits in a row by day 100",
    "cd4_200_month6": "CD4 above 200/uL at two visits in a row by 6 months",
    "cd4_200": "CD4 above 200/uL at two visits in a row",
    "cd4_reference_year": "CD4 course at the 5th centile of the age by a year",
}
CENTILE = 5.0
CD4_HALF_YEAR = DayOfRecovery("cd4", threshold=200.0, horizon=HALF_YEAR)


@dataclass(frozen=True)
class Ahead:
    """Draws of the days to come; equal weight.

    day      : days after transplant (day,)
    course   : true values without day-to-day departures, by name (draw, day) [cell/uL; trec copy/uL]
    reported : what a laboratory reports on that day;  below : whether it is the limit
    """

    day: Floats
    course: Mapping[str, Floats]
    reported: Mapping[str, Floats]
    below: Mapping[str, NDArray[np.bool_]]


def measured(day: Floats, course: Mapping[str, Floats], departure: Mapping[str, Floats], seed: int) -> Ahead:
    """Courses and departures of their logarithms (draw, day), seen through the assay of each lineage."""
    reported, below = {}, {}
    for name, true in course.items():
        rng = stream(seed, f"forecast.assay.{name}")
        reported[name], below[name] = ASSAYS[COUNTED[name]].measure(true * np.exp(departure[name]), rng)
    return Ahead(day, course, reported, below)


def schedule(study: Study, today: float, until: float) -> Floats:
    """Days on which the platform's protocol takes blood after `today`."""
    return np.array([day for day in study.visits.days if today < day <= until])


def milestones(
    ahead: Ahead, counts: PatientCounts, study: Study, age: float, today: float
) -> dict[str, Floats]:
    """The day of each milestone (draw,), inf where it is not reached; by name.

    age : at transplant [year];  today : day of the last of the counts that are used

    `cd4_50_twice_day100` and `cd4_200_month6` are two consecutive reported counts above the level, the patient's own
    counts among them, at the visits of the platform; `cd4_200` the same without a horizon; `cd4_reference_year` is the
    first day to come on which the course reaches the 5th centile of the age.
    """
    visits = _visits(ahead, counts, study, today)
    return {
        "cd4_50_twice_day100": CD4_EARLY.evaluate(visits),
        "cd4_200_month6": CD4_HALF_YEAR.evaluate(visits),
        "cd4_200": CD4_200.evaluate(visits),
        "cd4_reference_year": _reference_reached(ahead, age),
    }


def _visits(ahead: Ahead, counts: PatientCounts, study: Study, today: float) -> Visits:
    own = {row.day: row.value for row in counts.of("cd4") if 0 <= row.day <= today}
    planned = schedule(study, today, ahead.day[-1])
    at = np.searchsorted(ahead.day, planned)
    seen = np.broadcast_to(list(own.values()), (len(ahead.reported["cd4"]), len(own)))
    days = np.concatenate([list(own), planned])
    cd4 = np.concatenate([seen, ahead.reported["cd4"][:, at]], axis=1)
    return Visits(days, np.broadcast_to(days, cd4.shape), {"cd4": cd4}, {})


def _reference_reached(ahead: Ahead, age: float) -> Floats:
    level = reference_band("CD4").percentile(CENTILE, age + ahead.day / 365.25)
    above = (ahead.course["cd4"] >= level) & (ahead.day <= YEAR)
    return np.where(above.any(axis=1), ahead.day[np.argmax(above, axis=1)], np.inf)
