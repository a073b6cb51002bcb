"""The simulated patients of `trial` weighed by the inference of `inference`: the joint of a forecast, in arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.inference.assimilate import Places, Plan, Stage, assimilate
from thymos.inference.forecast import Onward, chance_error
from thymos.inference.importance import systematic
from thymos.inference.readings import Readings
from thymos.lang.streams import stream
from thymos.trial.likes import COUNTED
from thymos.trial.prospects import BY_A_DAY, MARKS, Ahead, measured, milestones

if TYPE_CHECKING:
    from thymos.io.patient_counts import PatientCounts
    from thymos.io.study_schema import Study
    from thymos.trial.shown import Counted, Shown

Floats = NDArray[np.float64]
MOST_DRAWS = 2000


class Prospect(NamedTuple):
    """A probability and its Monte Carlo standard error."""

    p: float
    error: float


@dataclass(frozen=True)
class Update:
    """What was believed once the counts of a day were in.

    counts  : so far;  members, worth : simulated patients, and how many independent ones they are worth
    moved   : whether they were resampled and moved for the counts of this day
    chances : of the milestones that have a horizon
    """

    day: float
    counts: int
    members: int
    worth: float
    moved: bool
    chances: Mapping[str, Prospect]


class Drawn(NamedTuple):
    """Equally weighted members: places, courses (draw, name, day), departures so far (draw, count)."""

    places: Places
    course: Floats
    departure: Floats


@dataclass(frozen=True)
class Forecaster:
    """Takes the counts of one patient in, and looks ahead.

    shown : simulates members at the days of `counted`, and their course
    start : places of members that nothing has been weighed for (member, decision)
    """

    shown: Shown
    counted: Counted
    counts: PatientCounts
    start: Floats
    seed: int

    @property
    def today(self) -> float:
        """Day of the last count."""
        return float(self.counted.day[-1])

    @cached_property
    def readings(self) -> Readings:
        """The counts as inference reads them."""
        c = self.counted
        return Readings(np.log(c.value), c.below, c.covariance)

    def stages(self, tick: Callable[[int, int], None] = lambda done, total: None) -> list[Stage]:
        """What is believed after each count."""
        rng = stream(self.seed, "forecast.censored")
        start = Places(self.start, rng.standard_normal((len(self.start), self.readings.censored)))
        return list(assimilate(self.shown, start, self.readings, self.seed, Plan(), tick))

    def draws(self, stage: Stage, count: int, most: int = MOST_DRAWS) -> Drawn:
        """Equally weighted members of a stage, with the departures of the counts that it has seen."""
        size = min(len(stage.weight), most)
        kept = systematic(stage.weight, size, stream(self.seed, "forecast.draws", count))
        places = stage.crowd.places.at(kept)
        judged = self.readings.first(count).judged(stage.crowd.levels[kept, :count], places.chance)
        return Drawn(places, stage.crowd.course[kept], judged.departure)

    def ahead(self, drawn: Drawn, course: Floats, names: Sequence[str], today: float) -> Ahead:
        """What laboratories will report after a day: course, departures, and the error of the assay."""
        grid, count = self.shown.grid, drawn.departure.shape[1]
        since = grid > today
        among, between = self.counted.onward(names, grid[since])
        onward = Onward.of(self.readings.first(count), among, between[:, :count])
        normal = stream(self.seed, "forecast.departures", count).standard_normal((len(course), len(among)))
        departure = onward.drawn(drawn.departure, normal).reshape(len(course), -1, len(names))
        true = by_name(course[:, :, since], names)
        return measured(grid[since], true, {n: departure[:, :, i] for i, n in enumerate(names)}, self.seed)

    def milestones(self, ahead: Ahead, today: float) -> dict[str, Floats]:
        """Days of the milestones (draw,)."""
        alike = self.shown.alike
        return milestones(ahead, self.counts, alike.study, alike.patient.age, today)

    def updates(self, stages: Sequence[Stage]) -> Iterator[Update]:
        """One for each day with counts."""
        day, moved = self.counted.day, False
        for k, stage in enumerate(stages):
            moved = moved or bool(stage.powers)
            if k + 1 < len(stages) and day[k + 1] == day[k]:
                continue
            drawn = self.draws(stage, k + 1, MOST_DRAWS // 2)
            reached = self.milestones(self.ahead(drawn, drawn.course, ("cd4",), day[k]), day[k])
            chances = {name: prospect(reached[name], stage.worth) for name in BY_A_DAY}
            yield Update(float(day[k]), k + 1, len(stage.weight), stage.worth, moved, chances)
            moved = False


def prospect(day: Floats, worth: float) -> Prospect:
    """How probable a milestone is, from the day of each draw."""
    p = float(np.isfinite(day).mean())
    return Prospect(p, chance_error(p, worth))


def calendar(study: Study, today: float, until: float, days: Sequence[float]) -> Floats:
    """Days of a forecast: close together at first, the visits of the protocol, and whatever else is asked for."""
    usual = np.concatenate([np.arange(0, 100, 5.0), np.arange(100, 200, 10.0), np.arange(200, 735, 20.0)])
    asked = np.array([*days, *study.visits.days, today, *MARKS, until])
    found = np.unique(np.concatenate([usual, asked]))
    return np.asarray(found[(found >= 0) & (found <= until)])


def by_name(course: Floats, names: Sequence[str] = tuple(COUNTED)) -> dict[str, Floats]:
    """Courses (member, name of `COUNTED`, day) of some names, each (member, day)."""
    return {name: course[:, list(COUNTED).index(name)] for name in names}
