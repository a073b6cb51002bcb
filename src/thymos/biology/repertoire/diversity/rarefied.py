r"""A counted sample at a smaller depth, in closed form: what its subsamples show, and how they scatter.

A cell is kept with probability p = depth / cells, so that a clone of c cells keeps a Binomial(c, p) number k of them.
The indices follow from five sums over clones, of $[k > 0]$, $[k = 1]$, $[k = 2]$, $k (k - 1)$ and $k \ln k$. Their
covariance is the sum of those of single clones, less what goes with the number of cells kept, which is the same in all
subsamples: $C - C_{\cdot k} C_{k \cdot} / C_{kk}$. References: `hurlbert1971`, `colwell2012`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.counted import whole
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

NAMES = ("richness", "singletons", "doubletons", "shannon", "hill1", "hill2", "clonality", "simpson", "chao1")
SPAN = 1.959963984540054
"""Standard deviations to either end of a 95 % interval."""
_WIDE = 12.0
"""Standard deviations beyond which a binomial number is not looked at."""


def rarefied(sizes: ArrayLike, depth: int) -> dict[str, tuple[float, float, float]]:
    """(mean, lower, upper end of 95 %) of each index of `NAMES` over subsamples of `depth` cells.

    Raises `DataError` for a depth below 2, or above the cells there are.
    """
    n = whole(sizes)
    cells = int(n.sum())
    if not 2 <= depth <= cells:
        raise DataError(
            "option --depth", f"2 to {cells} cells, as many as the smallest sample has", str(depth)
        )
    mean, covariance = _sums(n, depth / cells)
    at, slopes = _indices(mean, depth), slopes_of(mean, depth)
    out = {}
    for i, name in enumerate(NAMES):
        half = SPAN * float(np.sqrt(max(slopes[i] @ covariance @ slopes[i], 0.0)))
        out[name] = (float(at[i]), float(at[i] - half), float(at[i] + half))
    return out


def _sums(n: NDArray[np.int64], p: float) -> tuple[Floats, Floats]:
    return at_fixed_cells(
        (*_binomial(int(size), p), clones)
        for size, clones in zip(*np.unique(n, return_counts=True), strict=True)
    )


def at_fixed_cells(groups: Iterable[tuple[Floats, Floats, float]]) -> tuple[Floats, Floats]:
    """Mean (5,) of the five sums, and their covariance (5, 5) where the number of all cells is the same.

    groups : numbers k that a clone may have, the probability of each, and how many independent clones are like that
    """
    mean, square = np.zeros(6), np.zeros((6, 6))
    for k, probability, clones in groups:
        k_ln_k = k * np.log(np.maximum(k, 1))
        g = np.stack([k > 0, k == 1, k == 2, k * (k - 1), k_ln_k, k]).astype(np.float64)
        middle = g @ probability
        apart = g - middle[:, None]
        mean += clones * middle
        square += clones * (apart * probability) @ apart.T
    together = square[:5, 5]
    fixed = np.outer(together, together) / square[5, 5] if square[5, 5] > 0 else 0.0
    return mean[:5], square[:5, :5] - fixed


def _binomial(size: int, p: float) -> tuple[Floats, Floats]:
    """Numbers that may be kept of `size` cells, and the probability of each."""
    from scipy.stats import binom

    reach = _WIDE * np.sqrt(size * p * (1 - p)) + 20.0
    low, high = max(0, int(size * p - reach)), min(size, int(size * p + reach) + 1)
    k = np.arange(low, high + 1, dtype=np.float64)
    return k, np.asarray(binom.pmf(k, size, p), dtype=np.float64)


def _indices(sums: Floats, depth: int) -> Floats:
    """Every index of `NAMES` from the five sums."""
    clones, ones, twos, pairs, logs = sums
    shannon = np.log(depth) - logs / depth
    clonality = 1 - shannon / np.log(clones) if clones > 1 else 1.0
    chao1 = clones + ones * max(ones - 1, 0.0) / (2 * (twos + 1))
    hill2 = depth**2 / (pairs + depth)
    simpson = pairs / (depth * (depth - 1))
    return np.array([clones, ones, twos, shannon, np.exp(shannon), hill2, clonality, simpson, chao1])


def slopes_of(sums: Floats, depth: int) -> Floats:
    """Derivatives of the indices by the five sums of `depth` cells (9, 5), by central differences."""
    out = np.empty((len(NAMES), len(sums)))
    for i, x in enumerate(sums):
        step = np.zeros(len(sums))
        step[i] = 1e-6 * max(abs(x), 1.0)
        out[:, i] = (_indices(sums + step, depth) - _indices(sums - step, depth)) / (2 * step[i])
    return out
