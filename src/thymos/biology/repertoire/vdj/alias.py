"""Alias tables: one of many outcomes, each with its probability, for one random word. Reference: `walker1977`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORD = 2.0**32


class AliasTables(NamedTuple):
    """Many tables one behind the other, as compiled loops take them; table k is `first[k] : first[k + 1]`.

    Of a random word the upper half names a place of the table, and the lower half says which of its two outcomes is
    taken. Probabilities are met to 2^-32 of a place.

    threshold : the place's own outcome is taken below it (place,)
    outcome   : its own, and that of its alias (place, 2): chosen by an index, without a branch to mispredict
    """

    first: NDArray[np.int64]
    threshold: NDArray[np.uint32]
    outcome: NDArray[np.int64]

    @classmethod
    def of(cls, laws: Iterable[tuple[Floats, NDArray[np.integer]]]) -> Self:
        """Tables from (weights, outcomes); what has no weight is left out, and a law without weight gives no place."""
        kept = [(weights[weights > 0], outcomes[weights > 0]) for weights, outcomes in laws]
        made = [aliases(weights) for weights, _ in kept]
        pairs = [
            np.column_stack([outcomes, outcomes[alias]])
            for (_, outcomes), (_, alias) in zip(kept, made, strict=True)
        ]
        shares = np.concatenate([np.empty(0), *(share for share, _ in made)])
        return cls(
            np.cumsum([0, *(len(weights) for weights, _ in kept)], dtype=np.int64),
            np.minimum(shares * WORD, WORD - 1).astype(np.uint32),
            np.concatenate([np.empty((0, 2), dtype=np.int64), *pairs]),
        )


def aliases(weights: Floats) -> tuple[Floats, NDArray[np.int32]]:
    """For each place the probability of its own outcome, and whose outcome is taken otherwise."""
    n = len(weights)
    share = np.ones(n)
    alias = np.arange(n, dtype=np.int32)
    left = (weights * (n / weights.sum()) if n else weights).tolist()
    small = [i for i, x in enumerate(left) if x < 1]
    large = [i for i, x in enumerate(left) if x >= 1]
    while small and large:
        i, j = small.pop(), large.pop()
        share[i], alias[i] = left[i], j
        left[j] -= 1 - left[i]
        (small if left[j] < 1 else large).append(j)
    return share, alias
