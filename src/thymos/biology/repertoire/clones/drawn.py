"""Clones drawn one by one, with their sizes at several times: exact, and at a cost that does not grow with size.

Between two times of observation each cell of a clone founds a clone of Kendall's law, so that the joint law of the
sizes at all times is exact, without any event in between. Clones are independent once the rates are given: the rates
come from the mean course of the pool, so that totals vary around it and are not held to it. Where few clones make up
the pool (Hill number of order 2 below about a thousand) the pool's feedback on its own chance is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.drawing import Drawing
from thymos.lang.errors import RunError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.source import Source

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

MOST = 20_000_000
"""Clones beyond which drawing is refused without a limit: 8 bytes for each time."""


@dataclass(frozen=True)
class DrawnClones:
    """Clones and their sizes.

    times   : (time,) [day]
    sizes   : cells of each clone (clone, time)
    founded : day on which each was founded; the first time of the rates for those that were there (clone,) [day]
    source  : index in `labels` (clone,)
    parent  : the clone from which it was made, -1 for none (clone,); its receptor is that of the parent
    weight  : clones of the body for which each stands
    """

    times: Floats
    sizes: Counts
    founded: Floats
    source: NDArray[np.int16]
    parent: Counts
    labels: tuple[str, ...]
    weight: float

    def of(self, label: str) -> NDArray[np.bool_]:
        """Which clones are of one kind (clone,)."""
        return np.asarray(self.source == self.labels.index(label))

    def clonotypes(self) -> tuple[Counts, Counts]:
        """Clones joined with those made from them: index of the first of each, and their cells (clonotype, time)."""
        first = np.where(self.parent >= 0, self.parent, np.arange(len(self.parent)))
        of, inverse = np.unique(first, return_inverse=True)
        cells = np.zeros((len(of), self.sizes.shape[1]), dtype=np.int64)
        np.add.at(cells, inverse, self.sizes)
        return of, cells

    def sampled(self, share: float | Floats, seed: int) -> Counts:
        """Cells of each clone in samples that take each cell with probability `share`, one or (time,)."""
        return stream(seed, "clones.sample").binomial(self.sizes, share)


def drawn(
    sources: Sequence[Source], times: ArrayLike, seed: int, most: int | None = None, workers: int = 1
) -> DrawnClones:
    """Clones of all sources at `times`, which increase and stand on the grid of every source.

    most : clones to draw, about; where more are expected, each that is drawn stands for as many as `weight` says

    The same bits for any number of workers. How many clones are made from those of another source, when, and how they
    grow is exact, and so is the course of any parent. Which clone is the parent is exact between intervals alone:
    within one, cells that leave no descendant by its end are told from those that do, but not when. Raises `RunError`
    for times off the grid and for more clones than memory should hold.
    """
    moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
    total = sum(float(s.founders()[-1]) + len(s.sizes) for s in sources)
    if most is None and total > MOST:
        raise RunError(
            "clones, drawn", f"at most {MOST:,} clones", f"{total:,.0f}", "most=1_000_000 and weights"
        )
    share = 1.0 if most is None else min(1.0, most / max(total, 1.0))
    labels = tuple(s.label for s in sources)
    makers = {s.parent for s in sources}
    groups = [Drawing(s, s.places(moments), share, i, seed, s.label in makers) for i, s in enumerate(sources)]
    for group in groups:
        group.draw(workers)
    number = [len(g.sizes) for g in groups]
    return DrawnClones(
        times=moments,
        sizes=np.concatenate([g.sizes for g in groups]),
        founded=np.concatenate([g.founded for g in groups]),
        source=np.repeat(np.arange(len(sources), dtype=np.int16), number),
        parent=np.concatenate([_parents(groups, i, labels) for i in range(len(groups))]),
        labels=labels,
        weight=1 / share,
    )


def _parents(groups: list[Drawing], i: int, labels: tuple[str, ...]) -> Counts:
    """Index among all clones of the parent of each clone of one source; -1 for none."""
    group = groups[i]
    if group.source.parent is None:
        return np.full(len(group.sizes), -1, dtype=np.int64)
    j = _earlier(labels, group.source.parent, i)
    parent = groups[j].parents(group.interval, stream(group.seed, "clones.parents", i))
    return np.asarray(np.where(parent >= 0, parent + sum(len(g.sizes) for g in groups[:j]), -1))


def _earlier(labels: tuple[str, ...], parent: str, i: int) -> int:
    if parent not in labels[:i]:
        raise RunError(
            f"clones, parent of {labels[i]}", "an earlier source", parent, "the parent's source first"
        )
    return labels.index(parent)
