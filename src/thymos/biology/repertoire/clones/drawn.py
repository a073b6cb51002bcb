"""Clones drawn one by one, with their sizes at several times: exact, and at a cost that does not grow with size.

Between two times of observation each cell of a clone founds a clone of Kendall's law, so that the joint law of the
sizes at all times is exact, without any event in between. Clones are independent once the rates are given: the rates
come from the mean course of the pool, so that totals vary around it and are not held to it. Where few clones make up
the pool (Hill number of order 2 below about a thousand) the pool's feedback on its own chance is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.variates import geometric, progeny
from thymos.biology.repertoire.kernel import outer, over_blocks
from thymos.biology.repertoire.xoshiro import key, seed_block, uniform
from thymos.lang.errors import RunError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.rates import Rates

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

BLOCK = 8192
"""Clones that share a stream of random numbers."""
MOST = 20_000_000
"""Clones beyond which drawing is refused without a limit: 8 bytes for each time."""


def _nobody() -> Counts:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Source:
    """Clones of one kind: an origin, a compartment, a class of division.

    label  : name of the kind
    rates  : births and losses of its cells (time,) [1/day]
    influx : clones founded per day (time,), a straight line between the times of `rates`
    start  : law of a clone's size on the day it is founded; one cell unless given
    sizes  : clones that are there at the first time (clone,) [cell]
    parent : label of an earlier source from whose cells these clones are made, as memory clones from naive ones
    """

    label: str
    rates: Rates
    influx: Floats
    start: Kendall = field(default_factory=Kendall.founder)
    sizes: Counts = field(default_factory=_nobody)
    parent: str | None = None

    def founders(self) -> Floats:
        """Clones founded from the first time up to each (time,)."""
        cells = (self.influx[1:] + self.influx[:-1]) / 2 * np.diff(self.rates.times)
        return np.concatenate([[0.0], np.cumsum(cells)])


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

    The same bits for any number of workers. A clone made from a parent is given one of the parent's source, by chance
    in proportion to its mean size over the interval between two times. How many such clones there are, when they are
    founded and how they grow is exact, and so is the parent's own course; how the two move together within an interval
    is not. Raises `RunError` for times off the grid and for more clones than memory should hold.
    """
    moments = np.atleast_1d(np.asarray(times, dtype=np.float64))
    expected = sum(float(s.founders()[-1]) + len(s.sizes) for s in sources)
    if most is None and expected > MOST:
        raise RunError(
            "clones, drawn", f"at most {MOST:,} clones", f"{expected:,.0f}", "most=1_000_000 and weights"
        )
    share = 1.0 if most is None else min(1.0, most / max(expected, 1.0))
    groups = [_Group(s, i, _indices(s, moments), seed, share) for i, s in enumerate(sources)]
    parts = [g.draw(workers) for g in groups]
    number = np.cumsum([0, *(len(p[0]) for p in parts)])
    sizes = np.concatenate([p[0] for p in parts])
    labels = tuple(s.label for s in sources)
    parent = np.full(len(sizes), -1, dtype=np.int64)
    for i, s in enumerate(sources):
        if s.parent is not None:
            j = _earlier(labels, s.parent, i)
            made = slice(number[i], number[i + 1])
            from_ = sizes[number[j] : number[j + 1]]
            parent[made] = _parents(from_, parts[i][2], stream(seed, "clones.parents", i), int(number[j]))
    return DrawnClones(
        times=moments,
        sizes=sizes,
        founded=np.concatenate([p[1] for p in parts]),
        source=np.repeat(np.arange(len(sources), dtype=np.int16), np.diff(number)),
        parent=parent,
        labels=labels,
        weight=1 / share,
    )


def _earlier(labels: tuple[str, ...], parent: str, i: int) -> int:
    if parent not in labels[:i]:
        raise RunError(
            f"clones, parent of {labels[i]}", "an earlier source", parent, "the parent's source first"
        )
    return labels.index(parent)


def _indices(source: Source, times: Floats) -> list[int]:
    """Places of the first time of the grid and of the times of observation in the grid of a source."""
    grid = source.rates.times
    at = np.searchsorted(grid, times - 1e-9)
    if (at >= len(grid)).any() or (np.abs(grid[at] - times) > 1e-9).any() or (np.diff(at) <= 0).any():
        raise RunError(
            f"clones, times of {source.label}", "increasing times of the grid of its rates", f"{times}"
        )
    return [0, *at.tolist()]


def _parents(cells: Counts, interval: Counts, chance: np.random.Generator, first: int) -> Counts:
    """A clone of `cells` (clone, time) for each clone founded in an interval; -1 where none is alive."""
    parent = np.full(len(interval), -1, dtype=np.int64)
    before = np.concatenate([cells[:, :1] * 0, cells], axis=1)
    for k in np.unique(interval):
        mean = np.cumsum(before[:, k] + before[:, k + 1], dtype=np.float64)
        made = interval == k
        if len(mean) and mean[-1] > 0:
            parent[made] = first + np.searchsorted(mean, chance.random(made.sum()) * mean[-1], side="right")
    return parent


class _Group:
    """Draws the clones of one source."""

    def __init__(self, source: Source, i: int, at: list[int], seed: int, share: float) -> None:
        self.source, self.i, self.at, self.seed = source, i, at, seed
        chance = stream(seed, "clones.founders", i)
        kept = source.sizes if share == 1 else source.sizes[chance.random(len(source.sizes)) < share]
        self.there = np.asarray(kept, dtype=np.int64)
        self.upto = source.founders()
        means = np.diff(self.upto[at]) * share
        self.number = [len(self.there), *chance.poisson(means).tolist()]

    def draw(self, workers: int) -> tuple[Counts, Floats, Counts]:
        """Sizes (clone, time), founding days (clone,), and the interval in which each was founded (clone,)."""
        total = sum(self.number)
        sizes = np.zeros((total, len(self.at) - 1), dtype=np.int64)
        founded = np.full(total, self.source.rates.times[0])
        ends = np.cumsum(self.number)
        laws = [self.source.rates.between(j, k) for j, k in zip(self.at[:-1], self.at[1:], strict=True)]
        survival = np.array([float(law.survival) for law in laws])
        B = np.array([float(law.B) for law in laws])
        self._those_there(sizes[: ends[0]], survival, B, workers)
        for k in range(len(laws)):
            new = slice(ends[k], ends[k + 1])
            self._newcomers(k, sizes[new], founded[new], survival, B, workers)
        interval = np.repeat(np.arange(len(self.number)) - 1, self.number)
        return sizes, founded, np.maximum(interval, 0)

    def _those_there(self, sizes: Counts, survival: Floats, B: Floats, workers: int) -> None:
        word = key(self.seed, "clones.there", self.i)

        def part(first: int, last: int) -> None:
            rows = sizes[first:last]
            rows[:, 0] = self.there[first:last]
            _grow(rows, 0, survival, B, word, first // BLOCK)

        over_blocks(part, len(sizes), BLOCK, workers)

    def _newcomers(
        self, k: int, sizes: Counts, founded: Floats, survival: Floats, B: Floats, workers: int
    ) -> None:
        """Those founded between time k - 1 and time k of observation."""
        word = key(self.seed, "clones.newcomers", self.i, k)
        grid = slice(self.at[k], self.at[k + 1] + 1)
        r = self.source.rates
        law = r.until(self.at[k + 1])
        tables = np.array(
            [
                r.times[grid],
                self.upto[grid],
                self.source.influx[grid],
                r.birth[grid],
                r.death[grid],
                law.m[grid],
                law.B[grid],
            ]
        )
        start = np.array([float(self.source.start.m), float(self.source.start.B)])

        def part(first: int, last: int) -> None:
            _found(sizes[first:last], founded[first:last], k, tables, start, word, first // BLOCK)
            _grow(sizes[first:last], k + 1, survival, B, word, first // BLOCK)

        over_blocks(part, len(sizes), BLOCK, workers)


@outer
def _grow(sizes: Counts, k: int, survival: Floats, B: Floats, word: np.uint64, block: int) -> None:
    """From the size at time k - 1, or what is in column 0 at the start, on to all later times."""
    state = np.empty(4, np.uint64)
    seed_block(state, word, 2 * block + 1)
    for i in range(len(sizes)):
        n = sizes[i, max(k - 1, 0)]
        for j in range(k, sizes.shape[1]):
            if n == 1:
                n = geometric(state, B[j]) if uniform(state) < survival[j] else 0
            elif n > 0:
                n = progeny(state, n, survival[j], B[j])
            sizes[i, j] = n


@outer
def _found(
    sizes: Counts, founded: Floats, k: int, tables: Floats, start: Floats, word: np.uint64, block: int
) -> None:
    """Founding days by the inverse of their distribution, and sizes at the time of observation that follows.

    m is exact on any day, since rates are straight lines; B between two days of the grid is the cubic that has the
    values and the slopes, -b m, at both.
    """
    times, upto, influx, birth, death, m, B = tables
    state = np.empty(4, np.uint64)
    seed_block(state, word, 2 * block)
    for i in range(len(sizes)):
        y = upto[0] + (upto[-1] - upto[0]) * uniform(state)
        a = min(max(np.searchsorted(upto, y) - 1, 0), len(times) - 2)
        h = times[a + 1] - times[a]
        # Root of influx[a] u + (influx[a+1] - influx[a]) u^2 / 2 = (y - upto[a]) / h, in the form without cancellation.
        need = (y - upto[a]) / h
        slope = influx[a + 1] - influx[a]
        u = 2.0 * need / (influx[a] + np.sqrt(max(influx[a] * influx[a] + 2.0 * slope * need, 0.0)))
        u = min(max(u, 0.0), 1.0)
        founded[i] = times[a] + u * h
        left = birth[a] - death[a]
        bend = birth[a + 1] - death[a + 1] - left
        mean = m[a] * np.exp(-h * u * (left + bend * u / 2.0))
        d0, d1 = -h * birth[a] * m[a], -h * birth[a + 1] * m[a + 1]
        rise = B[a + 1] - B[a]
        added = B[a] + u * (d0 + u * (3.0 * rise - 2.0 * d0 - d1 + u * (d0 + d1 - 2.0 * rise)))
        added = max(added, 0.0) + mean * start[1]
        mean *= start[0]
        sizes[i, k] = geometric(state, added) if uniform(state) * (1.0 + added) < mean else 0
