"""A joint distribution of a few traits with a few levels each, drawn from as it is or given some of the traits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class JointTable:
    """Probability of each combination of levels.

    axes : levels of each trait by its name, in the order of the axes of `p`
    p    : one axis for each trait; any positive total
    """

    axes: Mapping[str, tuple[str, ...]]
    p: Floats

    def margin(self, *names: str) -> Floats:
        """Probabilities of some traits, in the order of the table; they add up to 1."""
        others = tuple(i for i, name in enumerate(self.axes) if name not in names)
        return np.asarray(self.p.sum(axis=others) / self.p.sum())

    def only(self, **levels: Collection[str] | None) -> JointTable:
        """The table without the levels that are not named; None keeps all of a trait."""
        p = self.p.copy()
        for i, (name, known) in enumerate(self.axes.items()):
            wanted = levels.get(name)
            if wanted is not None:
                kept = np.array([level in wanted for level in known])
                p *= kept.reshape(_along(i, p.ndim))
        return JointTable(self.axes, p)

    def weighted(self, name: str, factor: Floats) -> JointTable:
        """The table with each level of one trait taken `factor` times as often."""
        return JointTable(
            self.axes, self.p * factor.reshape(_along(list(self.axes).index(name), self.p.ndim))
        )

    def draw(self, u: Floats, given: Mapping[str, Indices]) -> dict[str, Indices]:
        """Level of each trait for each of `u` in [0, 1); `given` traits keep theirs (patient,).

        A combination of given levels that has no probability leaves the other traits as they are among all.
        """
        found = {name: np.empty(len(u), np.int64) for name in self.axes}
        known = [name for name in self.axes if name in given]
        keys = np.stack([given[name] for name in known], axis=1) if known else np.zeros((len(u), 0), np.int64)
        for key in np.unique(keys, axis=0):
            here = np.flatnonzero((keys == key).all(axis=1))
            cells = self._given(dict(zip(known, key.tolist(), strict=True)))
            steps = np.cumsum(cells)
            flat = np.minimum(np.searchsorted(steps, u[here] * steps[-1], side="right"), len(steps) - 1)
            for name, index in zip(self.axes, np.unravel_index(flat, self.p.shape), strict=True):
                found[name][here] = index
            for name, level in zip(known, key.tolist(), strict=True):
                found[name][here] = level
        return found

    def _given(self, key: Mapping[str, int]) -> Floats:
        p = self.p
        for i, name in enumerate(self.axes):
            if name in key:
                kept = np.arange(p.shape[i]) == key[name]
                p = p * kept.reshape(_along(i, p.ndim))
        return (p if p.sum() > 0 else self.p).ravel()


def _along(axis: int, dimensions: int) -> tuple[int, ...]:
    return tuple(-1 if i == axis else 1 for i in range(dimensions))
