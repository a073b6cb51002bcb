"""What is believed of free parameters before a fit: their ranges, nothing of the values that stand in the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import EvidenceError

if TYPE_CHECKING:
    from thymos.evidence.values import Value


Floats = NDArray[np.float64]


class Prior(NamedTuple):
    """Before the fit: middle, hard limits, and standard deviation of the logarithm."""

    start: float
    low: float
    high: float
    doubt: float

    def quantile(self, u: Floats) -> Floats:
        """The value below which a share u of what is believed lies, within the limits."""
        from scipy.special import ndtr, ndtri

        low, high = (ndtr(np.log(end / self.start) / self.doubt) for end in (self.low, self.high))
        return np.asarray(self.start * np.exp(self.doubt * ndtri(low + (high - low) * u)))


def of_ranges(rows: Mapping[str, Value]) -> dict[str, Prior]:
    """Log-normal, with the row's range as its 95 % interval, by full name.

    The middle is that of the range, not the value that stands in the row, so a repeated fit stays where it is.
    """
    return {name: _of(row) for name, row in rows.items()}


def _of(row: Value) -> Prior:
    if row.range is None or row.range[0] <= 0:
        raise EvidenceError(
            f"{row.file} [{row.name}]", "a positive range, as the value may move", f"{row.range}"
        )
    low, high = row.range
    return Prior(float(np.sqrt(low * high)), low, high, float(np.log(high / low)) / 4)
