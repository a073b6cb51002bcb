"""Quantiles of one output over all patients, at every time, from whole-number counts in bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from thymos.engine.reducers.bins import Bins, Floats, Whole
from thymos.lang.errors import SolveError

if TYPE_CHECKING:
    from thymos.engine.program import Program
    from thymos.engine.solution import Solution

DEFAULT = Bins()


@dataclass(frozen=True)
class Quantiles:
    """Keep the distribution of one output at every time.

    Memory: 8 bytes for each time and each bin between the smallest and the largest value seen, however many
    patients there are; with the default bins 3.4 kB a decade for each time.
    """

    output: str
    bins: Bins = DEFAULT

    def begin(self, program: Program, times: Floats) -> _Tally:
        """An empty distribution."""
        return _Tally(program.output_index(self.output), Distribution.empty(times, self.bins))


@dataclass
class _Tally:
    column: int
    kept: Distribution

    def add(self, index: int, block: Solution) -> None:
        self.kept.add(block.outputs[:, :, self.column])

    def result(self) -> Distribution:
        return self.kept


@dataclass
class Distribution:
    """How many patients lie in which bin at each time; two of them add up to that of both, in any order.

    counts  : (time, bin)
    first   : number of the first of these bins
    missing : (time,) patients without a value, for example because they failed
    """

    times: Floats
    bins: Bins
    counts: Whole
    first: int
    missing: Whole

    @staticmethod
    def empty(times: Floats, bins: Bins = DEFAULT) -> Distribution:
        """Of nobody."""
        n = times.size
        return Distribution(times, bins, np.zeros((n, 0), np.int64), 0, np.zeros(n, np.int64))

    @property
    def present(self) -> Whole:
        """Patients with a value, (time,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def patients(self) -> int:
        """All patients, with a value or not."""
        return int(self.present[0] + self.missing[0])

    # ---- counting

    def add(self, values: ArrayLike) -> None:
        """Count more patients, (patient, time); NaN counts as missing."""
        x = np.ascontiguousarray(values, dtype=np.float64)
        here = ~np.isnan(x)
        self.missing += len(x) - here.sum(axis=0)
        if not here.any():
            return
        number = self.bins.number(x)[here]
        self._make_room(int(number.min()), int(number.max()))
        time = np.broadcast_to(np.arange(self.times.size), x.shape)[here]
        np.add.at(self.counts.reshape(-1), time * self.counts.shape[1] + (number - self.first), 1)

    def merge(self, other: Distribution) -> None:
        """Count the patients of another one too; exact, so the order of merging does not show."""
        if self.bins != other.bins or not np.array_equal(self.times, other.times):
            wanted, got = (f"{d.times.size} times and {d.bins}" for d in (self, other))
            raise SolveError("merging distributions", f"the same times and bins, {wanted}", got)
        self.missing += other.missing
        width = other.counts.shape[1]
        if width:
            self._make_room(other.first, other.first + width - 1)
            begin = other.first - self.first
            self.counts[:, begin : begin + width] += other.counts

    def _make_room(self, low: int, high: int) -> None:
        """Widen the window of bins to hold these, whole octaves at a time."""
        octave, width = 2**self.bins.bits, self.counts.shape[1]
        first, end = octave * (low // octave), octave * (high // octave + 1)
        if width:
            first, end = min(first, self.first), max(end, self.first + width)
        if end - first == width:
            return
        wider = np.zeros((self.times.size, end - first), np.int64)
        wider[:, self.first - first : self.first - first + width] = self.counts
        self.counts, self.first = wider, first

    # ---- reading

    def quantile(self, shares: ArrayLike) -> Floats:
        """Values below which these shares of the patients with a value lie, (share, time).

        As `numpy.quantile`: linear between the two nearest patients, and NaN of nobody. It differs from that
        by at most `bins.accuracy` of the magnitude (interpolated likewise), plus `bins.floor` where one of the
        two is nearer to zero than that; beyond `bins.ceiling` it is infinite.
        """
        found = self._at(_shares(shares)[:, None] * (self.present - 1))
        return np.where(self.present > 0, found, np.nan)

    def between(self, shares: ArrayLike) -> tuple[Floats, Floats]:
        """The least and the greatest that the quantiles of *all* patients can be, each (share, time).

        Those without a value may lie anywhere: below all others in the first, above all in the second.
        """
        everyone = self.present + self.missing
        rank = _shares(shares)[:, None] * (everyone - 1)
        low, high = self._at(rank - self.missing), self._at(rank)
        return np.where(everyone > 0, low, np.nan), np.where(everyone > 0, high, np.nan)

    def _at(self, rank: Floats) -> Floats:
        """Values at ranks counted from 0, (share, time); before the first -inf, after the last inf."""
        below = np.floor(rank)
        low, high = self._ordered(below), self._ordered(np.ceil(rank))
        level = (low == high) | np.isinf(low)
        with np.errstate(invalid="ignore"):  # inf - inf is thrown away
            return np.where(level, low, low + (rank - below) * (high - low))

    def _ordered(self, rank: Floats) -> Floats:
        """What stands for the patient of each whole rank, (share, time)."""
        place = np.empty(rank.shape, np.int64)
        for time, up_to in enumerate(np.cumsum(self.counts, axis=1)):
            place[:, time] = np.searchsorted(up_to, rank[:, time], side="right")
        found = self.bins.middle(self.first + place)
        return np.where(rank < 0, -np.inf, np.where(rank >= self.present, np.inf, found))


def _shares(shares: ArrayLike) -> Floats:
    share = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    if not ((share >= 0) & (share <= 1)).all():
        raise SolveError("quantiles", "shares from 0 to 1", np.array2string(share, threshold=6))
    return share
