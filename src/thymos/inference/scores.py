r"""How good forecasts were: proper scores, coverage of intervals, fold errors, and ranks of simulation-based calibration.

A forecast is a set of draws of equal weight, (draw, forecast), beside what was then seen, (forecast,).  Counts are
scored as natural logarithms, so that a CRPS of 0.7 is an error of two-fold, whatever the level.

$$ CRPS = E|X - y| - \tfrac12 E|X - X'| $$

References: `gneiting2007` (proper scores), `allen2023` (censored values), `talts2018` (ranks).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
NARROWEST = 1e-3  # bandwidth of a density from draws that are all the same: a thousandth of a logarithm


@dataclass(frozen=True)
class Scores:
    """Forecasts taken together; scores are means, the lower the better.

    n                  : number of forecasts
    crps, log_score    : continuous ranked probability score, and minus the logarithm of the predictive density
    inside80, inside95 : share of values within the central 80 and 95 % of the draws
    fold_error         : geometric mean fold error of the medians, exp(mean |ln(predicted / seen)|)
    within_two_fold    : share of medians within a factor of two
    """

    n: int
    crps: float
    log_score: float
    inside80: float
    inside95: float
    fold_error: float
    within_two_fold: float


def scores(draws: ArrayLike, seen: ArrayLike, floor: float | None = None) -> Scores:
    """Every score of logarithmic forecasts (draw, forecast) of what was seen (forecast,).

    floor : logarithm of the assay's limit; what lies below it, seen or forecast, counts as lying at it
    Raises `DataError` where there is nothing to score, or what is not finite.
    """
    x, y = _checked(draws, seen)
    log = float(log_score(x, y, floor).mean())
    if floor is not None:
        x, y = np.maximum(x, floor), np.maximum(y, floor)
    middle = np.median(x, axis=0)
    return Scores(
        n=len(y),
        crps=float(crps(x, y).mean()),
        log_score=log,
        inside80=float(inside(x, y, 0.80).mean()),
        inside95=float(inside(x, y, 0.95).mean()),
        fold_error=fold_error(middle, y),
        within_two_fold=within_fold(middle, y),
    )


def crps(draws: ArrayLike, seen: ArrayLike) -> Floats:
    """Continuous ranked probability score of each forecast (forecast,); |x - y| where all draws are alike.

    Draws and values raised to an assay's limit beforehand make it the threshold-weighted score, proper for
    censored values.
    """
    from scoringrules import crps_ensemble

    x, y = _checked(draws, seen)
    return np.asarray(crps_ensemble(y, x, m_axis=0, backend="numpy"), dtype=np.float64)


def crps_of_quantiles(levels: ArrayLike, quantiles: ArrayLike, seen: ArrayLike) -> Floats:
    """The same of forecasts given as quantiles (level, forecast): twice the mean pinball loss over evenly spread levels."""
    from scoringrules import crps_quantile

    x, y = _checked(quantiles, seen)
    found = crps_quantile(y, x, np.asarray(levels, dtype=np.float64), m_axis=0, backend="numpy")
    return np.asarray(found, dtype=np.float64)


def log_score(draws: ArrayLike, seen: ArrayLike, floor: float | None = None) -> Floats:
    """Minus the logarithm of the predictive density at what was seen (forecast,), the density by Gaussian kernels.

    Below the floor it is minus the logarithm of the probability of lying there, counted with half a draw added.
    """
    from scoringrules import logs_ensemble

    x, y = _checked(draws, seen)
    width = np.maximum(_bandwidth(x), NARROWEST)
    found = np.asarray(logs_ensemble(y, x, m_axis=0, bw=width, backend="numpy"), dtype=np.float64)
    # Far outside all draws every kernel underflows; one draw's share is the least that a sample can exclude.
    far = _nearest_kernel(x, y, width)
    found = np.minimum(np.where(np.isfinite(found), found, np.inf), far)
    if floor is None:
        return found
    share = ((x <= floor).sum(axis=0) + 0.5) / (len(x) + 1)
    return np.where(y <= floor, -np.log(share), found)


def _bandwidth(x: Floats) -> Floats:
    """Silverman's rule: 1.06 times the smaller of standard deviation and scaled quartile range."""
    spread = np.minimum(x.std(axis=0, ddof=1), np.subtract(*np.quantile(x, [0.75, 0.25], axis=0)) / 1.34)
    return np.asarray(1.06 * spread * len(x) ** -0.2)


def _nearest_kernel(x: Floats, y: Floats, width: Floats) -> Floats:
    """Minus the log density that the nearest draw alone gives."""
    z = np.abs(x - y).min(axis=0) / width
    return np.asarray(0.5 * z**2 + np.log(len(x) * width * np.sqrt(2 * np.pi)))


def inside(draws: ArrayLike, seen: ArrayLike, share: float) -> NDArray[np.bool_]:
    """Whether each value lies within the central `share` of its draws (forecast,); the ends belong to it."""
    x, y = _checked(draws, seen)
    low, high = np.quantile(x, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return np.asarray((low <= y) & (y <= high))


def fold_error(predicted: ArrayLike, seen: ArrayLike) -> float:
    """Geometric mean fold error of logarithms: 1 is perfect, 2 is off by a factor of two on average."""
    return float(np.exp(np.abs(np.subtract(predicted, seen)).mean()))


def within_fold(predicted: ArrayLike, seen: ArrayLike, fold: float = 2.0) -> float:
    """Share of logarithms that are off by at most a factor of `fold`."""
    return float((np.abs(np.subtract(predicted, seen)) <= np.log(fold)).mean())


def ranks(draws: ArrayLike, true: ArrayLike) -> NDArray[np.int_]:
    """How many draws of the posterior lie below the true value, 0 to the number of draws (forecast,).

    Uniform if the true value was drawn from the prior and the draws come from the posterior.
    """
    x, y = _checked(draws, true)
    return np.asarray((x < y).sum(axis=0), dtype=np.int_)


def uniformity(rank: ArrayLike, draws: int, bins: int = 20) -> float:
    """p of a chi-squared test that ranks 0 to `draws` are uniform, in `bins` bins of nearly the same width.

    Raises `DataError` with fewer than five ranks expected in a bin.
    """
    from scipy.stats import chisquare

    found = np.asarray(rank)
    edges = np.linspace(0, draws + 1, bins + 1).astype(int)
    expected = len(found) * np.diff(edges) / (draws + 1)
    if expected.min() < 5:
        raise DataError(
            "ranks", "at least 5 expected in each bin", f"{expected.min():.3g}", "more ranks, or fewer bins"
        )
    counted = np.histogram(found, bins=edges)[0]
    return float(chisquare(counted, expected).pvalue)


def _checked(draws: ArrayLike, seen: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(draws, dtype=np.float64), np.asarray(seen, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[1:] or not x.size:
        raise DataError(
            "forecasts", "draws (draw, forecast) beside values (forecast,)", f"{x.shape} beside {y.shape}"
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError(
            "forecasts", "finite logarithms", "nan or inf", "leave out failed patients, or raise 0 to the limit"
        )
    return x, y
