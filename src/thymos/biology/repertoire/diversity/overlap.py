r"""What two samples share: counted, and expected of two tubes, of two days, and of two people.

Morisita-Horn, $2 \sum x y / [(\sum x^2/X^2 + \sum y^2/Y^2) X Y]$, goes by the large clones, Jaccard, shared clones over
all clones, by the many small ones and so by depth. Reference: `horn1966`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.clones import Clones, together
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.kendall import Kendall

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Overlap:
    """Clones in both samples, and the two indices; not a number where a sample is empty."""

    shared: Floats
    jaccard: Floats
    morisita_horn: Floats


def aligned(
    first: Sequence[Hashable], first_cells: ArrayLike, second: Sequence[Hashable], second_cells: ArrayLike
) -> tuple[Counts, Counts]:
    """Cells of every clone of either sample, in one order (clone,); a clone named twice is added up."""
    place = {name: i for i, name in enumerate(dict.fromkeys([*first, *second]))}
    out = np.zeros((2, len(place)), dtype=np.int64)
    for row, names, cells in ((out[0], first, first_cells), (out[1], second, second_cells)):
        given = np.asarray(cells)
        if given.shape != (len(names),):
            raise DataError(
                "overlap of two samples", "one count for each clone", f"{given.shape}, {len(names)} clones"
            )
        np.add.at(row, [place[name] for name in names], given)
    return out[0], out[1]


def counted_overlap(x: ArrayLike, y: ArrayLike) -> Overlap:
    """Of counts of the same clones in two samples (clone,)."""
    a, b = (np.asarray(z, dtype=np.float64) for z in (x, y))
    if a.shape != b.shape or (a < 0).any() or (b < 0).any():
        raise DataError(
            "overlap of two samples", "counts of at least 0 of the same clones", f"{a.shape}, {b.shape}"
        )
    both, either = ((a > 0) & (b > 0)).sum(), ((a > 0) | (b > 0)).sum()
    return _overlap(both, either, (a * b).sum(), (a**2).sum(), (b**2).sum(), a.sum(), b.sum())


def _overlap(
    shared: ArrayLike,
    either: ArrayLike,
    xy: ArrayLike,
    xx: ArrayLike,
    yy: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
) -> Overlap:
    both, any_, xy_, xx_, yy_, x_, y_ = (
        np.asarray(z, dtype=np.float64) for z in (shared, either, xy, xx, yy, x, y)
    )
    X, Y = (np.where(z > 0, z, np.nan) for z in (x_, y_))
    jaccard = both / np.where(any_ > 0, any_, np.nan)
    return Overlap(both, jaccard, 2 * xy_ / ((xx_ / X**2 + yy_ / Y**2) * X * Y))


def two_tubes(clones: Clones, p: float, q: float) -> Overlap:
    """Expected between two samples of one person on one day, each cell in one with probability p, the other with q.

    No cell can be in both, so p + q is at most 1, else `DataError`.
    """
    if not (p >= 0 and q >= 0 and p + q <= 1):
        raise DataError("overlap of two tubes", "shares that sum to at most 1", f"{p} and {q}")
    m, B, w = clones.law.m, clones.law.B, clones.number
    either = clones.thinned(p + q).alive
    first, second = clones.thinned(p), clones.thinned(q)
    return _overlap(
        first.alive + second.alive - either,
        either,
        (w * p * q * 2 * m * B).sum(axis=-1),
        first.variance,
        second.variance,
        first.cells,
        second.cells,
    )


def two_days(clones: Clones, later: Kendall, p: float, q: float, newcomers: Clones | None = None) -> Overlap:
    """Expected between samples of one person on two days, each cell sampled with probability p, and q on the second.

    clones    : those of the first day
    later     : law on the second day of what one cell of the first has become, arrays (..., class)
    newcomers : clones founded in between, as they are on the second day

    The first sample is a small share of the cells: those taken are not missed on the second day.
    """
    first, stayed = clones.thinned(p), clones.then(later).thinned(q)
    second = stayed if newcomers is None else together(stayed, newcomers.thinned(q))
    neither = clones.law.at((1 - p) * later.at(1 - q))
    seen = (clones.number * (1 - neither)).sum(axis=-1)
    return _overlap(
        first.alive + stayed.alive - seen,
        seen + second.alive - stayed.alive,
        (clones.number * p * q * later.m * clones.law.second_moment).sum(axis=-1),
        first.variance,
        second.variance,
        first.cells,
        second.cells,
    )


def two_people(probability: ArrayLike, first: float, second: float) -> tuple[float, float]:
    r"""Expected number of sequences that two people have in common by chance, and its standard error.

    probability   : of each of many sequences drawn from the law of generation (sequence,)
    first, second : clones of the two

    $\sum_s [1 - (1-p_s)^{n_1}][1 - (1-p_s)^{n_2}]$ as a mean over drawn sequences of each term over its $p_s$. For few
    clones it is $n_1 n_2 \sum p^2$, the coincidence probability times the pairs.
    """
    p = np.asarray(probability, dtype=np.float64)
    if p.ndim != 1 or len(p) < 2 or not ((p > 0) & (p <= 1)).all():
        raise DataError(
            "overlap of two people", "probabilities above 0, up to 1, of at least two", f"{p.shape}"
        )
    absent = np.log1p(-np.minimum(p, 1 - 1e-15))
    terms = np.expm1(first * absent) * np.expm1(second * absent) / p
    return float(terms.mean()), float(terms.std(ddof=1) / np.sqrt(len(p)))
