"""The next batch for knowledge of named parameters: an optimal design at what the runs so far leave likely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.optimal import Choice, Criterion, Optimum
from thymos.inference.design.proposal import Reason, Rules
from thymos.inference.design.search import Ensemble, Search
from thymos.inference.importance import systematic
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

STEP = 0.25  # of a standard normal place, to both sides: wide enough to see past the corners of a response
DRAWS = 4  # members whose slopes are taken; the criterion is their mean


@dataclass(frozen=True)
class Told:
    """A batch for knowledge; site s is condition s // moments at moment s % moments.

    site, donor : of each run (run,);  nats : information each adds on the wanted parameters (run,)
    most        : the wanted parameter that each run is steepest in, as its place among them (run,)
    before, after : standard deviations of the wanted parameters, over those of the prior (wanted,)
    """

    ensemble: Ensemble
    site: Whole
    donor: Whole
    cost: float
    nats: Floats
    most: Whole
    before: Floats
    after: Floats
    effective: float
    renewed: bool
    reason: Reason


def next_knowledge(search: Search, wanted: Whole, criterion: Criterion, donors: Whole, rules: Rules) -> Told:
    """Runs that say most of the members' places `wanted`; donors at hand by number.

    Donors are nuisance parameters with a known spread; what the mechanism may miss counts as noise.
    """
    weighed = search.weighed()
    ensemble = weighed.ensemble
    places = systematic(weighed.belief.weights, DRAWS, stream(search.seed, "design.slopes"))
    search.tick("slopes")
    slopes = _Slopes.of(search, ensemble, ensemble.points[places], donors)
    choice = Choice.of(slopes.candidates, slopes.known, wanted, criterion)
    prices = np.repeat(search.bench.prices(ensemble.x), len(donors))
    search.tick("the most telling runs")
    best = choice.best(rules.runs, prices, rules.budget)
    steep = np.abs(slopes.candidates[:, best.place][..., wanted]).sum(axis=(0, 2))
    return Told(
        ensemble,
        best.place // len(donors),
        donors[best.place % len(donors)],
        float(prices[best.place].sum()),
        best.gain,
        steep.argmax(axis=1).astype(np.intp) if len(best.place) else np.empty(0, np.intp),
        best.before,
        best.after,
        weighed.effective,
        weighed.renewed,
        _reason(best, len(wanted), rules),
    )


def _reason(best: Optimum, wanted: int, rules: Rules) -> Reason:
    """The batch is worth making while it narrows the wanted parameters, on the whole, by more than `rules.gain`."""
    if not len(best.place):
        return Reason.spent
    narrowed = 1 - np.exp(-best.gain.sum() / wanted)
    return Reason.go_on if narrowed > rules.gain else Reason.little


@dataclass(frozen=True)
class _Slopes:
    """In units of the noise: of sites with each donor (draw, site x donor, reading, parameter), and what is known."""

    candidates: Floats
    known: Floats

    @staticmethod
    def of(search: Search, ensemble: Ensemble, points: Floats, donors: Whole) -> _Slopes:
        bench, settings = search.bench, search.settings
        unit = np.hypot(settings.noise, settings.missed)[:, None]
        people = np.unique(np.concatenate([search.seen.donor, donors]))
        at, seen = (_differences(points, f) for f in (lambda z: bench.means(z, ensemble.x), bench.seen_means))
        spread, seen_spread = bench.donors(ensemble.x).std(axis=1), bench.seen_donors().std(axis=1)
        each = [_with_donor(at, spread, unit, np.searchsorted(people, d), len(people)) for d in donors]
        candidates = np.stack(each, axis=2).reshape(len(points), -1, *each[0].shape[2:])
        made = np.zeros((len(points), 0, *each[0].shape[2:]))
        for run, donor in enumerate(search.seen.donor):
            place = int(np.searchsorted(people, donor))
            one = _with_donor(
                seen[:, :, run : run + 1], seen_spread[:, run : run + 1], unit, place, len(people)
            )
            one[:, :, ~np.isfinite(search.seen.value[:, run])] = 0.0  # what was not measured says nothing
            made = np.concatenate([made, one], axis=1)
        rows = made.reshape(len(points), -1, made.shape[-1])
        return _Slopes(np.nan_to_num(candidates), np.eye(rows.shape[-1]) + np.swapaxes(rows, 1, 2) @ rows)


def _differences(points: Floats, means: Callable[[Floats], Floats]) -> Floats:
    """Slopes of predictions in each place of points (draw, reading, site, place), by differences to both sides."""
    draws, places = points.shape
    steps = np.concatenate([np.eye(places), -np.eye(places)]) * STEP
    found = means((points[:, None, :] + steps).reshape(-1, places))
    both = found.reshape(len(found), draws, 2, places, -1)
    return np.asarray(np.moveaxis((both[:, :, 0] - both[:, :, 1]) / (2 * STEP), (0, 1, 2, 3), (1, 0, 3, 2)))


def _with_donor(slopes: Floats, spread: Floats, unit: Floats, donor: int, donors: int) -> Floats:
    """Slopes with those in the readings' own donor effects behind them (draw, site, reading, place)."""
    draws, readings, sites, _ = slopes.shape
    own = np.zeros((draws, readings, sites, readings, donors))
    for k in range(readings):
        own[:, k, :, k, donor] = spread[k]
    both = np.concatenate([slopes, own.reshape(draws, readings, sites, -1)], axis=3)
    return np.asarray(np.moveaxis(both / unit[None, :, :, None], 1, 2))
