"""Counts that a recovering patient should reach, and alarms: in one patient's own counts and in simulated courses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets.reference_ranges import reference_band
from thymos.trial.endpoints import DayOfRecovery
from thymos.trial.visits import Visits

if TYPE_CHECKING:
    from thymos.io.patient_counts import PatientCounts

Floats = NDArray[np.float64]
ALARM_DAY, ALARM_WINDOW = 100.0, 20.0
YEAR = 365.25  # day


@dataclass(frozen=True)
class Milestone:
    """Two consecutive counts of a lineage above a level.

    level   : cell/uL; None for the 5th centile of healthy people of the patient's age
    horizon : last day [day] on which a count still counts
    source  : key of references.bib
    """

    key: str
    text: str
    lineage: str
    level: float | None
    horizon: float
    source: str

    def levels(self, days: Floats, age: float) -> Floats:
        """Level [cell/uL] on each day for a patient of `age` [year] at transplant."""
        if self.level is not None:
            return np.full(len(days), self.level)
        return reference_band(self.lineage.upper()).percentile(5.0, age + days / YEAR)

    def day(self, days: Floats, counts: Floats, age: float) -> Floats:
        """First of the two days for each patient; inf for none.

        counts : cell/uL (patient, day), nan where nothing was counted
        """
        relative = counts / self.levels(days, age)
        seen = Visits(days, np.broadcast_to(days, counts.shape), {self.lineage: relative}, {})
        return DayOfRecovery(self.lineage, threshold=1.0, horizon=self.horizon).evaluate(seen)

    def first(self, days: Floats, counts: Floats, age: float) -> float:
        """First day on which one patient's count (day,) is above the level, confirmed or not; inf for none."""
        above = days[(counts > self.levels(days, age)) & (days <= self.horizon)]
        return float(above[0]) if len(above) else np.inf


MILESTONES = (
    Milestone("cd4_50_day100", "CD4 above 50/uL twice by day 100", "cd4", 50.0, 100.0, "vanroessel2020"),
    Milestone("cd4_200", "CD4 above 200/uL twice", "cd4", 200.0, np.inf, "assumed"),
    Milestone("cd4_healthy", "CD4 above the age's 5th centile twice", "cd4", None, np.inf, "shearer2003"),
)


@dataclass(frozen=True)
class Alarm:
    """A count around day 100 below which SCID patients more often needed a second transplant, or died."""

    key: str
    text: str
    lineage: str
    level: float
    source: str = "heimall2017"

    def state(self, days: Floats, counts: Floats) -> str:
        """`alarm` or `clear` by the count nearest to day 100, `due` before it, `no count` where none is near.

        days, counts : of one patient (day,) [day, cell/uL], below a limit 0
        """
        near = np.abs(days - ALARM_DAY) <= ALARM_WINDOW
        if not near.any():
            return "no count" if len(days) and days[-1] > ALARM_DAY + ALARM_WINDOW else "due"
        nearest = int(np.argmin(np.abs(days - ALARM_DAY)))
        return "alarm" if counts[nearest] < self.level else "clear"


ALARMS = (
    Alarm("cd3_300", "T cells below 300/uL at day 100", "cd3", 300.0),
    Alarm("cd8_50", "CD8 below 50/uL at day 100", "cd8", 50.0),
)
"""For SCID alone."""


def own_course(counts: PatientCounts, lineage: str) -> tuple[Floats, Floats]:
    """Days after transplant and counts [cell/uL] of one patient, both (day,).

    Where the assay's limit was not reached the count is 0: that never counts as above a level. Of two assays on one
    day the lower count is taken.
    """
    lowest: dict[float, float] = {}
    for count in counts.of(lineage):
        if count.day > 0:
            value = 0.0 if count.below else count.value
            lowest[count.day] = min(value, lowest.get(count.day, np.inf))
    days = sorted(lowest)
    return np.array(days, dtype=np.float64), np.array([lowest[day] for day in days], dtype=np.float64)


def own_state(milestone: Milestone, counts: PatientCounts, age: float) -> tuple[str, float]:
    """Where a patient of `age` [year] at transplant stands, and since which day (inf where none).

    `reached`, `once` (one count above, none after it), `not yet`, `missed` (too late now), or `no counts`.
    """
    days, values = own_course(counts, milestone.lineage)
    if not len(days):
        return "no counts", np.inf
    reached = float(milestone.day(days, values[None], age)[0])
    if np.isfinite(reached):
        return "reached", reached
    last = days[-1]
    if last <= milestone.horizon and values[-1] > milestone.levels(days, age)[-1]:
        return "once", float(last)
    return ("missed" if last >= milestone.horizon else "not yet"), np.inf
