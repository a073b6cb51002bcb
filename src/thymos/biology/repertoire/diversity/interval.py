r"""How far the indices of a sample would scatter between samples of as many cells: intervals in closed form.

A sample is drawn from the clones seen, each made rarer by what coverage says is missing, and from as many unseen ones,
all alike, as Chao1 says at the least. Clones are then independent Poisson numbers whose sum is the number of cells: the
limit of a bootstrap with ever more repeats. So an interval says how an index of this depth varies, not how far it is
from that of the whole. Reference: `chao2014`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.counted import counted, coverage, whole
from thymos.biology.repertoire.diversity.indices import Indices
from thymos.biology.repertoire.diversity.rarefied import NAMES, at_fixed_cells, slopes_of
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_WIDE = 12.0
"""Standard deviations beyond which a Poisson number is not looked at."""


def interval(sizes: ArrayLike, level: float = 0.95) -> tuple[Indices, Indices]:
    """Lower and upper ends for each index of counts, one for each clone; the number of cells is what it is.

    Raises `DataError` for fewer than two clones, or a level that is not between 0 and 1.
    """
    from scipy.special import ndtri

    n = whole(sizes)
    if len(n) < 2 or not 0 < level < 1:
        got = f"{len(n)}, {level}"
        raise DataError("interval of an index", "at least two clones and a level between 0 and 1", got)
    mean, covariance = at_fixed_cells(_groups(n))
    slopes = slopes_of(mean, int(n.sum()))
    sd = np.sqrt(np.maximum(np.einsum("ia,ab,ib->i", slopes, covariance, slopes), 0.0))
    half = dict(zip(NAMES, ndtri((1 + level) / 2) * sd, strict=True))
    seen = counted(n)
    return _shifted(seen, half, -1), _shifted(seen, half, 1)


def _shifted(seen: Indices, half: dict[str, float], sign: int) -> Indices:
    return Indices(
        **{name: np.asarray(getattr(seen, name) + sign * half.get(name, 0.0)) for name in Indices.names()}
    )


def _groups(n: NDArray[np.int64]) -> Iterator[tuple[Floats, Floats, float]]:
    """Numbers of cells, their probabilities, and clones that are alike, of the clones seen and the unseen."""
    size, clones = np.unique(n, return_counts=True)
    cells = n.sum()
    share = size / cells
    missing, unseen = 1 - coverage(n), float(np.ceil(counted(n).chao1 - len(n)))
    if missing > 0 and unseen > 0:
        gone = share * np.exp(cells * np.log1p(-share))
        share = np.maximum(share - gone * missing / (clones * gone).sum(), 0.0)
        yield *_poisson(cells * missing / unseen), unseen
    for mean, alike in zip(cells * share, clones, strict=True):
        yield *_poisson(mean), float(alike)


def _poisson(mean: float) -> tuple[Floats, Floats]:
    """Numbers of cells that there may be, and the probability of each."""
    from scipy.stats import poisson

    reach = _WIDE * np.sqrt(mean) + 20.0
    k = np.arange(max(0, int(mean - reach)), int(mean + reach) + 1, dtype=np.float64)
    return k, np.asarray(poisson.pmf(k, mean), dtype=np.float64)
