"""An assay: from a true quantity to what is reported of it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.evidence.values import rows
from thymos.lang import Model

Floats = NDArray[np.float64]
Reported = tuple[Floats, NDArray[np.bool_]]


@dataclass(frozen=True)
class Assay(Model):
    """Interface. The values of an assay have papers like any model's; it has no states."""

    @cached_property
    def values(self) -> dict[str, float]:
        """The assay's own numbers, by name, as they stand in its rows."""
        return {name: row.value for name, row in rows(self).items()}

    @abstractmethod
    def measure(self, true: ArrayLike, rng: np.random.Generator) -> Reported:
        """What is reported, and whether it was below the limit; where it was, the limit is reported.

        A quantity that is not a number, such as that of a sample never taken, stays so and is not below.
        Each sample takes a fixed number of uniform numbers from `rng`, whatever its value: the same sample of
        a twin meets the same chance.
        """


def censored(value: Floats, limit: float | Floats) -> Reported:
    """The value, or the limit where it lies below it."""
    below = value < limit
    return np.where(below, limit, value), below
