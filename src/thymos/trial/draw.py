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
    from scipy.stats import norm

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
            law = norm(np.log(median), np.sqrt(np.log1p(cv**2)))
            lowest = -np.inf if low is None or low <= 0 else np.log(low)
            return np.asarray(np.exp(_between(law, u, lowest, np.inf if high is None else np.log(high))))
        case Normal(mean=mean, sd=sd, low=low, high=high):
            law = norm(mean, sd)
            return _between(law, u, -np.inf if low is None else low, np.inf if high is None else high)
    raise TypeError(f"no draws from {type(shape).__name__}")


def _between(law: Any, u: Floats, low: float, high: float) -> Floats:
    a, b = law.cdf(low), law.cdf(high)
    return np.asarray(law.ppf(a + (b - a) * u))
