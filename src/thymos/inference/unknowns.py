"""What a fit may move, and where it stands in the vector of numbers that an optimiser or a sampler moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Unknown:
    """One parameter or covariate that may move from `start`, between `low` and `high`, in its unit.

    log : the optimiser moves its logarithm;  own : each patient has one, else all share it
    """

    name: str
    start: float
    low: float = -np.inf
    high: float = np.inf
    log: bool = False
    own: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.start <= self.high or (self.log and not 0 < self.start < np.inf):
            raise DataError(
                f"unknown {self.name}",
                f"{'0 < ' if self.log else ''}low <= start <= high",
                f"low {self.low:g}, start {self.start:g}, high {self.high:g}",
            )


@dataclass(frozen=True)
class Unknowns:
    """Unknowns of a number of patients as one vector x: shared ones take one place, own ones a place a patient."""

    each: tuple[Unknown, ...]
    patients: int

    @staticmethod
    def of(unknowns: Sequence[Unknown], patients: int) -> Unknowns:
        """Checks that there are some, each once."""
        names = [u.name for u in unknowns]
        if not names or len(set(names)) < len(names):
            raise DataError("unknowns", "one or more, each once", ", ".join(names) or "none")
        return Unknowns(tuple(unknowns), patients)

    @cached_property
    def places(self) -> Whole:
        """Place in x of each unknown of each patient (unknown, patient)."""
        rows, next_ = [], 0
        for u in self.each:
            count = self.patients if u.own else 1
            rows.append(np.broadcast_to(next_ + np.arange(count), self.patients))
            next_ += count
        return np.array(rows, np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each place in x: `decay.k`, or `decay.k[3]` of patient 3."""
        return tuple(
            f"{u.name}[{i}]" if u.own else u.name
            for u in self.each
            for i in range(self.patients if u.own else 1)
        )

    @property
    def start(self) -> Floats:
        """x at the start values."""
        return self._spread([np.log(u.start) if u.log else u.start for u in self.each])

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """(low, high) of each place in x, as `scipy.optimize.minimize` takes them."""
        low, high = (self._spread([self._end(u, end) for u in self.each]).tolist() for end in ("low", "high"))
        return list(zip(low, high, strict=True))

    def values(self, x: ArrayLike) -> Floats:
        """Each unknown of each patient in its unit (unknown, patient)."""
        moved = self._vector(x)[self.places]
        log = np.array([u.log for u in self.each])[:, None]
        with np.errstate(over="ignore"):
            return np.where(log, np.exp(np.where(log, moved, 0.0)), moved)

    def slopes(self, x: ArrayLike) -> Floats:
        """Slope of each value in its place of x (unknown, patient): the value itself for a logarithm, else 1."""
        log = np.array([u.log for u in self.each])[:, None]
        return np.where(log, self.values(x), 1.0)

    def _end(self, u: Unknown, end: str) -> float:
        value = float(getattr(u, end))
        if not u.log:
            return value
        return float(np.log(value)) if value > 0 else -np.inf

    def _spread(self, numbers: Sequence[float]) -> Floats:
        return np.concatenate(
            [np.full(self.patients if u.own else 1, v) for u, v in zip(self.each, numbers, strict=True)]
        )

    def _vector(self, x: ArrayLike) -> Floats:
        vector = np.asarray(x, dtype=np.float64)
        if vector.shape != (len(self.names),):
            raise DataError("unknowns, x", f"{len(self.names)} numbers", f"shape {vector.shape}")
        return vector
