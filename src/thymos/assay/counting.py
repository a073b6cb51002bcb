"""Counting error, from a uniform number for each count."""

from __future__ import annotations

from typing import Any

import numpy as np

from thymos.assay.assay import Floats


def poisson_count(u: Floats, expected: Floats) -> Floats:
    """Number of rare things found where `expected` are; nan where nothing is known."""
    from scipy.stats import poisson

    return _where_known(expected, lambda known: poisson.ppf(u[known], np.maximum(expected[known], 0.0)))


def binomial_count(u: Floats, of: float, share: Floats) -> Floats:
    """Number of positive among `of` counted cells; nan where nothing is known."""
    from scipy.stats import binom

    return _where_known(share, lambda known: binom.ppf(u[known], of, np.clip(share[known], 0.0, 1.0)))


def lognormal_factor(u: Floats, cv: float) -> Floats:
    """Factor around 1 by which a measurement is off, with coefficient of variation `cv`."""
    from scipy.special import ndtri

    return np.asarray(np.exp(np.sqrt(np.log1p(cv**2)) * ndtri(u)))


def uniforms(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Numbers above 0 and at most 1; two for each sample, along the first axis."""
    return np.asarray(1.0 - rng.random((2, *shape)))


def _where_known(quantity: Floats, count: Any) -> Floats:
    found = np.full(quantity.shape, np.nan)
    known = np.isfinite(quantity)
    found[known] = count(known)
    return found
