"""What comes next, from members that readings have weighed: departures to come, bands, surprises, what was learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.readings import Readings

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TAILS = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Quantiles of a band: the ends of the central 95 and 80 %, and the median."""


@dataclass(frozen=True)
class Onward:
    """Departures to come given those that readings showed.

    mean : of each departure to come per departure seen, in units of `Judged.departure` (ahead, reading)
    root : lower triangular, of the covariance that is left (ahead, ahead)
    """

    mean: Floats
    root: Floats

    @staticmethod
    def of(readings: Readings, ahead: Floats, between: Floats) -> Onward:
        """From covariances: of what is to come (ahead, ahead), and between it and the readings (ahead, reading)."""
        from scipy.linalg import solve_triangular

        mean = solve_triangular(readings.root, between.T, lower=True).T if len(readings) else between
        left = ahead - mean @ mean.T
        # A departure that readings know almost exactly leaves a variance of 0, or by rounding a little less.
        return Onward(mean, np.linalg.cholesky(left + 1e-9 * np.eye(len(left))))

    def drawn(self, departure: Floats, normal: Floats) -> Floats:
        """One draw a member (member, ahead) from its departures so far and standard normal numbers (member, ahead)."""
        return np.asarray(departure @ self.mean.T + normal @ self.root.T)


@dataclass(frozen=True)
class Surprise:
    """How far readings lie from what was expected of them just before.

    each    : two-sided tail probability of each reading; of one below its limit the probability of being there
    overall : of all together
    """

    each: Floats
    overall: float

    @property
    def least(self) -> float:
        """The smallest of `each`, times their number: so many were looked at."""
        return float(min(1.0, self.each.min() * len(self.each))) if self.each.size else 1.0


def surprise(share: Floats, below: Flags) -> Surprise:
    r"""From the predictive share below each reading (reading,), each given all before it.

    Under the model the shares are independent and uniform, so $\sum_k \Phi^{-1}(u_k)^2$ is chi-squared. A censored
    reading is put at the middle of its share, which makes the test a little too kind.
    """
    from scipy.special import chdtrc, ndtri

    inside = np.clip(np.where(below, share / 2, share), 1e-12, 1 - 1e-12)
    each = np.where(below, share, 2 * np.minimum(share, 1 - share))
    overall = float(chdtrc(len(share), float(np.sum(ndtri(inside) ** 2)))) if share.size else 1.0
    return Surprise(np.asarray(each), overall)


def band(draws: Floats) -> Floats:
    """Quantiles `TAILS` of draws (draw, day), as (tail, day)."""
    return np.asarray(np.quantile(draws, TAILS, axis=0))


def chance_error(p: float, worth: float) -> float:
    """Monte Carlo standard error of a probability from so many effective members, never that of a certainty."""
    inside = (p * worth + 0.5) / (worth + 1)
    return float(np.sqrt(inside * (1 - inside) / worth))


def mean_error(x: Floats, worth: float) -> float:
    """Monte Carlo standard error of a mean (draw,)."""
    return float(x.std() / np.sqrt(worth))


def quantile_error(draws: Floats, q: float, worth: float) -> float:
    """Monte Carlo standard error of a quantile: half of what one binomial standard deviation of its rank moves it."""
    step = np.sqrt(q * (1 - q) / worth)
    low, high = np.quantile(draws, np.clip([q - step, q + step], 0, 1), method="nearest")
    return float((high - low) / 2) if np.isfinite(low) and np.isfinite(high) else float("inf")


@dataclass(frozen=True)
class Learnt:
    """What readings said of one quantity.

    shift     : of its mean, in prior standard deviations;  narrowing : posterior over prior standard deviation
    explained : share of the variance of what is predicted that goes with it: squared rank correlation in the posterior
    """

    shift: float
    narrowing: float
    explained: float


def learnt(
    prior: Mapping[str, Floats], posterior: Mapping[str, Floats], predicted: Floats
) -> dict[str, Learnt]:
    """Of each quantity that differed between prior members (member,), beside posterior draws (draw,).

    predicted : what is forecast, of the same draws (draw,)
    Positive quantities are compared by their logarithms.
    """
    goal = _ranks(predicted)
    found = {}
    for name, before in prior.items():
        after = posterior[name]
        if not (np.isfinite(before).all() and np.isfinite(after).all()) or np.ptp(before) == 0:
            continue
        if (before > 0).all() and (after > 0).all():
            before, after = np.log(before), np.log(after)
        spread = float(before.std())
        shift = float((after.mean() - before.mean()) / spread)
        together = (
            float(np.corrcoef(_ranks(after), goal)[0, 1]) if after.std() > 0 and goal.std() > 0 else 0.0
        )
        found[name] = Learnt(shift, float(after.std() / spread), together**2)
    return found


def _ranks(x: Floats) -> Floats:
    """Ranks, equal ones sharing theirs."""
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])
