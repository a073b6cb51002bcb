r"""The mean of one output over all patients, at every time, from exact sums.

Floating-point sums depend on the order of their terms. Here every double is an integer multiple of a power of two,
$x = m\,2^{p}$ with $|m| < 2^{53}$; m is shifted into place and added into limbs of 32 bits, as whole numbers. The
sum is exact, so neither order nor cut can show, and the mean is rounded once, like that of `math.fsum`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from thymos.engine.reducers.bins import Floats, Whole
from thymos.lang.errors import SolveError

if TYPE_CHECKING:
    from thymos.engine.program import Program
    from thymos.engine.solution import Solution

LIMB = 32  # bits
LOWEST = 1126  # the first limb counts units of 2**-1126, the last bit of the least double written with 53
LIMBS = 70  # up to 2**1024, and room to carry
MASK = np.uint64(2**LIMB - 1)


@dataclass(frozen=True)
class Means:
    """Keep the mean of one output at every time; for up to 10^9 patients."""

    output: str

    def begin(self, program: Program, times: Floats) -> _Tally:
        """A sum of nobody."""
        return _Tally(program.output_index(self.output), Sum.empty(times))


@dataclass
class _Tally:
    column: int
    kept: Sum

    def add(self, index: int, block: Solution) -> None:
        self.kept.add(block.outputs[:, :, self.column])

    def result(self) -> Sum:
        return self.kept


@dataclass
class Sum:
    """An exact sum over patients at each time; two of them add up to that of both, in any order.

    limbs    : (time, limb) whole numbers, the lowest limb first
    beyond   : (time,) sum of the infinite values
    present  : (time,) patients with a value
    missing  : (time,) patients without one, for example because they failed
    """

    times: Floats
    limbs: Whole
    beyond: Floats
    present: Whole
    missing: Whole

    @staticmethod
    def empty(times: Floats) -> Sum:
        """Of nobody."""
        none = np.zeros((3, times.size), np.int64)
        return Sum(times, np.zeros((times.size, LIMBS), np.int64), np.zeros(times.size), none[0], none[1])

    def add(self, values: ArrayLike) -> None:
        """Add more patients, (patient, time); NaN counts as missing."""
        x = np.asarray(values, dtype=np.float64)
        gone = np.isnan(x)
        self.missing += gone.sum(axis=0)
        self.present += len(x) - gone.sum(axis=0)
        with np.errstate(invalid="ignore"):  # inf - inf: there is no mean
            self.beyond += np.where(np.isinf(x), x, 0.0).sum(axis=0)
        fraction, exponent = np.frexp(np.where(np.isfinite(x), x, 0.0))
        whole = np.abs(np.ldexp(fraction, 53)).astype(np.uint64)
        limb, shift = np.divmod(exponent.astype(np.int64) + (LOWEST - 53), LIMB)
        low, high = (part << shift.astype(np.uint64) for part in (whole & MASK, whole >> np.uint64(LIMB)))
        pieces = (low & MASK, (low >> np.uint64(LIMB)) + (high & MASK), high >> np.uint64(LIMB))
        place = np.arange(self.times.size) * LIMBS + limb
        for k, piece in enumerate(pieces):
            signed = np.where(fraction < 0, -1, 1) * piece.astype(np.int64)
            np.add.at(self.limbs.reshape(-1), (place + k).ravel(), signed.ravel())

    def merge(self, other: Sum) -> None:
        """Add the patients of another sum too."""
        if not np.array_equal(self.times, other.times):
            raise SolveError(
                "merging sums", f"the same {self.times.size} times", f"{other.times.size} others"
            )
        for mine, theirs in (
            (self.limbs, other.limbs),
            (self.beyond, other.beyond),
            (self.present, other.present),
            (self.missing, other.missing),
        ):
            mine += theirs

    @property
    def mean(self) -> Floats:
        """Mean over the patients with a value, correctly rounded, (time,); NaN of nobody."""
        found = np.full(self.times.size, np.nan)
        for i, n in enumerate(self.present.tolist()):
            if n:
                total = sum(limb << (LIMB * k) for k, limb in enumerate(self.limbs[i].tolist()))
                found[i] = total / (n << LOWEST) + self.beyond[i]
        return found
