r"""The killing rate and its saturation from one plate, with the control wells in the same fit.

$$ y_i = S + (M - S)\, L(R_i, t_i), \qquad L = 1 - e^{-h}, \qquad h = \frac{R\, t}{a + b R} $$

with $a = 1/\kappa$ and $b = 1/(\kappa R_{50})$, so that killing without saturation ($b = 0$) and killing that is
saturated at every ratio ($a = 0$) are both inside the search. A plate shows $\kappa = k\, u\, (1 + a_m E_m)$ as one
number. Errors of signals are proportional to them, so logarithms are fitted, with one standard deviation for all wells,
controls included: what the controls leave open is in every interval. Lysis that comes already computed has an error of
the same size in percent at every ratio.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thymos.io.well import Curve, Well
from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
Killing = Callable[[float], tuple[float, float]]
"""From the one free number to (a, b)."""

NO_KILLING = 1e-4
"""Hazard at the largest ratio and time below which a rate counts as none: a tenth of a promille of targets."""


@dataclass(frozen=True)
class Found:
    """Least squares: a and b [hour], the sum of squares, and the levels of the controls as logarithms."""

    a: float
    b: float
    squares: float
    levels: Floats


@dataclass(frozen=True)
class LysisData:
    """The wells of one curve as arrays, and the sum of squares of the law on them."""

    curve: Curve

    def __post_init__(self) -> None:
        if self.wells <= self.parameters:
            raise DataError(
                self.name, f"more than {self.parameters} wells", f"{self.wells}", "add ratios or replicates"
            )
        if len({well.ratio for well in self.curve.samples}) < 2:
            raise DataError(
                self.name, "at least two ratios", "one", "a single ratio says nothing of saturation"
            )

    @property
    def name(self) -> str:
        """How messages name the curve."""
        c = self.curve
        return f"{c.effector} on {c.target}" + (f", plate {c.plate}" if c.plate else "")

    @cached_property
    def ratio(self) -> Floats:
        """Effectors per target of each sample well."""
        return np.array([well.ratio for well in self.curve.samples])

    @cached_property
    def hours(self) -> Floats:
        """Time of each sample well [hour]."""
        return np.array([well.hours for well in self.curve.samples])

    @cached_property
    def signal(self) -> Floats:
        """What each sample well read."""
        return np.array([well.signal for well in self.curve.samples])

    @cached_property
    def _when(self) -> NDArray[np.intp]:
        return np.searchsorted(self.curve.hours, self.hours)

    @property
    def wells(self) -> int:
        """Number of wells that are fitted."""
        return len(self.curve.samples) + len(self.curve.spontaneous) + len(self.curve.maximum)

    @property
    def parameters(self) -> int:
        """Number of free parameters: two of killing, and the level of each kind of control at each time."""
        return 2 + len(self._levels)

    @cached_property
    def _levels(self) -> list[tuple[Floats, tuple[str, float]]]:
        """Logarithms of the control wells of each kind and time; the maximum of percent is known."""
        kinds: list[tuple[str, tuple[Well, ...]]] = [("S", self.curve.spontaneous), ("M", self.curve.maximum)]
        groups = [
            (np.log([w.signal for w in wells if w.hours == hours]), (kind, hours))
            for kind, wells in kinds
            for hours in self.curve.hours
            if any(w.hours == hours for w in wells)
        ]
        return groups if self.curve.scale != "lysis" else []

    def start_levels(self) -> Floats:
        """Means of the controls: where the search for their levels begins."""
        return np.array([logs.mean() for logs, _ in self._levels])

    def residuals(self, a: float, b: float, levels: Floats) -> Floats:
        """Distance of every well from the law; controls follow the samples."""
        with np.errstate(divide="ignore", invalid="ignore"):
            lysis = -np.expm1(-self.ratio * self.hours / (a + b * self.ratio))
        if self.curve.scale == "lysis":
            return np.asarray(self.signal - 100 * lysis)
        found = {key: level for (_, key), level in zip(self._levels, levels, strict=True)}
        low = np.exp([found["S", t] for t in self.curve.hours])[self._when]
        high = np.array([math.exp(found["M", t]) if ("M", t) in found else 100.0 for t in self.curve.hours])
        expected = low + (high[self._when] - low) * lysis
        parts = [np.log(self.signal) - np.log(np.maximum(expected, 1e-12 * self.signal))]
        parts += [logs - level for (logs, _), level in zip(self._levels, levels, strict=True)]
        return np.concatenate(parts)

    def best(self) -> Found:
        """The least-squares fit, from starts without, with some and with full saturation."""
        x = np.concatenate([self._guess(s) for s in (0.01, 1.0, 30.0)]).reshape(3, 2)
        most = float((self.ratio * self.hours).max()) / NO_KILLING
        found = [self._solve(lambda p: (p[0], p[1]), start, [0, 0], [most, most]) for start in x]
        return min(found, key=lambda f: f.squares)

    def along(self, killing: Killing, start: float, most: float) -> Found:
        """The best fit on a line: one free number between 0 and `most` gives a and b."""
        inside = min(max(start, 0.0), most)
        return self._solve(lambda p: killing(float(p[0])), np.array([inside]), [0.0], [most])

    def _guess(self, saturation: float) -> Floats:
        """a and b that lyse half at the middle ratio, with R50 at that ratio over `saturation`."""
        r, t = float(np.exp(np.log(self.ratio).mean())), float(self.hours.mean())
        total = r * t / math.log(2)
        return np.array([total / (1 + saturation), total * saturation / (1 + saturation) / r])

    def _solve(
        self,
        killing: Callable[[Floats], tuple[float, float]],
        start: Floats,
        low: list[float],
        high: list[float],
    ) -> Found:
        from scipy.optimize import least_squares

        n, levels = len(start), self.start_levels()
        ends = np.array([[*low, *levels - 3], [*high, *levels + 3]])
        # The search starts inside its limits; on one of them the scale of a parameter would be lost.
        edge = 1e-9 * (ends[1] - ends[0])
        first = np.clip([*start, *levels], ends[0] + edge, ends[1] - edge)
        found = least_squares(
            lambda x: self.residuals(*killing(x[:n]), x[n:]),
            first,
            bounds=ends,
            x_scale=np.concatenate([np.maximum(np.abs(start), 1e-9), np.full(levels.size, 0.1)]),
            xtol=1e-9,
            ftol=1e-10,
            gtol=1e-9,
        )
        a, b = killing(found.x[:n])
        return Found(float(a), float(b), 2 * float(found.cost), found.x[n:])
