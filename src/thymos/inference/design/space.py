"""Where runs may be made: factors with their levels or limits, and what is allowed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDS = 12  # each doubles the points tried where few are allowed


@dataclass(frozen=True)
class Factor:
    """What may be set: any value from `low` to `high`, or one of `levels`.

    log : steps are factors rather than differences
    """

    name: str
    low: float
    high: float
    log: bool = False
    levels: tuple[float, ...] = ()

    def place(self, value: Floats) -> Floats:
        """Position 0..1; levels stand at equal distances."""
        if self.levels:
            steps = np.linspace(0.0, 1.0, len(self.levels))
            return np.asarray(np.interp(value, self.levels, steps))
        if self.high == self.low:
            return np.zeros_like(value)
        if self.log:
            return np.asarray(np.log(np.maximum(value, self.low) / self.low) / np.log(self.high / self.low))
        return np.asarray((value - self.low) / (self.high - self.low))

    def value(self, place: Floats) -> Floats:
        """What stands at a position 0..1."""
        if self.levels:
            index = np.minimum((place * len(self.levels)).astype(int), len(self.levels) - 1)
            return np.asarray(np.array(self.levels)[index])
        inside = np.clip(place, 0.0, 1.0)
        between = (
            self.low * (self.high / self.low) ** inside
            if self.log
            else self.low + (self.high - self.low) * inside
        )
        return np.asarray(np.clip(rounded(between), self.low, self.high))


def rounded(x: Floats) -> Floats:
    """To two digits, as a pipette is set."""
    return np.array([float(f"{v:.1e}") for v in x.ravel()]).reshape(x.shape)


@dataclass(frozen=True)
class Space:
    """Factors, and a rule on their values (point, factor) that says which points are allowed."""

    factors: tuple[Factor, ...]
    allowed: Callable[[Floats], Bools] = lambda x: np.ones(len(x), bool)

    def unit(self, x: Floats) -> Floats:
        """Positions 0..1 of points (point, factor)."""
        return np.stack([f.place(x[:, i]) for i, f in enumerate(self.factors)], axis=1)

    def spread(self, n: int, seed: int) -> Floats:
        """`n` different allowed points, as even as a scrambled Sobol sequence; fewer where there are no more.

        Raises `StudyError` where none is allowed.
        """
        from scipy.stats import qmc

        sobol = qmc.Sobol(len(self.factors), rng=stream(seed, "design.sobol"))
        found = np.empty((0, len(self.factors)))
        for power in range(ROUNDS):
            tried = self._values(sobol.random(2 ** (power + max(n - 1, 1).bit_length())))
            found = distinct(np.vstack([found, tried[self.allowed(tried)]]))
            if len(found) >= n:
                return found[:n]
            if len(found) and self._finite():
                break
        return self._all(found, n)

    def near(self, x: Floats, n: int, width: float, seed: int) -> Floats:
        """`n` allowed points around each of `x` (point, factor), no further than `width` of each range."""
        rng = stream(seed, "design.near")
        shift = rng.uniform(-width, width, (n, *x.shape))
        moved = self._values(np.clip(self.unit(x) + shift, 0.0, 1.0).reshape(-1, len(self.factors)))
        return distinct(moved[self.allowed(moved)])

    def _finite(self) -> bool:
        return all(f.levels for f in self.factors)

    def _all(self, found: Floats, n: int) -> Floats:
        """Every combination of levels where there are few; else what was found."""
        if self._finite():
            grid = self.grid()
            found = distinct(np.vstack([found, grid[self.allowed(grid)]]))
        if not len(found):
            wanted = "some settings that keep every constraint"
            raise StudyError("constraints", wanted, "none", "widen the factors or loosen a constraint")
        return found[:n]

    def grid(self) -> Floats:
        """Every combination of levels (point, factor)."""
        axes = np.meshgrid(*(f.levels for f in self.factors), indexing="ij")
        return np.stack([a.ravel() for a in axes], axis=1)

    def _values(self, unit: Floats) -> Floats:
        return np.stack([f.value(unit[:, i]) for i, f in enumerate(self.factors)], axis=1)


def distinct(x: Floats) -> Floats:
    """Points (point, factor) without repeats, in the order in which they first came."""
    _, first = np.unique(x, axis=0, return_index=True)
    return x[np.sort(first)]


def factors_of(names: Sequence[str], levels: Sequence[Sequence[float]]) -> tuple[Factor, ...]:
    """Factors that take given levels only."""
    return tuple(
        Factor(n, min(v), max(v), levels=tuple(sorted(v))) for n, v in zip(names, levels, strict=True)
    )
