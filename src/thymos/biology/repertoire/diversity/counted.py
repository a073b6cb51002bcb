"""Diversity of a sample that was counted, under the names of the expected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.indices import Indices, evenness_lost
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]


def whole(sizes: ArrayLike) -> Counts:
    """The sizes above 0; raises `DataError` where one is negative or not a whole number."""
    given = np.asarray(sizes)
    counts = given.astype(np.int64)
    if given.ndim != 1 or (given < 0).any() or (counts != given).any():
        raise DataError("sizes of clones", "one list of whole numbers of at least 0", f"{sizes!r:.80}")
    return counts[counts > 0]


def counted(sizes: ArrayLike) -> Indices:
    """Indices of counts, one for each clone; Chao1 with its correction for small numbers."""
    n = whole(sizes)
    cells, richness = np.float64(n.sum()), np.float64(len(n))
    ones, twos = np.float64((n == 1).sum()), np.float64((n == 2).sum())
    some = cells if cells > 0 else np.nan
    share = n / some
    shannon = -(share * np.log(share)).sum() if len(n) else np.nan
    pairs = (n * (n - 1.0)).sum()
    return Indices(
        cells=np.asarray(cells),
        richness=np.asarray(richness),
        singletons=np.asarray(ones),
        doubletons=np.asarray(twos),
        shannon=np.asarray(shannon),
        hill1=np.exp(shannon),
        hill2=np.asarray(some**2 / (pairs + some)),
        clonality=evenness_lost(np.asarray(shannon), np.asarray(richness)),
        simpson=np.asarray(pairs / (some * (some - 1)) if cells > 1 else np.nan),
        chao1=np.asarray(richness + ones * (ones - 1) / (2 * (twos + 1))),
    )
