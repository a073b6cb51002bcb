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
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.clones import Clones

    Floats = NDArray[np.float64]
    Kernel = Callable[[Floats, Floats, Floats, Floats], None]

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
    rows, lead = as_rows(clones, share)
    return _indices(*sums(rows, workers).T.reshape(6, *lead))


def spectrum(clones: Clones, most: int, share: ArrayLike = 1.0) -> Floats:
    """Expected number of clones with 1, 2, ... `most` cells in a sample (..., most)."""
    sample = clones.thinned(share)
    alive = sample.number * sample.law.survival
    single, ratio = alive / sample.law.W, sample.law.B / sample.law.W
    seen = np.empty((*alive.shape[:-1], most))
    for k in range(most):
        seen[..., k] = single.sum(axis=-1)
        single = single * ratio
    return seen


def rarefaction(clones: Clones, depths: ArrayLike, workers: int = 1) -> Floats:
    """Expected richness in samples of `depths` cells, no more than there are (depth, ...)."""
    cells = np.asarray(depths, dtype=np.float64).reshape(-1, *(1,) * clones.cells.ndim)
    share = np.divide(
        cells,
        clones.cells,
        out=np.zeros(np.broadcast_shapes(cells.shape, clones.cells.shape)),
        where=clones.cells > 0,
    )
    return expected(clones, np.minimum(share, 1.0), workers).richness


def as_rows(clones: Clones, share: ArrayLike) -> tuple[list[Floats], tuple[int, ...]]:
    """Number, m and B of all classes after sampling, one row for each leading index, and the shape of those."""
    sample = clones.thinned(share)
    parts = np.broadcast_arrays(sample.number, sample.law.m, sample.law.B)
    lead, width = parts[0].shape[:-1], parts[0].shape[-1]
    return [np.ascontiguousarray(x, dtype=np.float64).reshape(-1, width) for x in parts], lead


def over_rows(kernel: Kernel, rows: list[Floats], width: int, workers: int) -> Floats:
    """What a kernel makes of each row (row, width)."""
    out = np.empty((len(rows[0]), width))

    def part(first: int, last: int) -> None:
        number, m, B = (x[first:last] for x in rows)
        kernel(number, m, B, out[first:last])

    over_blocks(part, len(out), _ROWS, workers)
    return out


def sums(rows: list[Floats], workers: int) -> Floats:
    """The six sums over clones on which every index rests (row, 6)."""
    return over_rows(_sums, rows, 6, workers)


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
