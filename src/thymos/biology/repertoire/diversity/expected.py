r"""Diversity in closed form, at any depth of sampling: sums over classes of clones, nothing drawn.

With w founders in a class, each cell sampled with probability p, $m' = pm$, $W' = 1 + pB$, $S' = m'/W'$,
$\eta' = 1 - 1/W'$:

$$ E[\text{richness}] = \sum w S', \quad E[f_k] = \sum w \frac{S'}{W'} \eta'^{\,k-1}, \quad
   E\Big[\sum n\Big] = \sum w m', \quad E\Big[\sum n(n-1)\Big] = \sum 2 w m' B' $$

and $\sum w S' E[n \ln n \mid \text{alive}]$ for the entropy, from a series. Ratios are those of expectations: right
where many clones make up the repertoire, off by a share of the order of 1/hill2 where few do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.diversity.geometric import mean_n_ln_n
from thymos.biology.repertoire.diversity.indices import Indices, evenness_lost, unseen_at_least
from thymos.biology.repertoire.kernel import outer, over_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.clones import Clones

    Floats = NDArray[np.float64]

_ROWS = 16  # a block: some ten thousand classes, a millisecond


@outer
def _sums(number: Floats, m: Floats, B: Floats, out: Floats) -> None:
    """Expected cells, clones, singletons, doubletons, sum n(n-1), sum n ln n of each row."""
    for i in range(number.shape[0]):
        cells = clones = ones = twos = pairs = entropy = 0.0
        for j in range(number.shape[1]):
            w = number[i, j] * m[i, j]
            if w > 0.0:
                b = B[i, j]
                alive = w / (1.0 + b)
                single = alive / (1.0 + b)
                cells += w
                clones += alive
                ones += single
                twos += single * (b / (1.0 + b))
                pairs += 2.0 * w * b
                entropy += alive * mean_n_ln_n(b)
        out[i, 0] = cells
        out[i, 1] = clones
        out[i, 2] = ones
        out[i, 3] = twos
        out[i, 4] = pairs
        out[i, 5] = entropy


def expected(clones: Clones, share: ArrayLike = 1.0, workers: int = 1) -> Indices:
    """Indices of a sample into which each cell comes with probability `share` (...), arrays (...).

    The number of cells in the sample is not fixed but on average `share` of them. `share` may have more leading axes
    than the clones, such as one for depths.
    """
    rows, lead = _rows(clones, share)
    sums = np.empty((len(rows[0]), 6))

    def part(first: int, last: int) -> None:
        number, m, B = (x[first:last] for x in rows)
        _sums(number, m, B, sums[first:last])

    over_blocks(part, len(sums), _ROWS, workers)
    return _indices(*sums.T.reshape(6, *lead))


def _rows(clones: Clones, share: ArrayLike) -> tuple[list[Floats], tuple[int, ...]]:
    """Number, m and B of all classes, one row for each leading index, and the shape of those."""
    sample = clones.thinned(share)
    parts = np.broadcast_arrays(sample.number, sample.law.m, sample.law.B)
    lead = parts[0].shape[:-1]
    width = parts[0].shape[-1]
    return [np.ascontiguousarray(x, dtype=np.float64).reshape(-1, width) for x in parts], lead


def _indices(
    cells: Floats, richness: Floats, ones: Floats, twos: Floats, pairs: Floats, entropy: Floats
) -> Indices:
    some = np.where(cells > 0, cells, np.nan)
    shannon = np.log(some) - entropy / some
    return Indices(
        cells=cells,
        richness=richness,
        singletons=ones,
        doubletons=twos,
        shannon=shannon,
        hill1=np.exp(shannon),
        hill2=some**2 / (pairs + cells),
        clonality=evenness_lost(shannon, richness),
        simpson=pairs / some**2,
        chao1=richness + unseen_at_least(ones, twos),
    )
