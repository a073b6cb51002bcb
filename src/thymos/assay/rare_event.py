"""Rare cells in flow cytometry: what a count of few, or of none, allows to be said of their share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.lang.errors import DataError


def upper_bound(seen: ArrayLike, events: ArrayLike, level: float = 0.95) -> NDArray[np.float64]:
    r"""One-sided upper bound of a share (0 to 1) of which `seen` of `events` cells were counted.

    $$ \sum_{i \le k} \binom{n}{i} u^i (1 - u)^{n - i} = 1 - level $$

    Exact (Clopper and Pearson); with nothing seen about 3/n at 95 %. Raises `DataError` for counts that cannot be.
    Reference: `clopper1934`.
    """
    from scipy.special import betaincinv

    k, n = np.broadcast_arrays(np.asarray(seen, dtype=np.float64), np.asarray(events, dtype=np.float64))
    if not ((k >= 0) & (k <= n) & (n > 0)).all() or not 0 < level < 1:
        raise DataError(
            "rare events", "0 <= seen <= events, some events, a level between 0 and 1", f"{k} of {n}"
        )
    inside = k < n
    return np.asarray(np.where(inside, betaincinv(k + 1, np.where(inside, n - k, 1.0), level), 1.0))
