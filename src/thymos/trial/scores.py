"""Chance as standard normal scores: every decision of a virtual patient by name, one number each.

A patient is then a point z with prior N(0, I), which inference can weigh and move without knowing what it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Scores:
    """Scores (patient, decision) in the order of `names`; without them it learns which decisions there are."""

    def __init__(self, names: Sequence[str] = (), z: Floats | None = None) -> None:
        self.names = {name: i for i, name in enumerate(names)}
        self._z = np.zeros((1, 0)) if z is None else z
        self._learns = z is None

    def __len__(self) -> int:
        """Number of patients."""
        return len(self._z)

    def of(self, name: str) -> Floats:
        """Scores of one decision (patient,)."""
        if self._learns:
            self.names.setdefault(name, len(self.names))
            return np.zeros(1)
        return np.asarray(self._z[:, self.names[name]])

    def uniform(self, name: str) -> Floats:
        """The same as numbers above 0 and below 1."""
        from scipy.special import ndtr

        return np.asarray(np.clip(ndtr(self.of(name)), 2.0**-54, 1 - 2.0**-53))


class Chance:
    """What a stream of random numbers offers to one decision, made of the scores of that decision."""

    def __init__(self, scores: Scores, name: str) -> None:
        self.scores, self.name = scores, name

    def random(self, size: int) -> Floats:
        """Numbers above 0 and below 1 (patient,)."""
        return self.scores.uniform(self.name)

    def standard_normal(self, size: int) -> Floats:
        """The scores themselves (patient,)."""
        return self.scores.of(self.name)

    def choice(self, options: Any, size: int, p: Any) -> NDArray[Any]:
        """One of the options each, as often as `p` says; a number stands for 0, 1, ... below it."""
        place = np.searchsorted(np.cumsum(p), self.random(size))
        among = np.arange(options) if np.ndim(options) == 0 else np.asarray(options)
        return np.asarray(among[np.minimum(place, len(among) - 1)])
