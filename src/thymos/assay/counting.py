"""Counting error from a uniform number for each count: quantiles of the Poisson and binomial laws.

They start from the normal approximation with its correction for skewness and step to the exact quantile: an
order faster than inverting the distribution, and without the second that importing `scipy.stats` takes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from thymos.assay.assay import Floats


def poisson_count(u: Floats, expected: Floats) -> Floats:
    """Number of rare things found where `expected` are; nan where nothing is known."""
    from scipy.special import ndtri, pdtr

    mean = np.maximum(expected, 0.0)
    z = ndtri(u)
    start = mean + np.sqrt(mean) * z + (z * z - 1) / 6
    return _quantile(u, start, lambda k: pdtr(k, mean), np.inf, expected)


def binomial_count(u: Floats, of: float, share: Floats) -> Floats:
    """Number of positive among `of` counted cells; nan where nothing is known."""
    from scipy.special import bdtr, ndtri

    p = np.clip(share, 0.0, 1.0)
    z = ndtri(u)
    start = of * p + np.sqrt(of * p * (1 - p)) * z + (1 - 2 * p) * (z * z - 1) / 6
    return _quantile(u, start, lambda k: bdtr(k, int(of), p), of, share)


def _quantile(u: Floats, start: Floats, share: Callable[[Floats], Floats], most: float, of: Floats) -> Floats:
    """The smallest count k with share(k) >= u, sought in steps of 1 from near it."""
    known = np.isfinite(of)
    k = np.where(known, np.clip(np.ceil(start - 0.5), 0, most), 0.0) + 0.0  # no -0
    while (low := known & (k < most) & (share(k) < u)).any():
        k = np.where(low, k + 1, k)
    while (high := known & (k > 0) & (share(np.maximum(k - 1, 0)) >= u)).any():
        k = np.where(high, k - 1, k)
    return np.where(known, k, np.nan)


def lognormal_factor(u: Floats, cv: float) -> Floats:
    """Factor around 1 by which a measurement is off, with coefficient of variation `cv`."""
    from scipy.special import ndtri

    return np.asarray(np.exp(np.sqrt(np.log1p(cv**2)) * ndtri(u)))


def amplified_count(u: Floats, concentration: Floats, amount: float, cv: float) -> Floats:
    """Copies found in `amount` of sample, per unit of it: few reach the reaction, amplification adds its error.

    u : two uniform numbers for each sample, along the first axis, as `uniforms` gives them
    """
    return lognormal_factor(u[0], cv) * poisson_count(u[1], concentration * amount) / amount


def log_variance(expected: Floats, cv: float) -> Floats:
    """Variance of the logarithm of a count of `expected` things behind a log-normal error of `cv`, to first order.

    Below one thing expected it is that of one: the logarithm of nothing has none.
    """
    return np.asarray(np.log1p(cv**2) + 1 / np.maximum(expected, 1.0))


def uniforms(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Numbers above 0 and below 1; two for each sample, along the first axis."""
    # `random` may return 0 and never 1.
    return np.maximum(rng.random((2, *shape)), 2.0**-54)
