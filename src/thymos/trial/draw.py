"""Draws from the distributions that a study file names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.distribution import Choice, Distribution, Fixed, LogNormal, Mixture, Normal, Uniform

Floats = NDArray[np.float64]


def draw(distribution: Distribution[Any], rng: np.random.Generator, n: int) -> Floats:
    """`n` values in the unit of the field."""
    u = 1.0 - rng.random(n)
    match distribution.root:
        case Mixture(parts=parts):
            which = rng.choice(len(parts), size=n, p=[part.weight for part in parts])
            columns = np.stack([quantile(part.of, u) for part in parts])
            return np.asarray(columns[which, np.arange(n)])
        case shape:
            return quantile(shape, u)


def quantile(shape: Any, u: Floats) -> Floats:
    """The value below which a share u lies; a cut distribution is one given that it lies between its limits."""
    match shape:
        case Fixed(value=value):
            return np.full(len(u), float(value))
        case Uniform(low=low, high=high):
            return np.asarray(low + (high - low) * u)
        case Choice(options=options):
            steps = np.cumsum([o.weight for o in options])
            index = np.minimum(np.searchsorted(steps, u), len(options) - 1)
            return np.asarray([float(o.value) for o in options])[index]
        case LogNormal(median=median, cv=cv, low=low, high=high):
            ends = (np.log(low) if low else None, None if high is None else np.log(high))
            return np.asarray(np.exp(_normal(np.log(median), np.sqrt(np.log1p(cv**2)), u, *ends)))
        case Normal(mean=mean, sd=sd, low=low, high=high):
            return _normal(mean, sd, u, low, high)
    raise TypeError(f"no draws from {type(shape).__name__}")


def _normal(mean: float, sd: float, u: Floats, low: float | None, high: float | None) -> Floats:
    from scipy.special import ndtr, ndtri

    a = 0.0 if low is None else ndtr((low - mean) / sd)
    b = 1.0 if high is None else ndtr((high - mean) / sd)
    return np.asarray(mean + sd * ndtri(a + (b - a) * u))
