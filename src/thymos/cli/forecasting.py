"""Joins simulated patients of `trial` with the inference that weighs them; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.inference.assimilate import Places, Plan, Stage, assimilate
from thymos.inference.forecast import Onward, Surprise, chance_error, surprise
from thymos.inference.importance import systematic
from thymos.inference.readings import Readings
from thymos.lang.errors import DataError
from thymos.lang.streams import stream
from thymos.trial.domain import Notes, check, surprised
from thymos.trial.likes import COUNTED, Alike, Treatment
from thymos.trial.prospects import BY_A_DAY, MARKS, Ahead, measured, milestones
from thymos.trial.shown import Counted, Shown
from thymos.trial.what_if import WhatIf

if TYPE_CHECKING:
    from thymos.assay.fluctuation import Fluctuation
    from thymos.io.patient_counts import PatientCounts
    from thymos.io.patient_file import PatientFile
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
SIMULATED = 10_000
UNTIL = 365.0
MOST_DRAWS = 4000
LEAST_WORTH = 50.0
"""Effective members below which there is no forecast."""


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


@dataclass(frozen=True)
class Forecast:
    """Draws of what is to come, all of equal weight, and how they were come by.

    days       : days of the course, from the transplant on (day,);  today : day of the last count
    course     : true values by name (draw, day)
    ahead      : what laboratories will report after today
    milestones : day of each (draw,), inf where it is not reached
    worth      : independent simulated patients that the draws are worth
    surprise   : of each count, in the order of `counted`
    outside    : why the model has no experience with this patient; empty where it has
    prior, posterior : what members and draws are made of, by name (member,), (draw,)
    other      : the same draws under another treatment
    """

    patient: PatientFile
    study: Study
    counted: Counted
    today: float
    days: Floats
    course: Mapping[str, Floats]
    ahead: Ahead
    milestones: Mapping[str, Floats]
    worth: float
    simulated: int
    seed: int
    updates: tuple[Update, ...]
    surprise: Surprise
    warnings: tuple[str, ...]
    outside: tuple[str, ...]
    prior: Mapping[str, Floats] = field(repr=False)
    posterior: Mapping[str, Floats] = field(repr=False)
    other: Other | None = None


@dataclass(frozen=True)
class Other:
    """Another treatment of the same draws."""

    treatment: Treatment
    course: Mapping[str, Floats]
    ahead: Ahead
    milestones: Mapping[str, Floats]


def forecast(
    patient: PatientFile,
    counts: PatientCounts,
    n: int = SIMULATED,
    seed: int = 1,
    days: Sequence[float] = (),
    workers: int = 1,
    until: float = UNTIL,
    what_if: WhatIf | None = None,
    fluctuation: Fluctuation | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Forecast:
    """What the counts of a patient let expect.

    n           : simulated patients that the first counts choose from
    days        : days that the forecast has to hold, besides its own and those of the protocol's visits
    what_if     : another treatment from now on, for the same simulated patients
    fluctuation : how counts wander around their course, where not as in its rows

    Deterministic in the seed; independent of `workers`, of the order of the rows and of the units they were in.
    Raises `DataError` or `StudyError` for a patient or counts that cannot be forecast.
    """
    notes = check(patient, counts, until)
    counted = Counted.of(counts, fluctuation)
    return _Forecaster(patient, counts, counted, n, seed, days, workers, until).run(notes, what_if, tick)


class _Forecaster:
    def __init__(
        self,
        patient: PatientFile,
        counts: PatientCounts,
        counted: Counted,
        n: int,
        seed: int,
        days: Sequence[float],
        workers: int,
        until: float,
    ) -> None:
        self.patient, self.counts, self.counted, self.n, self.seed = patient, counts, counted, n, seed
        self.today = float(counted.day[-1])
        self.alike = Alike(patient, self.today)
        self.grid = calendar(self.alike.study, self.today, until, days)
        self.shown = Shown(self.alike, counted, self.grid, workers)
        self.readings = Readings(np.log(counted.value), counted.below, counted.covariance)

    def run(self, notes: Notes, what_if: WhatIf | None, tick: Callable[[int, int], None]) -> Forecast:
        treatment = None if what_if is None else what_if.of(self.alike.given, self.today)
        z, row = self.alike.places(self.n, self.seed)
        chance = stream(self.seed, "forecast.censored").standard_normal((self.n, self.readings.censored))
        start = Places(z, row, chance)
        plan = Plan(rows=self.alike.draws)
        stages = list(assimilate(self.shown, start, self.readings, self.seed, plan, tick))
        last = stages[-1]
        self._enough(last)
        found = surprise(np.array([stage.share for stage in stages]), self.counted.below)
        warnings, outside = surprised(found.each.tolist(), found.overall, found.least, self._names())
        draws = self._draws(last, len(self.readings), MOST_DRAWS)
        ahead = self._ahead(draws, draws.course, tuple(COUNTED))
        return Forecast(
            patient=self.patient,
            study=self.alike.study,
            counted=self.counted,
            today=self.today,
            days=self.grid,
            course=_by_name(draws.course),
            ahead=ahead,
            milestones=self._milestones(ahead, self.today),
            worth=last.worth,
            simulated=self.n,
            seed=self.seed,
            updates=tuple(self._updates(stages)),
            surprise=found,
            warnings=(*notes.warnings, *warnings),
            outside=(*notes.outside, *outside),
            prior=self.alike.numbers(start),
            posterior=self.alike.numbers(draws.places),
            other=None if treatment is None else self._other(draws, treatment),
        )

    def _enough(self, last: Stage) -> None:
        """No forecast from a handful of simulated patients."""
        if last.worth < LEAST_WORTH:
            wanted = (
                f"a course that simulated patients like this one come near (worth {LEAST_WORTH:g} or more)"
            )
            hint = "check units, days and covariates; if they are right, the model does not know this course"
            raise DataError("counts", wanted, f"{last.worth:.3g} of them", hint)

    def _draws(self, stage: Stage, count: int, most: int) -> _Draws:
        """Equally weighted members of a stage, with the departures of the counts that it has seen."""
        size = min(len(stage.weight), most)
        kept = systematic(stage.weight, size, stream(self.seed, "forecast.draws", count))
        places = stage.crowd.places.at(kept)
        seen = self.readings.first(count)
        judged = seen.judged(stage.crowd.levels[kept, :count], places.chance)
        return _Draws(places, stage.crowd.course[kept], judged.departure)

    def _ahead(
        self, draws: _Draws, course: Floats, names: tuple[str, ...], today: float | None = None
    ) -> Ahead:
        """What laboratories will report after today: course, departures, and the error of the assay."""
        since = self.grid > (self.today if today is None else today)
        days, count = self.grid[since], draws.departure.shape[1]
        among, between = self.counted.onward(names, days)
        onward = Onward.of(self.readings.first(count), among, between[:, :count])
        normal = stream(self.seed, "forecast.departures", count).standard_normal((len(course), len(among)))
        departure = onward.drawn(draws.departure, normal).reshape(len(course), len(days), len(names))
        place = [list(COUNTED).index(name) for name in names]
        true = {name: course[:, i][:, since] for name, i in zip(names, place, strict=True)}
        parts = {name: departure[:, :, i] for i, name in enumerate(names)}
        return measured(days, true, parts, self.seed)

    def _other(self, draws: _Draws, treatment: Treatment) -> Other:
        course = self.shown.course(draws.places, treatment)
        ahead = self._ahead(draws, course, tuple(COUNTED))
        reached = self._milestones(ahead, self.today)
        return Other(treatment, _by_name(course), ahead, reached)

    def _milestones(self, ahead: Ahead, today: float) -> dict[str, Floats]:
        return milestones(ahead, self.counts, self.alike.study, self.patient.age, today)

    def _updates(self, stages: list[Stage]) -> Iterator[Update]:
        day = self.counted.day
        moved = False
        for k, stage in enumerate(stages):
            moved = moved or bool(stage.powers)
            if k + 1 < len(stages) and day[k + 1] == day[k]:
                continue
            draws = self._draws(stage, k + 1, MOST_DRAWS // 4)
            ahead = self._ahead(draws, draws.course, ("cd4",), float(day[k]))
            reached = self._milestones(ahead, float(day[k]))
            chances = {name: prospect(reached[name], stage.worth) for name in BY_A_DAY}
            yield Update(float(day[k]), k + 1, len(stage.weight), stage.worth, moved, chances)
            moved = False

    def _names(self) -> list[str]:
        return [
            f"{name} on day {day:g}" for name, day in zip(self.counted.lineage, self.counted.day, strict=True)
        ]


class _Draws(NamedTuple):
    """Equally weighted members: places, courses (draw, name, day), departures so far (draw, count)."""

    places: Places
    course: Floats
    departure: Floats


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


def _by_name(course: Floats) -> dict[str, Floats]:
    return {name: course[:, i] for i, name in enumerate(COUNTED)}
