r"""One choice among many, seen on the same patients: which, which others are as good, and how sure that is.

$$ U_j = E[u_{ij}], \qquad regret = E_\theta\left[\max_j U_j(\theta) - U_{j^*}(\theta)\right] $$

u is what choice j brings patient i, and patients of one draw share what is not known, \theta. The same patients under
every choice make differences far surer than either level. Chance of the simulation: the Bayesian bootstrap over
draws. Reference: Rubin 1981.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
RESAMPLES = 1000


@dataclass(frozen=True)
class Pick:
    """What is chosen.

    place  : of the choice
    as_good: choices whose loss does not matter, the chosen among them (choice,)
    reached: whether the aim is reached at all
    best   : share of draws of what is not known under which the chosen is the best, or as good
    regret : what knowing the truth beforehand would add, on average, in the unit of the score
    again  : share of resamples of the simulation that choose it or one as good
    """

    place: int
    as_good: Flags
    reached: bool
    best: float
    regret: float
    again: float


@dataclass(frozen=True)
class Scores:
    """What each choice brings each patient, and what it costs.

    score   : (choice, patient); a failed patient is nan, and counts for no choice
    cost    : (choice,);  later : decides between equal costs (choice,)
    allowed : choices that keep every limit (choice,)
    group   : draw of each patient (patient,)
    """

    score: Floats
    cost: Floats
    later: Floats
    allowed: Flags
    group: NDArray[np.intp]

    @property
    def by_draw(self) -> tuple[Floats, Floats]:
        """Sum of scores (choice, draw), and patients of each draw that every choice solved (draw,)."""
        solved = np.isfinite(self.score).all(axis=0)
        draws = int(self.group.max()) + 1
        kept = self.group[solved]
        total = np.zeros((len(self.score), draws))
        for i, row in enumerate(self.score[:, solved]):
            total[i] = np.bincount(kept, row, minlength=draws)
        return total, np.bincount(kept, minlength=draws).astype(float)

    @property
    def mean(self) -> Floats:
        """Expected score (choice,)."""
        total, size = self.by_draw
        return np.asarray(total.sum(axis=1) / max(size.sum(), 1.0))

    def resampled(self, seed: int) -> Floats:
        """Expected scores had the simulation drawn otherwise (resample, choice)."""
        total, size = self.by_draw
        weight = stream(seed, "choice.resample").dirichlet(np.ones(len(size)), RESAMPLES)
        return np.asarray((weight @ total.T) / np.maximum(weight @ size, 1e-300)[:, None])


def largest(scores: Scores, loss: float, seed: int) -> Pick:
    """The cheapest of those whose expected score is within `loss`, a share, of the largest."""
    mean = scores.mean
    as_good = _near_top(mean, scores.allowed, loss)
    place = _cheapest(scores, as_good)
    again = np.mean(
        [as_good[_cheapest(scores, _near_top(m, scores.allowed, loss))] for m in scores.resampled(seed)]
    )
    total, size = scores.by_draw
    means = np.where(scores.allowed[:, None], total / np.maximum(size, 1.0), -np.inf)[:, size > 0]
    top, mine = means.max(axis=0), means[place]
    best = np.mean(mine >= top - loss * np.abs(top))
    return Pick(place, as_good, bool(mean[place] > 0), float(best), float(np.mean(top - mine)), float(again))


def cheapest(scores: Scores, least: float, more: float, seed: int) -> Pick:
    """The cheapest whose expected score is at least `least`; as good are those that cost up to `more`, a share, more.

    Where none reaches it, the nearest to it. `best` is then the share of resamples that reach it, and `regret` the
    mean by which they miss it.
    """
    mean = scores.mean
    reach = scores.allowed & (mean >= least)
    place = (
        _cheapest(scores, reach) if reach.any() else _cheapest(scores, _near_top(mean, scores.allowed, 0.0))
    )
    as_good = (
        reach & (scores.cost <= scores.cost[place] * (1 + more)) if reach.any() else _one(len(mean), place)
    )
    found = scores.resampled(seed)
    again = [
        bool(as_good[_cheapest(scores, here)])
        for here in scores.allowed & (found >= least)
        if here.any()
    ]  # fmt: skip
    mine = found[:, place]
    return Pick(
        place, as_good, bool(reach.any()), float(np.mean(mine >= least)),
        float(np.mean(np.maximum(least - mine, 0.0))), float(np.sum(again) / len(found)),
    )  # fmt: skip


def _near_top(mean: Floats, allowed: Flags, loss: float) -> Flags:
    top = mean[allowed].max()
    return np.asarray(allowed & (mean >= top - loss * abs(top)))


def _cheapest(scores: Scores, among: Flags) -> int:
    """Place of the cheapest of some choices; of equal ones the earliest."""
    places = np.flatnonzero(among)
    return int(places[np.lexsort((scores.later[places], scores.cost[places]))[0]])


def _one(size: int, place: int) -> Flags:
    return np.asarray(np.arange(size) == place)
