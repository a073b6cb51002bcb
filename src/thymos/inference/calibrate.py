"""Calibration: free parameters within their ranges, to published targets, from many seeded starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Residuals = Callable[[Mapping[str, float]], Floats]


@dataclass(frozen=True)
class Free:
    """One parameter that may move, between `low` and `high`, pulled weakly to where it stands.

    start : value it has now;  doubt : standard deviation of its logarithm before the fit
    """

    name: str
    start: float
    low: float
    high: float
    doubt: float


@dataclass(frozen=True)
class Fit:
    """Best values by name, half the sum of squared residuals, and the cost each start reached."""

    values: dict[str, float]
    cost: float
    starts: tuple[float, ...]


def fit(
    residuals: Residuals,
    free: Sequence[Free],
    seed: int,
    starts: int = 6,
    evaluations: int = 40,
    tick: Callable[[float], None] = lambda cost: None,
) -> Fit:
    """Maximum posterior by bounded least squares on the logarithm, from the present values and seeded others.

    residuals : distances of predictions from targets, in standard deviations, for given values
    evaluations : steps of each start;  tick : called with the cost of each finished start
    """
    from scipy.optimize import least_squares

    low, high = (np.log([getattr(f, end) for f in free]) for end in ("low", "high"))
    prior = np.log([f.start for f in free])
    doubt = np.array([f.doubt for f in free])
    rng = stream(seed, "calibration.starts")
    inside = low + (high - low) * rng.random((max(starts - 1, 0), len(free)))
    # A hair inside the bounds, where a derivative exists on both sides.
    first = [np.clip(x, low + 1e-6 * (high - low), high - 1e-6 * (high - low)) for x in (prior, *inside)]

    def distance(x: Floats) -> Floats:
        values = {f.name: float(v) for f, v in zip(free, np.exp(x), strict=True)}
        return np.concatenate([residuals(values), (x - prior) / doubt])

    ends = []
    for x0 in first:
        found = least_squares(distance, x0, bounds=(low, high), diff_step=1e-2, max_nfev=evaluations)
        ends.append(found)
        tick(float(found.cost))
    best = min(ends, key=lambda end: float(end.cost))
    values = {f.name: float(v) for f, v in zip(free, np.exp(best.x), strict=True)}
    return Fit(values, float(best.cost), tuple(float(end.cost) for end in ends))
