r"""Draws of a stand-in, corrected to the distribution that is meant: importance weights and resampling.

$$ w_i \propto p(x_i) / q(x_i), \qquad \mathrm{ESS} = 1 / \sum_i w_i^2 $$

A large weight on a few draws says that the stand-in misses part of the distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Normalised weights (draw,)."""

    share: Floats

    @property
    def effective(self) -> float:
        """How many equally weighted draws would say as much."""
        return float(1.0 / (self.share**2).sum())

    def resampled(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Numbers of `count` draws of equal weight: systematic resampling, in the order of the draws."""
        at = (rng.random() + np.arange(count)) / count
        ladder = np.cumsum(self.share)
        return np.minimum(np.searchsorted(ladder / ladder[-1], at), len(ladder) - 1).astype(np.int64)


def weights(exact: Floats, stand_in: Floats) -> Weights:
    """From the two log-densities of each draw, each to a constant; -inf in `exact` is a weight of 0."""
    log = exact - stand_in
    log = np.exp(log - log.max())
    return Weights(log / log.sum())
