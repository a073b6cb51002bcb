"""The whole way from a bench to the next batch: draw members, weigh them by the runs, renew, refine, propose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.aim import Aim, Outlook
from thymos.inference.design.belief import (
    Belief,
    Prior,
    Reading,
    Runs,
    Scales,
    known,
    learn,
    log_likelihood,
    thin,
)
from thymos.inference.design.bench import Bench
from thymos.inference.design.proposal import Effort, Proposal, Rules, propose
from thymos.inference.design.space import Space
from thymos.inference.tempered import renew

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

FEW, FEW_OF = 40.0, 0.2  # effective members, and share of those drawn, below which new ones are drawn
WORKING = 400  # members that a proposal is worked out with
AROUND, CENTRES, WIDTH = 6, 8, 0.12  # refinement: new conditions around the leading ones, no further than so


@dataclass(frozen=True)
class Settings:
    """How a search is made.

    members, conditions : drawn at first
    noise, missed       : standard deviations of a measurement and of what the mechanism may miss (reading,)
    """

    members: int
    conditions: int
    noise: Floats
    missed: Floats
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True)
class Ensemble:
    """Members and what they say.

    points : members (member, place);  x : conditions (condition, factor)
    means  : of sites (reading, member, site);  seen : of the runs that were made (reading, member, run)
    """

    points: Floats
    x: Floats
    means: Floats
    seen: Floats

    def members(self, places: Whole) -> Ensemble:
        """Some of the members."""
        return Ensemble(self.points[places], self.x, self.means[:, places], self.seen[:, places])


@dataclass(frozen=True)
class Found:
    """The end of a search; site s is condition s // moments at moment s % moments.

    effective : how many equal members the runs left of those first drawn
    renewed   : whether new ones were drawn in their place
    """

    belief: Belief
    ensemble: Ensemble
    effective: float
    renewed: bool
    proposal: Proposal


@dataclass(frozen=True)
class Search:
    """One search; `tick` hears what is being done.

    seen : runs that were made, their `site` counting the runs of the bench
    """

    bench: Bench
    space: Space
    settings: Settings
    seen: Runs
    seed: int
    tick: Callable[[str], None] = lambda what: None

    def next_batch(self, aim: Aim, donors: Whole, rules: Rules) -> Found:
        """The next batch, for donors at hand."""
        weighed = self.weighed()
        ensemble = self._refined(weighed, aim)
        belief = self._belief(ensemble, weighed.belief.weights, weighed.belief.scales)
        sites, prices = self._sites(ensemble), self.bench.prices(ensemble.x)
        made = propose(belief, aim, sites, prices, donors, rules, self.seed, self.settings.effort, self.tick)
        return Found(belief, ensemble, weighed.effective, weighed.renewed, made)

    def weighed(self) -> Weighed:
        """Members after the runs: those first drawn, or new ones where few are left; no more than are worked with."""
        self.tick("what may be true before any run")
        ensemble = self._drawn(self.bench.points(self.settings.members, self.seed))
        belief = learn(self.prior(ensemble), self._runs(ensemble))
        effective = belief.effective_members
        few = effective < min(FEW, FEW_OF * self.settings.members)
        if len(self.seen.site) and few:
            return self._renewed(ensemble, belief.scales, effective)
        belief, kept = thin(belief, WORKING, self.seed)
        return Weighed(ensemble.members(kept), belief, effective, False)

    def prior(self, ensemble: Ensemble) -> Prior:
        """Sites of the conditions, then of the runs that were made."""
        moments, place = self.bench.moments, self.space.unit(ensemble.x)
        there = [np.repeat(place, len(moments), axis=0), np.tile(moments, len(place))[:, None]]
        seen = [self.space.unit(self.bench.seen_x), self.bench.seen_moments[:, None]]
        x = np.vstack([np.hstack(there), np.hstack(seen)])
        n = len(ensemble.points)
        apart = np.concatenate([self.bench.donors(ensemble.x), self.bench.seen_donors()], axis=2)
        means = np.concatenate([ensemble.means, ensemble.seen], axis=2)
        readings = tuple(
            _reading(means[k], apart[k], float(self.settings.noise[k]), float(self.settings.missed[k]))
            for k in range(len(means))
        )
        return Prior(readings, x, np.full(n, 1 / n))

    def _drawn(self, points: Floats) -> Ensemble:
        x = self.space.spread(self.settings.conditions, self.seed)
        return Ensemble(points, x, self.bench.means(points, x), self.bench.seen_means(points))

    def _sites(self, ensemble: Ensemble) -> Whole:
        return np.arange(len(ensemble.x) * len(self.bench.moments))

    def _runs(self, ensemble: Ensemble) -> Runs:
        return replace(self.seen, site=self.seen.site + ensemble.means.shape[2])

    def _belief(self, ensemble: Ensemble, weights: Floats, scales: Scales) -> Belief:
        return known(self.prior(ensemble).scaled(scales), self._runs(ensemble), weights, scales)

    def _renewed(self, first: Ensemble, scales: Scales, effective: float) -> Weighed:
        """Members drawn anew from the posterior, at the spreads that the runs chose."""
        middle = self.bench.seen_donors().mean(axis=1)  # the mean donor, less the typical one
        here = self.prior(replace(first, x=first.x[:0], means=first.means[:, :, :0])).scaled(scales)

        def logs(points: Floats) -> Floats:
            means = self.bench.seen_means(points)
            readings = tuple(replace(r, mean=means[k] + middle[k]) for k, r in enumerate(here.readings))
            weights = np.full(len(points), 1 / len(points))
            return log_likelihood(replace(here, readings=readings, weights=weights), self.seen)

        self.tick("new members, as the runs leave few")
        made = renew(
            logs, first.points[:WORKING], self.seed, tick=lambda p: self.tick(f"new members, {100 * p:.0f} %")
        )
        ensemble = self._drawn(made.members)
        weights = np.full(len(made.members), 1 / len(made.members))
        return Weighed(ensemble, self._belief(ensemble, weights, scales), effective, True)

    def _refined(self, weighed: Weighed, aim: Aim) -> Ensemble:
        """With conditions around the leading ones, where the space has any."""
        self.tick("a closer look around the best")
        e, belief = weighed.ensemble, weighed.belief
        now = Outlook.of(belief, aim, self._sites(e))
        leading = now.contenders(belief.weights, aim.probability, 4 * CENTRES).sites
        purest = now.sites[np.argsort(-now.holds, kind="stable")]
        # In turns, for the best may fail its purity and the purest give too little.
        conditions = np.stack([leading, purest[: len(leading)]], axis=1).ravel() // len(self.bench.moments)
        centres = e.x[list(dict.fromkeys(conditions.tolist()))[:CENTRES]]
        near = self.space.near(centres, AROUND, WIDTH, self.seed)
        fresh = near[~(near[:, None, :] == e.x[None, :, :]).all(axis=2).any(axis=1)]
        if not len(fresh):
            return e
        means = np.concatenate([e.means, self.bench.means(e.points, fresh)], axis=2)
        return Ensemble(e.points, np.vstack([e.x, fresh]), means, e.seen)


@dataclass(frozen=True)
class Weighed:
    """Members after the runs, as in `Found`."""

    ensemble: Ensemble
    belief: Belief
    effective: float
    renewed: bool


def _reading(means: Floats, apart: Floats, noise: float, missed: float) -> Reading:
    """The mean donor of each member, and how donors differ around him; `apart` from the typical one (donor, site)."""
    middle = apart.mean(axis=0)
    return Reading(means + middle, (apart - middle) / np.sqrt(max(len(apart) - 1, 1)), noise, missed)
