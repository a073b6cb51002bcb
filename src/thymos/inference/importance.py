r"""Draws of unequal weight: what their weights are, how many equal ones they are worth, and resampling.

$$ w_i \propto p(x_i) / q(x_i), \qquad \mathrm{ESS} = 1 / \sum_i w_i^2 $$

A large weight on a few draws of $q$ says that it misses part of $p$.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def weights(log_ratio: Floats) -> Floats:
    """Weights (draw,) that sum to 1 from log p - log q to a constant; -inf is a weight of 0."""
    w = np.exp(log_ratio - log_ratio.max())
    return np.asarray(w / w.sum())


def worth(w: Floats) -> float:
    """How many equally weighted draws would say as much."""
    return float(1.0 / np.sum(w**2))


def systematic(w: Floats, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Numbers of `count` draws of equal weight, in order: each comes as often as its weight says, to within one."""
    steps = (rng.random() + np.arange(count)) / count
    ladder = np.cumsum(w)
    return np.minimum(np.searchsorted(ladder / ladder[-1], steps), len(w) - 1).astype(np.intp)
