"""Cells per microlitre, counted by a flow cytometer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thymos.assay.assay import Assay, Floats, Reported, censored
from thymos.assay.counting import log_variance, lognormal_factor, poisson_count, uniforms
from thymos.lang import parameter


@dataclass(frozen=True)
class FlowCount(Assay):
    r"""A known volume of blood is looked at; preparation adds a log-normal error, counting a Poisson one.

    $$ reported = k / v, \qquad k \sim Poisson(c\, v\, e^{\sigma z}) $$
    """

    analytic_cv = parameter("", "coefficient of variation of preparation and gating")
    volume = parameter("uL", "volume of blood in which cells are counted")
    limit = parameter("cell/uL", "lowest count that is reported as a number")

    def measure(self, true: ArrayLike, rng: np.random.Generator) -> Reported:
        """Counts [cell/uL] of any shape."""
        cells, v = np.asarray(true, dtype=np.float64), self.values
        first, second = uniforms(rng, cells.shape)
        expected = cells * v["volume"] * lognormal_factor(first, v["analytic_cv"])
        return censored(poisson_count(second, expected) / v["volume"], v["limit"])

    def log_variance(self, true: ArrayLike) -> Floats:
        """Variance of the logarithm of what is reported, to first order; `true` [cell/uL]."""
        v = self.values
        return log_variance(np.asarray(true, dtype=np.float64) * v["volume"], v["analytic_cv"])
