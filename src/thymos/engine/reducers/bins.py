r"""Bins that widen with the value, so that a count of them gives quantiles to a known relative accuracy.

Each octave is cut into 2**b bins of equal width. A bin from u to v is stood for by the harmonic middle
$2uv/(u+v)$, whose relative distance from anything in the bin is at most $(v-u)/(v+u)$; this is largest in the
first bin of an octave, where it is $1/(2^{b+1}+1)$.

The bin of a double is read from its exponent and the first b bits of its mantissa: exact, without a logarithm
whose last bit could differ between processors. Libraries of such sketches take one value a call (ddsketch,
hdrhistogram) or draw lots (the KLL of datasketches), so they are too slow here, or give other bits for another
order. Reference: `masson2019`, with the bins of HdrHistogram.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import SolveError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
MANTISSA = 52  # stored bits of a double's mantissa


@dataclass(frozen=True)
class Bins:
    """Numbered bins: 0 holds what is nearer to zero than `floor`, -k mirrors k, the last are open.

    floor   : least magnitude told from zero, such as the limit of an assay; in the unit of the value
    ceiling : magnitudes above it count as infinite
    bits    : 2**bits bins an octave; 7 gives a relative accuracy of 0.39 %
    """

    floor: float = 2.0**-40
    ceiling: float = 2.0**60
    bits: int = 7

    def __post_init__(self) -> None:
        normal = np.finfo(np.float64).tiny <= self.floor < self.ceiling < np.inf
        if not (normal and 1 <= self.bits <= 20):
            raise SolveError(
                "bins",
                "0 < floor < ceiling, both finite, and 1 to 20 bits",
                f"floor={self.floor:g}, ceiling={self.ceiling:g}, bits={self.bits}",
            )

    @property
    def accuracy(self) -> float:
        """Largest relative distance of a value between floor and ceiling from what stands for its bin."""
        return 1.0 / float(2 ** (self.bits + 1) + 1)

    @property
    def last(self) -> int:
        """Number of the open bin above the ceiling."""
        return self._raw(self.ceiling) - self._raw(self.floor) + 2

    def _raw(self, value: float) -> int:
        return int(np.float64(value).view(np.int64)) >> (MANTISSA - self.bits)

    def number(self, values: Floats) -> Whole:
        """The bin of each value, of the same shape; NaN lands in the last: leave it out first."""
        size = np.abs(values)
        number = (size.view(np.int64) >> (MANTISSA - self.bits)) - (self._raw(self.floor) - 1)
        number[size < self.floor] = 0
        number[size > self.ceiling] = self.last
        return np.asarray(np.where(values < 0, -number, number))

    def middle(self, number: Whole) -> Floats:
        """What stands for each bin: 0 for the one around zero, infinite for the open ones."""
        size = np.abs(number)
        inner = np.clip(size, 1, self.last - 1) + (self._raw(self.floor) - 1)
        low, high = (
            np.asarray(edge << (MANTISSA - self.bits)).view(np.float64) for edge in (inner, inner + 1)
        )
        middle = low * (2.0 * high / (low + high))
        middle = np.where(size == 0, 0.0, np.where(size >= self.last, np.inf, middle))
        return np.asarray(np.copysign(middle, number))
