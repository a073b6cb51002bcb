"""How the counts of one person wander around their course: what no assay error explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.evidence.values import rows
from thymos.lang import Model, parameter

Floats = NDArray[np.float64]
T_LINEAGE = frozenset(("lymphocytes", "cd3", "cd4", "cd8", "cd4_naive", "trec"))
"""Quantities that T cells make up or carry."""


@dataclass(frozen=True)
class Fluctuation(Model):
    r"""Departures of ln counts from their course: normal, lasting for a while, shared between lineages.

    $$ Cov(e_{l}(t), e_{m}(t')) = \sigma^2 \left[ r + r_T\, 1_{l,m \in T} + (1 - r - r_T 1_{l \in T})\, 1_{l = m}
       \right] e^{-|t - t'| / \tau} $$

    Counts of one week tell less than as many of a month, and CD3, CD4 and CD8 of one tube less than three tubes.
    The error of the assay comes on top, anew in each sample.
    """

    spread = parameter("", "standard deviation of ln counts around their course")
    lasting = parameter("day", "time after which a departure is forgotten")
    shared = parameter("", "share of its variance that all lymphocytes have in common")
    shared_by_t = parameter("", "further share that quantities of T cells have in common")

    @cached_property
    def values(self) -> dict[str, float]:
        """Its numbers by name, as they stand in their rows."""
        return {name: row.value for name, row in rows(self).items()}

    def covariance(
        self, lineage: Sequence[str], day: ArrayLike, other: Sequence[str], other_day: ArrayLike
    ) -> Floats:
        """Between departures of ln counts (here, there); `day` in days after transplant."""
        v = self.values
        apart = np.abs(
            np.subtract.outer(np.asarray(day, dtype=np.float64), np.asarray(other_day, np.float64))
        )
        here, there = np.asarray(lineage), np.asarray(other)
        t_here, t_there = (np.isin(names, list(T_LINEAGE)) for names in (here, there))
        together = v["shared"] + v["shared_by_t"] * np.outer(t_here, t_there)
        alone = 1 - v["shared"] - v["shared_by_t"] * t_here
        alike = together + alone[:, None] * (here[:, None] == there[None, :])
        return np.asarray(v["spread"] ** 2 * alike * np.exp(-apart / v["lasting"]))
