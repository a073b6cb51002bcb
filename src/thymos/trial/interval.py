"""Estimates with their intervals: over patients, and over what we do not know."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Quantity(TypedDict):
    """A number with its 95 % interval."""

    median: float | None
    low: float | None
    high: float | None
    unit: str


class Probability(TypedDict):
    """A probability with its 95 % interval and the number of virtual patients under it."""

    p: float | None
    low: float | None
    high: float | None
    n: int


def quantity(values: ArrayLike, unit: str) -> Quantity:
    """Median and central 95 % of the finite values; null where there is none."""
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not x.size:
        return Quantity(median=None, low=None, high=None, unit=unit)
    low, middle, high = np.quantile(x, (0.025, 0.5, 0.975))
    return Quantity(median=float(middle), low=float(low), high=float(high), unit=unit)


class Draws(NamedTuple):
    """Which patients share a draw of what we do not know.

    group : (patient,) number of the patient's draw among those that occur
    size  : (draw,) patients in each
    """

    group: NDArray[np.int64]
    size: NDArray[np.int64]

    @staticmethod
    def of(draw: NDArray[np.int64]) -> Draws:
        """From the draw of each patient."""
        _, group, size = np.unique(draw, return_inverse=True, return_counts=True)
        return Draws(group, size)

    def among(self, which: NDArray[np.bool_]) -> Draws:
        """Of some of the patients only."""
        if which.all():
            return self
        size = np.bincount(self.group[which], minlength=len(self.size))
        number = np.cumsum(size > 0) - 1
        return Draws(number[self.group[which]], size[size > 0])

    def means(self, values: Floats) -> Floats:
        """Mean of each draw, (draw,)."""
        return np.asarray(np.bincount(self.group, values) / self.size)


def components(values: Floats, draws: Draws) -> tuple[float, float]:
    """Variance between draws and within them (method of moments, unequal sizes); chance may put the first below 0.

    Draws hold few patients each, so their means scatter by chance as well. The variance between draws is what
    exceeds that.
    """
    size = draws.size
    n, means = len(values), draws.means(values)
    within = np.sum((values - means[draws.group]) ** 2) / (n - len(size))
    between = np.sum(size * (means - values.mean()) ** 2) / (len(size) - 1)
    balance = (n - np.sum(size**2) / n) / (len(size) - 1)
    return float((between - within) / balance), float(within)


def spread_of_means(values: Floats, draws: Draws) -> tuple[float, float, float]:
    """Mean over all patients, its standard deviation over what we do not know, and its Monte Carlo error."""
    size = draws.size
    mean, n = float(values.mean()), len(values)
    if len(size) < 2 or len(size) == n:
        return mean, 0.0, float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0
    between, within = components(values, draws)
    return mean, float(np.sqrt(max(0.0, between))), float(np.sqrt(within / n))


def probability(happened: NDArray[np.bool_] | Floats, draws: Draws) -> Probability:
    """Share of patients, with a beta interval whose variance is that of `spread_of_means`.

    happened : whether it did, or in which share of what a patient stands for (a donor's lots)
    """
    from scipy.special import betaincinv

    n = len(happened)
    if not n:
        return Probability(p=None, low=None, high=None, n=0)
    mean, sd, chance = spread_of_means(happened.astype(np.float64), draws)
    middle = (happened.sum() + 0.5) / (n + 1)
    least = middle * (1 - middle) / (n + 1)
    size = middle * (1 - middle) / max(sd**2 + chance**2, least) - 1
    size = max(size, 0.5)  # wider than that is no information at all
    low, high = betaincinv(middle * size, (1 - middle) * size, (0.025, 0.975))
    return Probability(p=mean, low=float(min(low, mean)), high=float(max(high, mean)), n=n)


def difference(treated: Floats, twin: Floats, draws: Draws, unit: str) -> Quantity:
    """Mean difference within pairs, and its 95 % interval over what we do not know; the mean stands as `median`.

    The interval is made of the draws' means, drawn together so that their spread is that of `spread_of_means`:
    it keeps their skewness, as a normal interval would not. It is never narrower than the Monte Carlo error.
    """
    pairs = np.isfinite(treated) & np.isfinite(twin)
    if not pairs.any():
        return Quantity(median=None, low=None, high=None, unit=unit)
    apart = treated[pairs] - twin[pairs]
    if not apart.any():
        # No pair differs: by the rule of three, at most 3 in n do, either way.
        return Quantity(median=0.0, low=-3 / len(apart), high=3 / len(apart), unit=unit)
    draws = draws.among(pairs)
    mean, sd, chance = spread_of_means(apart, draws)
    means = draws.means(apart)
    scatter = float(means.std())
    drawn = mean + (means - mean) * (sd / scatter if scatter > 0 else 0.0)
    low, high = np.quantile(drawn, (0.025, 0.975))
    low, high = min(low, mean - 1.96 * chance), max(high, mean + 1.96 * chance)
    return Quantity(median=mean, low=float(low), high=float(high), unit=unit)
