r"""What data would be worth before they are collected: how far they are expected to narrow a quantity of interest.

$$ worth = 1 - \frac{E_D[Var(\Delta | D)]}{Var(\Delta)}, \qquad
   cut = 1 - \sqrt{E_D[Var(\Delta | D)] / Var(\Delta)} $$

Pairs of the quantity and of data are drawn together, so regression of one on summaries of the other gives
$E[\Delta | D]$ for all data sets at once. With a parameter in place of data it is the value of knowing that parameter
exactly. References: Raiffa and Schlaifer 1961 (preposterior analysis); Strong, Oakley and Brennan 2014 and Strong et
al. 2015 (by regression).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.smooth import Smooth, constant, smooth
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
RESAMPLES = 500
WINDOW = 80  # draws with nearly the same prediction, enough for the ends of a 95 % interval
INSIDE = (0.025, 0.975)


@dataclass(frozen=True)
class Worth:
    """Of one body of data for each quantity (quantity,).

    cut, cut_low, cut_high : expected fall of the standard deviation (root mean square), with a 95 % bootstrap interval
    width, width_before    : expected width of the 95 % interval with the data, and that without
    """

    cut: Floats
    cut_low: Floats
    cut_high: Floats
    width: Floats
    width_before: Floats


def worth(quantities: Floats, data: Sequence[Floats], seed: int) -> Worth:
    """Worth of data for quantities (draw, quantity).

    data : summaries (draw, feature) of one data set for each draw; several when the same study is simulated several
        times, which lowers the chance in the answer
    """
    found = [smooth(features, quantities) for features in data]
    squares = np.mean([one.residual**2 for one in found], axis=0)
    n, prior = len(quantities), constant(quantities) ** 2
    counts = stream(seed, "worth.bootstrap").multinomial(n, np.full(n, 1 / n), RESAMPLES) / n
    resampled = _cut(counts @ squares, counts @ prior)
    low, high = np.quantile(resampled, INSIDE, axis=0)
    before = np.array([_wide(q) for q in quantities.T])
    narrowed = np.mean([_width(one) for one in found], axis=0)
    cut = _cut(squares.mean(axis=0), prior.mean(axis=0))
    width = np.where(cut > 0, np.minimum(narrowed, before), before)
    return Worth(cut, np.minimum(low, cut), np.maximum(high, cut), width, before)


def _cut(left: Floats, before: Floats) -> Floats:
    share = np.divide(left, before, out=np.ones_like(left), where=before > 0)
    return np.asarray(1 - np.sqrt(np.clip(share, 0.0, 1.0)))


def _width(found: Smooth) -> Floats:
    """Expected width of the 95 % interval: of the residuals of draws of which the data say nearly the same."""
    widths = []
    for fitted, left in zip(found.fitted.T, found.residual.T, strict=True):
        ordered = left[np.argsort(fitted, kind="stable")]
        windows = np.array_split(ordered, max(1, len(ordered) // WINDOW))
        widths.append(float(np.average([_wide(w) for w in windows], weights=[len(w) for w in windows])))
    return np.asarray(widths)


def _wide(x: Floats) -> float:
    # Unbiased for the median of a sample's quantile, whatever the law: windows hold few draws.
    low, high = np.quantile(x, INSIDE, method="median_unbiased")
    return float(high - low)
