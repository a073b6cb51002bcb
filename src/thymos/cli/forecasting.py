"""Joins simulated patients of `trial` with the inference that weighs them; no science of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.cli.forecaster import Drawn, Forecaster, Update, by_name, calendar
from thymos.inference.forecast import Surprise, surprise
from thymos.lang.errors import DataError
from thymos.trial.domain import Notes, check, surprised
from thymos.trial.likes import COUNTED, Alike, Treatment
from thymos.trial.prospects import Ahead
from thymos.trial.shown import Counted, Shown
from thymos.trial.what_if import WhatIf

if TYPE_CHECKING:
    from thymos.assay.fluctuation import Fluctuation
    from thymos.inference.assimilate import Stage
    from thymos.io.patient_counts import PatientCounts
    from thymos.io.patient_file import PatientFile
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]
SIMULATED = 10_000
UNTIL = 365.0
LEAST_WORTH = 50.0
"""Effective members below which there is no forecast."""


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
    today = float(counted.day[-1])
    alike = Alike(patient, today)
    treatment = None if what_if is None else what_if.of(alike.given, today)
    shown = Shown(alike, counted, calendar(alike.study, today, until, days), workers)
    forecaster = Forecaster(shown, counted, counts, alike.places(n, seed), seed)
    return _looked_ahead(forecaster, forecaster.stages(tick), notes, treatment)


def _looked_ahead(
    by: Forecaster, stages: Sequence[Stage], notes: Notes, treatment: Treatment | None
) -> Forecast:
    last, alike = _enough(stages[-1]), by.shown.alike
    found = surprise(np.array([stage.share for stage in stages]), by.counted.below)
    warnings, outside = surprised(found.each.tolist(), found.overall, found.least, by.counted.names)
    drawn = by.draws(last, len(stages))
    ahead = by.ahead(drawn, drawn.course, tuple(COUNTED), by.today)
    return Forecast(
        patient=alike.patient,
        study=alike.study,
        counted=by.counted,
        today=by.today,
        days=by.shown.grid,
        course=by_name(drawn.course),
        ahead=ahead,
        milestones=by.milestones(ahead, by.today),
        worth=last.worth,
        simulated=len(by.start),
        seed=by.seed,
        updates=tuple(by.updates(stages)),
        surprise=found,
        warnings=(*notes.warnings, *warnings),
        outside=(*notes.outside, *outside),
        prior=alike.numbers(by.start),
        posterior=alike.numbers(drawn.places.z),
        other=None if treatment is None else _other(by, drawn, treatment),
    )


def _other(by: Forecaster, drawn: Drawn, treatment: Treatment) -> Other:
    course = by.shown.course(drawn.places, treatment)
    ahead = by.ahead(drawn, course, tuple(COUNTED), by.today)
    return Other(treatment, by_name(course), ahead, by.milestones(ahead, by.today))


def _enough(last: Stage) -> Stage:
    """No forecast from a handful of simulated patients."""
    if last.worth < LEAST_WORTH:
        wanted = f"a course that simulated patients like this one come near (worth {LEAST_WORTH:g} or more)"
        hint = "check units, days and covariates; if they are right, the model does not know this course"
        raise DataError("counts", wanted, f"{last.worth:.3g} of them", hint)
    return last
