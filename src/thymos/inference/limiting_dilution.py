"""Frequency of cells that give rise to something, from wells that stay negative."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.lang.errors import DataError, InputError, RunError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frequency:
    """What limiting dilution says.

    f         : such cells among all, with its 95 % interval
    slope     : slope of ln(-ln share of negative wells) on ln cells; 1 where one such cell is enough (one hit);
                None from less than two doses
    slope_low, slope_high : its 95 % interval
    """

    f: float
    low: float
    high: float
    slope: float | None
    slope_low: float | None
    slope_high: float | None


def frequency(cells: ArrayLike, wells: ArrayLike, negative: ArrayLike) -> Frequency:
    r"""Single-hit Poisson model $P(negative) = e^{-f n}$ by maximum likelihood: a binomial GLM, complementary log-log.

    $$ \ln(-\ln P) = \ln f + \ln n $$

    The slope comes from a second fit in which it is free; far from 1, one such cell is not what decides.

    cells    : mean cells in a well, for each dose
    wells    : wells of each dose
    negative : negative ones among them

    Raises `DataError` for numbers that cannot be, and `InputError` where all wells, or none, are negative.
    """
    n, all_, none = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (cells, wells, negative))
    _check(n, all_, none)
    share = np.column_stack([all_ - none, none])
    hit = _fitted(share, np.ones((len(n), 1)), np.log(n))
    f, (low, high) = np.exp(hit.params[0]), np.exp(hit.conf_int()[0])
    return Frequency(float(f), float(low), float(high), *_slope(n, share))


def _slope(n: Floats, share: Floats) -> tuple[float | None, float | None, float | None]:
    """Slope and its interval; none where less than two doses have both kinds of wells."""
    if np.sum((share > 0).all(axis=1)) < 2:
        return None, None, None
    free = _fitted(share, np.column_stack([np.ones(len(n)), np.log(n)]), np.zeros(len(n)))
    low, high = free.conf_int()[1]
    return float(free.params[1]), float(low), float(high)


def _fitted(share: Floats, design: Floats, offset: Floats) -> Any:
    GLM, family, separated = _glm()
    # As many doses as numbers sought are met exactly, without a residual scale: a binomial fit needs none.
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", separated)
        return GLM(share, design, family=family, offset=offset).fit()


def _glm() -> tuple[Any, Any, Any]:
    """Generalised linear models, the binomial family with the complementary log-log, and its warning of exact fits."""
    try:
        from statsmodels.genmod.families import Binomial
        from statsmodels.genmod.families.links import CLogLog
        from statsmodels.genmod.generalized_linear_model import GLM
        from statsmodels.tools.sm_exceptions import PerfectSeparationWarning
    except ImportError:
        hint = "pip install 'thymos[fit]'"
        raise RunError("limiting dilution", "statsmodels, which fits it", "no such package", hint) from None
    return GLM, Binomial(link=CLogLog()), PerfectSeparationWarning


def _check(cells: Floats, wells: Floats, negative: Floats) -> None:
    where = "limiting dilution"
    if not cells.shape == wells.shape == negative.shape or cells.ndim != 1:
        raise DataError(where, "one number of cells, wells and negative wells for each dose", "other lengths")
    for i, (n, all_, none) in enumerate(zip(cells, wells, negative, strict=True), start=1):
        if not (np.isfinite(n) and n > 0):
            raise DataError(f"{where}, dose {i} [cells]", "a number above 0", f"{n:g}")
        if not 0 <= none <= all_ or all_ < 1:
            raise DataError(f"{where}, dose {i} [negative]", f"between 0 and the {all_:g} wells", f"{none:g}")
    if negative.sum() in (0, wells.sum()):
        got = "none" if negative.sum() == 0 else "all"
        try_ = "fewer cells in a well" if got == "none" else "more cells in a well, or more wells"
        raise InputError(where, "some negative wells, and some that are not", f"{got} negative", try_)
