"""Diversity of a sample that was counted, under the names of the expected one; rarefaction and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.indices import Indices, evenness_lost, unseen_at_least
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]


def whole(sizes: ArrayLike) -> Counts:
    """The sizes above 0; raises `DataError` where one is negative or not a whole number."""
    given = np.asarray(sizes)
    if given.ndim != 1 or not np.isfinite(given).all() or (given < 0).any() or (given % 1 != 0).any():
        raise DataError("sizes of clones", "one list of whole numbers of at least 0", f"{sizes!r:.80}")
    counts = given.astype(np.int64)
    return counts[counts > 0]


def counted(sizes: ArrayLike) -> Indices:
    """Indices of counts, one for each clone; Chao1 in its form for small numbers, which is never infinite."""
    n = whole(sizes)
    cells, richness = np.float64(n.sum()), np.float64(len(n))
    ones, twos = np.float64((n == 1).sum()), np.float64((n == 2).sum())
    some = cells if cells > 0 else np.float64(np.nan)
    share = n / some
    shannon = -(share * np.log(share)).sum() if len(n) else np.float64(np.nan)
    pairs = (n * (n - 1.0)).sum()
    return Indices(
        cells=np.asarray(cells),
        richness=np.asarray(richness),
        singletons=np.asarray(ones),
        doubletons=np.asarray(twos),
        shannon=np.asarray(shannon),
        hill1=np.asarray(np.exp(shannon)),
        hill2=np.asarray(some**2 / (pairs + some)),
        clonality=evenness_lost(np.asarray(shannon), np.asarray(richness)),
        simpson=np.asarray(pairs / (some * (some - 1)) if cells > 1 else np.nan),
        chao1=np.asarray(richness + ones * (ones - 1) / (2 * (twos + 1))),
    )


def coverage(sizes: ArrayLike) -> float:
    """Share of the cells of the whole that are of clones seen here (Good and Turing); reference: `chao2014`."""
    n = whole(sizes)
    cells, ones, twos = n.sum(), (n == 1).sum(), (n == 2).sum()
    if cells < 2:
        return 0.0
    rest = (cells - 1) * ones
    # Without a doubleton, as if the bias-corrected Chao1 had been used for the unseen.
    odds = rest / (rest + 2 * twos) if twos > 0 else (cells - 1) * (ones - 1) / ((cells - 1) * (ones - 1) + 2)
    return float(1 - ones / cells * max(odds, 0.0))


def rarefaction(sizes: ArrayLike, depths: ArrayLike) -> Floats:
    r"""Expected richness of `depths` cells drawn without replacement: $\sum_i [1 - \binom{N-n_i}{k}/\binom{N}{k}]$.

    Depths are whole numbers up to all cells, else `DataError`. Sizes that occur often are added once.
    """
    from scipy.special import gammaln

    size, often = np.unique(whole(sizes), return_counts=True)
    cells, k = int((size * often).sum()), np.asarray(depths, dtype=np.int64)
    if (k < 0).any() or (k > cells).any():
        raise DataError("depths of rarefaction", f"0 to {cells} cells", f"{depths!r:.80}")
    n, left = size[:, None], (cells - k).reshape(1, -1)
    inside = left >= n
    ways = [
        gammaln(np.where(inside, x, 0) + 1.0) for x in (cells - n, left, left - n, np.full_like(n, cells))
    ]
    missed = np.where(inside, np.exp(ways[0] + ways[1] - ways[2] - ways[3]), 0.0)
    return np.asarray((often[:, None] * (1 - missed)).sum(axis=0)).reshape(k.shape)


def whole_at_least(sizes: ArrayLike, share: float) -> float:
    """Clones of the whole of which each cell was sampled with probability `share`, at the least."""
    got = counted(sizes)
    return float(got.richness + unseen_at_least(got.singletons, got.doubletons, share))
