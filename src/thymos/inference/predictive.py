"""What the posterior says of readings, seen or not: of the level without noise, and of one more reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.grouped import Grouped
from thymos.lang.streams import stream

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Predictive:
    """Logarithms, (draw, reading).

    level : what the donor's culture yields at this condition, on the scale of its plate
    again : one more reading in a new well
    """

    level: Floats
    again: Floats


def predictive(posterior: Grouped, x: Floats, seed: int) -> Predictive:
    """At draws x (draw, size), for every reading of the posterior's data, seen or not.

    The scale of a donor or plate comes from the readings that were seen of it, and from its prior where none was.
    """
    h, d = posterior.hierarchy, posterior.readings
    m = posterior.predicted(x)
    s = d.spread(h, x)
    rng = stream(seed, "fit.predictive")
    normal = rng.standard_normal((len(x), d.sharing.width))
    beta = d.seen_sharing.drawn(d.value[d.seen] - m[:, d.seen], s, normal)
    level = m + beta[:, d.sharing.columns].sum(axis=2)
    wells = s.well[:, None] * rng.standard_normal((len(x), int(d.sharing.well.max()) + 1))
    noise = s.noise[:, d.sharing.kind] * rng.standard_normal(m.shape)
    return Predictive(level, level + wells[:, d.sharing.well] + noise)


@dataclass(frozen=True)
class Judged:
    """How predictions of readings did: error of the logarithm, fold error, and the share inside intervals."""

    n: int
    rmse: float
    fold_error: float
    inside80: float
    inside95: float


def judged(again: Floats, value: Floats) -> Judged:
    """Predictive draws (draw, reading) beside logarithms of what was read (reading,)."""
    middle = np.median(again, axis=0)
    inside = [
        float(((value >= low) & (value <= high)).mean())
        for low, high in (np.quantile(again, [a, 1 - a], axis=0) for a in (0.1, 0.025))
    ]
    return Judged(len(value), *errors(middle, value), *inside)


def errors(predicted: Floats, value: Floats) -> tuple[float, float]:
    """Root mean square error of the logarithm, and the geometric mean fold error."""
    wrong = predicted - value
    return float(np.sqrt((wrong**2).mean())), float(np.exp(np.abs(wrong).mean()))
