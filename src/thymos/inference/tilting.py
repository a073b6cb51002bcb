r"""Weights that give a sample the means of a target and otherwise stay as even as they can.

$$ \min_w \sum_i w_i \ln\frac{w_i}{q_i}, \quad \sum_i w_i g_{ij} = t_j, \quad \sum_i w_i = 1
   \quad\Rightarrow\quad w_i \propto q_i\, e^{\lambda \cdot g_i} $$

A quantile is such a mean, of the indicator of what lies below it. $\lambda$ minimises the convex
$\ln \sum_i q_i e^{\lambda \cdot (g_i - t)}$. Where it has no minimum the target lies outside what the sample spans, and
a linear program says how near it can be brought. References: `hainmueller2012`, `kish1965`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import weights, worth

Floats = NDArray[np.float64]
CLOSE = 1e-6  # of a moment's own spread; far below what a sample of any size resolves
STEPS = 200


@dataclass(frozen=True)
class Tilt:
    """The even-most weights.

    weights : of each of the sample, adding up to 1 (sample,)
    reached : weighted mean of each moment (moment,)
    gap     : how far each stays from its target whatever the weights, 0 where it is reached (moment,)
    """

    weights: Floats
    reached: Floats
    gap: Floats

    @property
    def effective(self) -> float:
        r"""How many equally weighted ones say as much: $1/\sum w_i^2$."""
        return worth(self.weights)

    @property
    def possible(self) -> bool:
        """Whether every target is reached."""
        return not np.any(self.gap)


def tilt(moments: Floats, targets: Floats) -> Tilt:
    """Weights with which the means of `moments` (sample, moment) are `targets` (moment,), all with finite numbers."""
    spread = np.std(moments, axis=0)
    scale = np.where(spread > 0, spread, np.maximum(np.abs(targets), 1.0))
    g = (moments - targets) / scale
    w = _even(g)
    miss = np.abs(w @ g)
    if np.all(miss < CLOSE):
        return Tilt(w, w @ moments, np.zeros(len(targets)))
    w, gap = _nearest(g)
    return Tilt(w, w @ moments, np.where(gap > CLOSE, gap * scale, 0.0))


def _even(g: Floats) -> Floats:
    """Weights by Newton's method on the dual, as far as it comes; without a solution some mean stays off 0."""
    at = np.zeros(g.shape[1])
    value = _dual(g, at)
    for _ in range(STEPS):
        w = weights(g @ at)
        slope = w @ g
        if np.max(np.abs(slope), initial=0.0) < CLOSE / 10:
            break
        centred = g - slope
        # A little of the identity keeps the step finite where two targets say the same.
        curve = (centred * w[:, None]).T @ centred + 1e-10 * np.eye(len(at))
        step = -np.linalg.solve(curve, slope)
        length = min(1.0, 20.0 / max(float(np.max(np.abs(step))), 1e-300))
        while length > 1e-8 and (new := _dual(g, at + length * step)) > value + 1e-4 * length * (
            slope @ step
        ):
            length /= 2
        if length <= 1e-8:
            break
        at, value = at + length * step, new
    return weights(g @ at)


def _dual(g: Floats, at: Floats) -> float:
    from scipy.special import logsumexp

    return float(logsumexp(g @ at))


def _nearest(g: Floats) -> tuple[Floats, Floats]:
    """Weights that bring the means nearest to 0 in all, and what is left of each: zeros where 0 can be reached."""
    from scipy.optimize import linprog

    n, m = g.shape
    cost = np.concatenate([np.zeros(n), np.ones(2 * m)])
    equal = np.block([[g.T, np.eye(m), -np.eye(m)], [np.ones((1, n)), np.zeros((1, 2 * m))]])
    found = linprog(cost, A_eq=equal, b_eq=np.append(np.zeros(m), 1.0), bounds=(0, None), method="highs")
    w = np.maximum(found.x[:n], 0)
    w /= w.sum()
    return w, np.abs(w @ g)
