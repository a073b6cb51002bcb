"""What one plate says of a killer: rate, saturation, the ratio that lyses a given share, and how surely.

Intervals are of the profile likelihood with unknown error: a value belongs to the 95 % interval when the sum of squares
with it held fixed exceeds the smallest by less than the F quantile allows. An end that is never met is open, and said
to be. References: `bates1988`, `raue2009`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from thymos.inference.lysis import NO_KILLING, Found, LysisData
from thymos.inference.lysis_profile import EDGE, Estimate, profile
from thymos.io.well import Plate

LEVEL = 0.95


@dataclass(frozen=True)
class LysisFit:
    """The fit of one curve, each number computed when it is asked for."""

    data: LysisData

    @cached_property
    def best(self) -> Found:
        """Least squares."""
        return self.data.best()

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the error."""
        return self.data.wells - self.data.parameters

    @property
    def sd(self) -> float:
        """Standard deviation of a well: of its logarithm, or of percent lysis where that is given."""
        return math.sqrt(self.best.squares / self.freedom)

    @property
    def kills(self) -> bool:
        """Whether any killing is seen."""
        most = float((self.data.ratio * self.data.hours).max())
        return most / (self.best.a + self.best.b * float(self.data.ratio.max())) > 2 * NO_KILLING

    @cached_property
    def rate(self) -> Estimate:
        """Killing rate far from saturation, k u (1 + a_m E_m) [1/hour]."""
        value = 1 / self.best.a if self.best.a > 0 else math.inf

        def held(q: float) -> float:
            return self._along(lambda b: (1 / q, b), self.best.b, self._longest)

        return self._profile(value, held, 1 / self._middle)

    @cached_property
    def half(self) -> Estimate:
        """R50, effectors per target at half of the largest killing rate."""
        r = float(np.exp(np.log(self.data.ratio).mean()))
        start = self.best.a + self.best.b * r

        def held(q: float) -> float:
            return self._along(lambda s: (s * q / (q + r), s / (q + r)), start, self._longest)

        value = math.inf if self.best.b < EDGE * self._middle else self.best.a / self.best.b
        return self._profile(value, held, r)

    def ratio_at(self, share: float, hours: float) -> Estimate:
        """Effectors per target that lyse a share of the targets in so many hours; None where no ratio does."""
        need = hours / -math.log1p(-share)

        def held(q: float) -> float:
            return self._along(lambda b: (q * (need - b), b), self.best.b, need * (1 - 1e-9))

        value = self.best.a / (need - self.best.b) if self.best.b < need else math.inf
        return self._profile(value, held, float(np.exp(np.log(self.data.ratio).mean())))

    def lysis_at(self, ratio: float, hours: float) -> Estimate:
        """Specific lysis [percent] at a ratio, within or beyond those of the plate."""

        def held(h: float) -> float:
            need = hours / h
            return self._along(lambda b: (ratio * (need - b), b), self.best.b, need * (1 - 1e-9))

        h = ratio * hours / (self.best.a + self.best.b * ratio)
        found = self._profile(h, held, h)
        value, low, high = (None if x is None else -100 * math.expm1(-x) for x in (h, found.low, found.high))
        return Estimate(value, 0.0 if low is None else low, 100.0 if high is None else high)

    def exponential_ratio(self, share: float, hours: float) -> float:
        """The same by the exponential fit without saturation, for comparison with published units."""
        found = self.data.along(lambda a: (a, 0.0), self.best.a + self.best.b, self._longest)
        return -math.log1p(-share) * found.a / hours

    @cached_property
    def lack_of_fit(self) -> float | None:
        """p of the F test of the law against free means of all conditions; None without replicates or spare ratios."""
        from scipy.special import fdtrc  # scipy.stats takes a second to import

        free, pure, freedom = self._free_means()
        extra = free - self.data.parameters
        if extra < 1 or freedom < 1 or pure <= 0:
            return None
        return float(fdtrc(extra, freedom, max(self.best.squares - pure, 0.0) / extra / (pure / freedom)))

    @property
    def saturation(self) -> str:
        """In a sentence, whether the ratios on the plate identify R50."""
        half, ratios = self.half, self.data.ratio
        if not self.kills:
            return "No killing is seen, so nothing is said of saturation."
        if half.low is not None and half.high is not None:
            return "R50 is identified: these ratios show where killing saturates."
        if half.low is not None:
            return (
                f"R50 is not identified: no saturation is seen up to {ratios.max():g}:1. Add higher ratios."
            )
        if half.high is not None:
            return (
                f"R50 is not identified: killing is saturated from {ratios.min():g}:1 on. Add lower ratios."
            )
        return "R50 is not identified: these wells say nothing of saturation. Add ratios and replicates."

    def inside(self, squares: float) -> bool:
        """Whether a fit with something held fixed lies within the interval."""
        return squares <= self.best.squares * self._allowed

    @cached_property
    def _allowed(self) -> float:
        from scipy.special import fdtri

        return 1 + float(fdtri(1, self.freedom, LEVEL)) / self.freedom

    @property
    def _middle(self) -> float:
        """Scale of a and b [hour]."""
        return float(np.exp(np.log(self.data.hours).mean()))

    @property
    def _longest(self) -> float:
        return float((self.data.ratio * self.data.hours).max()) / NO_KILLING

    def _along(self, killing: Callable[[float], tuple[float, float]], start: float, most: float) -> float:
        return self.data.along(killing, start, most).squares

    def _profile(self, value: float, held: Callable[[float], float], scale: float) -> Estimate:
        """Interval of a positive quantity; `held` gives the sum of squares with it fixed."""
        return profile(value, held, self.best.squares * self._allowed, scale)

    def _free_means(self) -> tuple[int, float, int]:
        """Conditions, sum of squares around their means, and its degrees of freedom."""
        curve = self.data.curve
        groups: dict[tuple[object, ...], list[float]] = defaultdict(list)
        for w in (*curve.samples, *curve.spontaneous, *curve.maximum):
            groups[w.condition].append(w.signal if curve.scale == "lysis" else math.log(w.signal))
        squares = sum(float(np.var(g)) * len(g) for g in groups.values())
        return len(groups), squares, self.data.wells - len(groups)


def fit_plate(plate: Plate) -> tuple[LysisFit, ...]:
    """A fit for each effector, target and plate; raises `DataError` where a curve has too few wells or ratios."""
    return tuple(LysisFit(LysisData(curve)) for curve in plate.curves())
