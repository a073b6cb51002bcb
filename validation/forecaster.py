"""What `thymos forecast` says, for many days or many patients at once; None where this version has no forecast."""

from __future__ import annotations

from functools import cache

import numpy as np

from thymos.assay import ASSAYS
from thymos.trial.cohort import cohort

LIMIT = 1.0  # cell/uL


@cache
def forecaster():
    """A function (described, lineage, series, given, options) that gives {day: draws of ln counts (draw, later day)}.

    described : a patient file, as its YAML says it;  series : all counts, a `Series` of logarithms
    given     : days of forecasts, each from the counts of that day and before, for the days of all later counts
    options   : has `likes` (simulated patients), `seed` and `workers`
    A day is missing in the answer where the forecast refuses. Counts are taken in one after the other, so that one
    run gives the forecasts of all days.
    """
    try:
        from thymos.cli.forecaster import Forecaster, calendar
        from thymos.cli.forecasting import LEAST_WORTH
        from thymos.io.patient_counts import Count, PatientCounts
        from thymos.io.patient_schema import PatientFile
        from thymos.trial.likes import Alike
        from thymos.trial.shown import Counted, Shown
    except ImportError:
        return None

    def made(described, lineage, series, given, options):
        known = series.day <= max(given)
        counts = PatientCounts(tuple(
            Count(float(d), lineage, float(v), below=bool(v <= LIMIT), limit=LIMIT)
            for d, v in zip(series.day[known], np.exp(series.log[known]), strict=True)
        ))  # fmt: skip
        counted = Counted.of(counts)
        alike = Alike(PatientFile.model_validate(described), float(counted.day[-1]))
        grid = calendar(alike.study, float(counted.day[-1]), 100.0, series.day)
        shown = Shown(alike, counted, grid, options.workers)
        one = Forecaster(shown, counted, counts, alike.places(options.likes, options.seed), options.seed)
        stages, found = one.stages(), {}
        for day in given:
            count = int((series.day[known] <= day).sum())
            # As the command: no forecast from a handful of simulated patients.
            if stages[count - 1].worth < LEAST_WORTH:
                continue
            drawn = one.draws(stages[count - 1], count)
            ahead = one.ahead(drawn, drawn.course, (lineage,), float(day))
            at = np.searchsorted(ahead.day, series.day[series.day > day])
            found[day] = np.log(np.maximum(ahead.reported[lineage][:, at], LIMIT))
        return found

    return made


@cache
def fluctuation():
    """How counts wander around their course, as the forecast believes; None where this version has no forecast."""
    try:
        from thymos.assay.fluctuation import Fluctuation
    except ImportError:
        return None
    return Fluctuation()


class Crowd:
    """The forecast of CD4 for patients of a study of whom nothing else is known: a crowd weighed by the counts.

    The same simulated patients serve all; they are weighed, not moved. visits : days of blood (visit,)
    """

    SIZE = 10_000

    def __init__(self, study, visits, seed, workers):
        made = cohort(study, self.SIZE, 1, seed, visits, workers).outputs["cd4"][:, 0]
        self.levels = np.log(np.maximum(made[np.isfinite(made).all(axis=1)], 1e-6))
        self.visits, self.worth = visits, []
        self.covariance = fluctuation().covariance(
            ["cd4"] * len(visits), visits, ["cd4"] * len(visits), visits
        )

    def forecasts(self, log, given, draws, rng):
        """{day: draws of ln counts on the visits after it (draw, visit)}, from those until then, for each day given."""
        from thymos.inference.forecast import Onward
        from thymos.inference.importance import systematic, weights, worth
        from thymos.inference.readings import Readings

        known = self.visits <= max(given)
        error = np.diag([ASSAYS["flow_count"].log_variance(float(v)) for v in np.exp(log[known])])
        readings = Readings(
            log[known], log[known] <= np.log(LIMIT), self.covariance[np.ix_(known, known)] + error
        )
        judged = readings.judged(
            self.levels[:, known], rng.standard_normal((len(self.levels), readings.censored))
        )
        found = {}
        for day in given:
            seen = self.visits <= day
            count = int(seen.sum())
            w = weights(judged.log_density[:, :count].sum(axis=1))
            self.worth.append(worth(w))
            kept = systematic(w, draws, rng)
            between = self.covariance[np.ix_(~seen, seen)]
            onward = Onward.of(readings.first(count), self.covariance[np.ix_(~seen, ~seen)], between)
            departure = onward.drawn(
                judged.departure[kept, :count], rng.standard_normal((draws, len(between)))
            )
            found[day] = self.reported(self.levels[kept][:, ~seen] + departure, rng)
        return found

    def reported(self, level, rng):
        """Logarithms of what the assay reports of counts with these logarithms."""
        return np.log(np.maximum(ASSAYS["flow_count"].measure(np.exp(level), rng)[0], LIMIT))

    def patients(self, level, rng):
        """Reported counts of patients with true courses `level` (patient, visit): wandering and assay on top."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.visits)))
        return self.reported(level + rng.standard_normal(level.shape) @ root.T, rng)
