r"""Percent specific lysis from sample and control wells, with its standard error.

$$ L = \frac{E - S}{M - S}, \qquad
   Var(L) = \frac{Var(E) + (1 - L)^2\, Var(S) + L^2\, Var(M)}{(M - S)^2} $$

$E$, $S$, $M$ are means of sample, spontaneous and maximum wells. Two or three replicates say little of their own
spread, so the coefficient of variation is pooled over all conditions of the curve.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from thymos.io.well import Curve, Well


@dataclass(frozen=True)
class SpecificLysis:
    """One condition. percent, se : specific lysis and its standard error [percent], nan where nothing says it."""

    ratio: float
    hours: float
    wells: int
    percent: float
    se: float


def specific_lysis(curve: Curve) -> tuple[SpecificLysis, ...]:
    """Specific lysis of each time and ratio of a curve, by time and then ratio."""
    groups: dict[tuple[float, float], list[Well]] = defaultdict(list)
    for well in curve.samples:
        groups[well.hours, well.ratio].append(well)
    spread = pooled_sd(curve)
    return tuple(_condition(curve, groups[key], spread) for key in sorted(groups))


def pooled_sd(curve: Curve) -> float:
    """Spread between replicate wells: share of the mean, or percent where lysis is given; nan without replicates."""
    wells = (*curve.samples, *curve.spontaneous, *curve.maximum)
    groups: dict[tuple[object, ...], list[float]] = defaultdict(list)
    for well in wells:
        groups[well.condition].append(well.signal)
    repeated = [g for g in groups.values() if len(g) > 1]
    freedom = sum(len(g) - 1 for g in repeated)
    if not freedom:
        return math.nan
    scale = [1.0 if curve.scale == "lysis" else fmean(g) for g in repeated]
    squares = sum((len(g) - 1) * (stdev(g) / s) ** 2 for g, s in zip(repeated, scale, strict=True))
    return math.sqrt(squares / freedom)


def _condition(curve: Curve, wells: Sequence[Well], spread: float) -> SpecificLysis:
    first, mean, n = wells[0], _mean(wells), len(wells)
    if curve.scale == "lysis":
        return SpecificLysis(first.ratio, first.hours, n, mean, spread / math.sqrt(n))
    low = [w for w in curve.spontaneous if w.hours == first.hours]
    high = [w for w in curve.maximum if w.hours == first.hours]
    s, m = _mean(low), _mean(high) if high else 100.0
    share = (mean - s) / (m - s)
    variance = mean**2 / n + (1 - share) ** 2 * s**2 / len(low)
    variance += share**2 * m**2 / len(high) if high else 0.0
    return SpecificLysis(
        first.ratio, first.hours, n, 100 * share, 100 * spread * math.sqrt(variance) / (m - s)
    )


def _mean(wells: Iterable[Well]) -> float:
    return fmean(well.signal for well in wells)
