"""How many patients have met each event by each day, from the first times that the engine reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from thymos.engine.reducers.bins import Floats, Whole
from thymos.lang.errors import SolveError

if TYPE_CHECKING:
    from thymos.engine.program import Program
    from thymos.engine.solution import Solution


@dataclass(frozen=True)
class Incidence:
    """Keep how many patients met each event by each of these days.

    days   : rising [day]
    events : names of the events to keep; None keeps all
    """

    days: ArrayLike
    events: tuple[str, ...] | None = None

    def begin(self, program: Program, times: Floats) -> _Tally:
        """An empty table."""
        days = np.atleast_1d(np.asarray(self.days, dtype=np.float64))
        if not days.size or np.isnan(days).any() or (np.diff(days) <= 0).any():
            raise SolveError(f"{program.name}, incidence", "rising days", np.array2string(days, threshold=6))
        events = program.events if self.events is None else self.events
        columns = [program.event_index(name) for name in events]
        counts = np.zeros((len(events), days.size), np.int64)
        return _Tally(columns, EventTable(tuple(events), days, counts))


@dataclass
class EventTable:
    """Patients by event and day; competing events are what the model makes of them.

    happened : (event, day) patients in whom the event came on or before the day
    patients : all, those that failed among them
    failed   : patients that could not be solved: whether the event came is not known
    """

    events: tuple[str, ...]
    days: Floats
    happened: Whole
    patients: int = 0
    failed: int = 0

    @property
    def share(self) -> Floats:
        """Of all patients, those in whom the event is known to have come, (event, day); NaN of nobody."""
        return self.happened / self.patients if self.patients else np.full(self.happened.shape, np.nan)

    def merge(self, other: EventTable) -> None:
        """Count the patients of another table too."""
        if self.events != other.events or not np.array_equal(self.days, other.days):
            wanted, got = (f"{', '.join(t.events)} on {t.days.size} days" for t in (self, other))
            raise SolveError("merging event tables", wanted, got)
        self.happened += other.happened
        self.patients += other.patients
        self.failed += other.failed


@dataclass
class _Tally:
    columns: list[int]
    kept: EventTable

    def add(self, index: int, block: Solution) -> None:
        kept = self.kept
        kept.patients += block.status.size
        kept.failed += int(np.count_nonzero(block.status))
        for row, column in enumerate(self.columns):
            # NaN, an event that did not come, sorts behind every day.
            kept.happened[row] += np.searchsorted(np.sort(block.fired[:, column]), kept.days, side="right")

    def result(self) -> EventTable:
        return self.kept
