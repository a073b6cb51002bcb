"""Shapes of doubt and of difference: each is a quantile function around a median.

Draws go through `quantile(u, median)`, so one uniform number per patient and parameter decides the draw:
two studies that differ in a value still give each patient the same rank.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _normal_quantile(u: Any) -> Any:
    from scipy.special import ndtri

    return ndtri(u)


def _normal_share(z: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(z)


@dataclass(frozen=True)
class Distribution(ABC):
    """Interface; all arguments broadcast, `u` in (0, 1), `median` in the unit of the value."""

    @abstractmethod
    def quantile(self, u: Any, median: Any) -> Any:
        """The value below which a share `u` lies."""

    @abstractmethod
    def share(self, x: Any, median: Any) -> Any:
        """The share that lies below `x`: the inverse of `quantile`."""

    @abstractmethod
    def refuses(self, median: float) -> str | None:
        """Why this median cannot be, as "what is expected"; None when it can."""

    def width(self, median: float) -> float:
        """Ratio of the ends of the 95 % interval; infinite when it reaches 0, on the odds for shares."""
        low, high = sorted(abs(x) for x in self.interval(median))
        crosses = math.prod(self.interval(median)) <= 0
        return math.inf if crosses else high / low

    def draw(self, rng: np.random.Generator, median: Any, size: int | tuple[int, ...]) -> Floats:
        """`size` draws; `median` broadcasts against it."""
        # `random` may return 0, where a normal has no quantile; it never returns 1.
        u = np.maximum(rng.random(size), 2.0**-54)
        return np.asarray(self.quantile(u, median), dtype=np.float64)

    def interval(self, median: float, inside: float = 0.95) -> tuple[float, float]:
        """Central interval that holds the share `inside`."""
        tail = (1 - inside) / 2
        return float(self.quantile(tail, median)), float(self.quantile(1 - tail, median))

    def rescaled(self, factor: float) -> Distribution:
        """The same shape after a change of unit by `factor`; only fields that carry the unit move."""
        return self

    @property
    def fixed(self) -> bool:
        """Whether every draw is the median."""
        return False


@dataclass(frozen=True)
class Fixed(Distribution):
    """No spread: every draw is the median."""

    def quantile(self, u: Any, median: Any) -> Any:
        """The median, in the broadcast shape."""
        return median + 0.0 * np.asarray(u)

    def share(self, x: Any, median: Any) -> Any:
        """1/2 everywhere: a point has no inverse, and its median is what is asked for."""
        return 0.5 + 0.0 * np.asarray(x)

    def refuses(self, median: float) -> str | None:
        """Every median can be."""
        return None

    @property
    def fixed(self) -> bool:
        """True."""
        return True


@dataclass(frozen=True)
class LogNormal(Distribution):
    """Spread by factors; `cv` is the coefficient of variation, so the sd of ln is sqrt(ln(1 + cv^2))."""

    cv: float

    @property
    def sd(self) -> float:
        """Standard deviation of the natural logarithm."""
        return math.sqrt(math.log1p(self.cv**2))

    def quantile(self, u: Any, median: Any) -> Any:
        """Median x e^(sd z)."""
        return median * np.exp(self.sd * _normal_quantile(u))

    def share(self, x: Any, median: Any) -> Any:
        """Normal share of ln(x/median)/sd."""
        return _normal_share(np.log(np.asarray(x) / median) / self.sd)

    def refuses(self, median: float) -> str | None:
        """Only a positive median can be spread by factors."""
        return None if median > 0 else "a value above 0 for a lognormal spread"


@dataclass(frozen=True)
class Normal(Distribution):
    """Spread by addition; `sd` has the unit of the value."""

    sd: float

    def quantile(self, u: Any, median: Any) -> Any:
        """Median + sd z."""
        return median + self.sd * _normal_quantile(u)

    def share(self, x: Any, median: Any) -> Any:
        """Normal share of (x - median)/sd."""
        return _normal_share((np.asarray(x) - median) / self.sd)

    def refuses(self, median: float) -> str | None:
        """Every median can be."""
        return None

    def rescaled(self, factor: float) -> Normal:
        """`sd` in the new unit."""
        return replace(self, sd=self.sd * factor)


@dataclass(frozen=True)
class LogitNormal(Distribution):
    """Spread of a share between 0 and 1; `sd` is on the logit scale."""

    sd: float

    def quantile(self, u: Any, median: Any) -> Any:
        """The share whose odds are those of the median times e^(sd z)."""
        odds = median / (1 - np.asarray(median)) * np.exp(self.sd * _normal_quantile(u))
        return odds / (1 + odds)

    def share(self, x: Any, median: Any) -> Any:
        """Normal share of the difference of logits over sd; 0 and 1 are the ends."""
        with np.errstate(divide="ignore"):
            shift = np.log(np.asarray(x) / (1 - np.asarray(x))) - np.log(median / (1 - np.asarray(median)))
        return _normal_share(shift / self.sd)

    def refuses(self, median: float) -> str | None:
        """Only shares strictly inside 0..1 have a logit."""
        return None if 0 < median < 1 else "a share above 0 and below 1 for a logitnormal spread"

    def width(self, median: float) -> float:
        """Ratio of the odds at the ends of the 95 % interval: 0.98 against 0.9 is a wide statement."""
        low, high = self.interval(median)
        return high / (1 - high) * (1 - low) / low


@dataclass(frozen=True)
class Limits(Distribution):
    """Interface: between two limits in the unit of the value, which stand whatever the median."""

    low: float
    high: float

    def refuses(self, median: float) -> str | None:
        """The value has to lie between the limits."""
        inside = self.low <= median <= self.high
        return None if inside else f"a value between {self.low:g} and {self.high:g}"

    def rescaled(self, factor: float) -> Limits:
        """Limits in the new unit."""
        return replace(self, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True)
class Uniform(Limits):
    """Every difference alike between the limits."""

    def quantile(self, u: Any, median: Any) -> Any:
        """A straight line from low to high."""
        return self.low + (self.high - self.low) * np.asarray(u) + 0.0 * np.asarray(median)

    def share(self, x: Any, median: Any) -> Any:
        """Position between the limits."""
        return np.clip((np.asarray(x) - self.low) / (self.high - self.low), 0, 1)


@dataclass(frozen=True)
class LogUniform(Limits):
    """Every factor alike between two positive limits."""

    def quantile(self, u: Any, median: Any) -> Any:
        """A straight line from low to high on the logarithm."""
        return self.low * (self.high / self.low) ** np.asarray(u) + 0.0 * np.asarray(median)

    def share(self, x: Any, median: Any) -> Any:
        """Position between the limits on the logarithm."""
        return np.clip(np.log(np.asarray(x) / self.low) / math.log(self.high / self.low), 0, 1)


KINDS: dict[str, type[Distribution]] = {
    "fixed": Fixed,
    "lognormal": LogNormal,
    "normal": Normal,
    "logitnormal": LogitNormal,
    "uniform": Uniform,
    "loguniform": LogUniform,
}


def numbers_of(kind: str) -> tuple[str, ...]:
    """Names of the numbers a kind asks for: `lognormal` asks for `cv`."""
    return tuple(f.name for f in fields(KINDS[kind]))
