"""An interval from a profile: how far a quantity can be moved before the fit becomes too bad."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

EDGE = 1e-7
"""Share of the plate's own scale below which a value counts as 0, and beyond whose inverse as infinite."""
REACH = 1e4
"""Factor from the best value beyond which an end of an interval counts as open."""


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval; None is an end that the plate leaves open, or a value that it does not give."""

    value: float | None
    low: float | None
    high: float | None


def profile(value: float, held: Callable[[float], float], limit: float, scale: float) -> Estimate:
    """Interval of a positive quantity.

    value : where the fit is best; 0 and inf are such values, too
    held  : sum of squares of the best fit with the quantity held at a number
    limit : sum of squares that the interval does not exceed
    scale : size that the quantity has in experiments of this kind
    """
    finite = EDGE < value / scale < 1 / EDGE
    start = value if finite else scale * (REACH if value > scale else 1 / REACH)
    low, high = (_end(start, lambda q: held(q) - limit, way) for way in (-1, 1))
    return Estimate(value if finite else None, low, high)


def _end(start: float, over: Callable[[float], float], way: int) -> float | None:
    """Where `over` passes 0, sought in growing steps on the logarithm; None where it does not."""
    from scipy.optimize import brentq

    def beyond(x: float) -> float:
        return over(math.exp(x))

    near, step = math.log(start), 0.1
    if beyond(near) > 0:  # the best value lies at infinity or 0, beyond this start: that end is open
        return None
    while step <= math.log(REACH):
        far = math.log(start) + way * step
        if beyond(far) > 0:
            return math.exp(brentq(beyond, near, far, xtol=1e-4))
        near, step = far, step * 1.7
    return None
