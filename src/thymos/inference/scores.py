r"""How good forecasts were: proper scores, coverage of intervals, fold errors, ranks of simulation-based calibration.

A forecast is a set of draws of equal weight, (draw, forecast), beside what was then seen, (forecast,).  Counts are
scored as natural logarithms, so that a CRPS of 0.7 is an error of two-fold, whatever the level.

$$ CRPS = E|X - y| - \tfrac12 E|X - X'| $$

References: `gneiting2007`, `allen2023`, `talts2018`.
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
    censored values.  Sorted draws turn the double mean into a single sum.
    """
    # Not `scoringrules.crps_ensemble`, though the tests hold the two together: version 0.10 compiles all its kernels
    # when it is imported, which takes longer than a forecast.
    x, y = _checked(draws, seen)
    n = len(x)
    place = np.arange(1, n + 1)[:, None]
    return np.asarray(
        np.abs(x - y).mean(axis=0) - ((2 * place - n - 1) * np.sort(x, axis=0)).sum(axis=0) / n**2
    )


def crps_of_quantiles(levels: ArrayLike, quantiles: ArrayLike, seen: ArrayLike) -> Floats:
    """The same of forecasts given as quantiles (level, forecast) at even levels: twice the mean pinball loss."""
    x, y = _checked(quantiles, seen)
    level = np.asarray(levels, dtype=np.float64)[:, None]
    return np.asarray(2 * np.where(y >= x, level * (y - x), (1 - level) * (x - y)).mean(axis=0))


def log_score(draws: ArrayLike, seen: ArrayLike, floor: float | None = None) -> Floats:
    """Minus the logarithm of the predictive density at what was seen (forecast,), the density by Gaussian kernels.

    Below the floor it is minus the logarithm of the probability of lying there, above it that of the remaining
    probability times the density of the draws above; half a draw is added to either side.
    """
    x, y = _checked(draws, seen)
    if floor is None:
        return np.asarray(-_log_density(x, y))
    above = (x > floor).sum(axis=0)
    share = (above + 0.5) / (len(x) + 1)
    dense = _log_density(np.where(x > floor, x, np.nan), y)
    return np.asarray(np.where(y <= floor, -np.log1p(-share), -np.log(share) - dense))


def _log_density(x: Floats, y: Floats) -> Floats:
    """Logarithm of the mean of normal kernels on the draws that are not nan (forecast,).

    Summed as logarithms: far outside all draws the sum of a library's kernels underflows to zero.
    """
    from scipy.special import logsumexp

    known = np.isfinite(x)
    count = np.maximum(known.sum(axis=0), 1)
    width = np.maximum(_bandwidth(x, known, count), NARROWEST)
    z = np.where(known, (np.where(known, x, 0.0) - y) / width, np.inf)
    # No draw at all above a floor says nothing of where there: one flat kernel, a factor e wide.
    total = np.where(
        known.any(axis=0), logsumexp(-0.5 * z**2, axis=0), np.log(NARROWEST) + np.log(2 * np.pi) / 2
    )
    return np.asarray(total - np.log(count * width * np.sqrt(2 * np.pi)))


def _bandwidth(x: Floats, known: NDArray[np.bool_], count: NDArray[np.int_]) -> Floats:
    """Silverman's rule, 1.06 s n^-1/5, with the standard deviation s of the draws that are known."""
    filled = np.where(known, x, 0.0)
    mean = filled.sum(axis=0) / count
    variance = np.where(known, (x - mean) ** 2, 0.0).sum(axis=0) / np.maximum(count - 1, 1)
    return np.asarray(1.06 * np.sqrt(variance) * count**-0.2)


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
    # The difference of two logarithms may miss that of the fold by a rounding.
    return float((np.abs(np.subtract(predicted, seen)) <= np.log(fold) + 1e-12).mean())


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
            "forecasts",
            "finite logarithms",
            "nan or inf",
            "leave out failed patients, or raise 0 to the limit",
        )
    return x, y
