"""How far an engine is from the truth, and which tolerance of thymos is no further."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from printed import Floats

# Below this size of an output an error counts as absolute, in units of it.
FLOOR = 0.01


def errors(got: Floats, exact: Floats) -> Floats:
    """Per patient the largest |y - exact| / (|exact| + FLOOR) over times and outputs; NaN where a value is missing."""
    return np.asarray(np.max(np.abs(got - exact) / (np.abs(exact) + FLOOR), axis=(1, 2)))


def loosest(by_tolerance: Mapping[float, Floats], theirs: Floats) -> float | None:
    """The loosest tolerance at which neither the median nor the largest error is above theirs, on their patients."""
    n = theirs.size
    good = [
        rtol
        for rtol, ours in by_tolerance.items()
        if np.median(ours[:n]) <= np.median(theirs) and ours[:n].max() <= theirs.max()
    ]
    return max(good, default=None)
