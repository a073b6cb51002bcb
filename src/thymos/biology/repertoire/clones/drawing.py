"""The loops behind `drawn`: the founding of clones and their growth from one time of observation to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.variates import binomial, descendants, geometric
from thymos.biology.repertoire.kernel import outer, over_blocks
from thymos.biology.repertoire.xoshiro import key, seed_block, uniform
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.clones.source import Source

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

BLOCK = 8192
"""Clones that share a stream of random numbers."""


@dataclass
class Drawing:
    """The clones of one source, drawn.

    sizes    : (clone, time)
    lost     : cells without a descendant at the next time (clone, time), where clones are made from these, else empty
    founded  : (clone,)
    interval : between which two times each was founded (clone,)
    """

    source: Source
    at: list[int]
    share: float
    place: int
    seed: int
    makes_others: bool

    def __post_init__(self) -> None:
        chance = stream(self.seed, "clones.founders", self.place)
        there = self.source.sizes
        kept = there if self.share == 1 else there[chance.random(len(there)) < self.share]
        means = np.diff(self.source.founders()[self.at]) * self.share
        number = [len(kept), *chance.poisson(means).tolist()]
        self.ends = np.cumsum(number)
        self.sizes = np.zeros((self.ends[-1], len(self.at) - 1), dtype=np.int64)
        self.sizes[: len(kept), 0] = kept
        self.lost = np.zeros_like(self.sizes if self.makes_others else self.sizes[:0])
        self.founded = np.full(self.ends[-1], self.source.rates.times[0])
        self.interval = np.maximum(np.repeat(np.arange(len(number)) - 1, number), 0)
        laws = [self.source.rates.between(j, k) for j, k in zip(self.at[:-1], self.at[1:], strict=True)]
        self.survival = np.array([float(law.survival) for law in laws])
        self.B = np.array([float(law.B) for law in laws])

    def draw(self, workers: int) -> None:
        """Fill the arrays."""
        word = key(self.seed, "clones.there", self.place)

        def those_there(first: int, last: int) -> None:
            rows = slice(first, last)
            _grow(self.sizes[rows], self.lost[rows], 0, self.survival, self.B, word, first // BLOCK)

        over_blocks(those_there, int(self.ends[0]), BLOCK, workers)
        for k in range(len(self.B)):
            self._newcomers(k, workers)

    def _newcomers(self, k: int, workers: int) -> None:
        """Those founded between time k - 1 and time k of observation."""
        word = key(self.seed, "clones.newcomers", self.place, k)
        tables, start = self._tables(k), self.source.start
        burst = np.array([float(start.m), float(start.B)])

        def part(first: int, last: int) -> None:
            rows = slice(self.ends[k] + first, self.ends[k] + last)
            sizes, lost = self.sizes[rows], self.lost[rows]
            _found(sizes, lost, self.founded[rows], k, tables, burst, word, first // BLOCK)
            _grow(sizes, lost, k + 1, self.survival, self.B, word, first // BLOCK)

        over_blocks(part, int(self.ends[k + 1] - self.ends[k]), BLOCK, workers)

    def _tables(self, k: int) -> Floats:
        """What `_found` reads, at the times of the grid within an interval (row, time)."""
        grid = slice(self.at[k], self.at[k + 1] + 1)
        rates, law = self.source.rates, self.source.rates.until(self.at[k + 1])
        columns = (
            rates.times,
            self.source.founders(),
            self.source.influx,
            rates.birth,
            rates.death,
            law.m,
            law.B,
        )
        return np.array([column[grid] for column in columns])

    def deaths(self) -> Floats:
        """Cells expected to be lost in each interval, of the clones that are drawn (time,)."""
        rates = self.source.rates
        new = self.source.influx * self.source.start.m
        start = np.asarray(self.source.sizes.sum(), dtype=np.float64)
        flow = rates.death * rates.cells(np.asarray(new), start)
        steps = (flow[1:] + flow[:-1]) / 2 * np.diff(rates.times)
        upto = np.concatenate([[0.0], np.cumsum(steps)])
        return np.asarray(np.diff(upto[self.at]) * self.share)

    def parents(self, interval: Counts, chance: np.random.Generator) -> Counts:
        """A clone of this source for each clone made from it in an interval; -1 where none could be.

        What turns is lost to this source. Of the losses, some end a line of cells between two times: such a line was
        the parent of one clone at most. The others go by the mean of a clone's sizes at the two times.
        """
        parent = np.full(len(interval), -1, dtype=np.int64)
        before = np.concatenate([np.zeros_like(self.sizes[:, :1]), self.sizes], axis=1)
        for k, deaths in enumerate(self.deaths()):
            made = np.flatnonzero(interval == k)
            lines = np.repeat(np.arange(len(self.lost)), self.lost[:, k])
            ends_line = chance.random(len(made)) * max(deaths, len(lines)) < len(lines)
            first, rest = made[ends_line][: len(lines)], made[~ends_line]
            parent[first] = chance.permutation(lines)[: len(first)]
            mean = np.cumsum(before[:, k] + before[:, k + 1], dtype=np.float64)
            if len(mean) and mean[-1] > 0:
                parent[rest] = np.searchsorted(mean, chance.random(len(rest)) * mean[-1], side="right")
        return parent


@outer
def _grow(
    sizes: Counts, lost: Counts, k: int, survival: Floats, B: Floats, word: np.uint64, block: int
) -> None:
    """From the size at time k - 1, or what is in column 0 at the start, on to all later times.

    `lost` is how many cells have left no descendant by the next time; not kept where it has no rows.
    """
    state = np.empty(4, np.uint64)
    seed_block(state, word, 2 * block + 1)
    for i in range(len(sizes)):
        n = sizes[i, max(k - 1, 0)]
        for j in range(k, sizes.shape[1]):
            alive = binomial(state, n, survival[j]) if n > 1 else int(n == 1 and uniform(state) < survival[j])
            if len(lost) > 0:
                lost[i, j] = n - alive
            n = descendants(state, alive, B[j])
            sizes[i, j] = n


@outer
def _found(
    sizes: Counts,
    lost: Counts,
    founded: Floats,
    k: int,
    tables: Floats,
    start: Floats,
    word: np.uint64,
    block: int,
) -> None:
    """Founding days by the inverse of their distribution, and sizes at the time of observation that follows.

    m is exact on any day, since rates are straight lines. B between two days of the grid has the values at both and the
    form that it has under constant net growth: exact where rates are constant, however fast.
    """
    times, upto, influx, birth, death, m, B = tables
    net = birth - death
    scale = np.ones(len(times) - 1)
    for a in range(len(scale)):
        _, plain = _rest(0.0, times[a + 1] - times[a], birth[a], birth[a + 1], net[a], net[a + 1])
        if plain > 0.0:
            scale[a] = (B[a] - B[a + 1]) / (m[a + 1] * plain)
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
        growth, plain = _rest(u, h, birth[a], birth[a + 1], net[a], net[a + 1])
        mean = m[a + 1] * growth
        added = max(B[a + 1] + m[a + 1] * plain * scale[a], 0.0) + mean * start[1]
        mean *= start[0]
        alive = uniform(state) * (1.0 + added) < mean
        sizes[i, k] = geometric(state, added) if alive else 0
        if len(lost) > 0:
            lost[i, k] = 0 if alive else 1


@outer
def _rest(u: float, h: float, b0: float, b1: float, n0: float, n1: float) -> tuple[float, float]:
    """From a share u of a step h on: growth to its end, and what births add at its mean net rate.

    b, n : birth and net rate at the two ends of the step
    """
    left = h * (1.0 - u)
    b, n = b0 + u * (b1 - b0), n0 + u * (n1 - n0)
    g = left * (n + n1) / 2.0
    growth = np.exp(g)
    if abs(g) < 0.02:  # the quotients lose their digits
        zeroth = 1.0 + g / 2.0 + g * g / 6.0 + g * g * g / 24.0
        first = 0.5 + g / 3.0 + g * g / 8.0 + g * g * g / 30.0
    else:
        zeroth = (growth - 1.0) / g
        first = (growth - zeroth) / g
    return growth, left * (b1 * zeroth + (b - b1) * first)
