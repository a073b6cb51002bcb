"""T-cell receptor excision circles in blood, by quantitative PCR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thymos.assay.assay import Assay, Floats, Reported, censored
from thymos.assay.counting import amplified_count, log_variance, uniforms
from thymos.lang import parameter


@dataclass(frozen=True)
class TrecPcr(Assay):
    r"""sjTREC copies per volume of blood: few copies reach a reaction, and amplification adds its error.

    $$ reported = e^{\sigma z} k / v, \qquad k \sim Poisson(c\, v) $$
    """

    analytic_cv = parameter("", "coefficient of variation of extraction and amplification")
    volume = parameter("uL", "blood whose DNA is in one reaction")
    limit = parameter("copy/uL", "lowest number of copies that is reported as a number")

    def measure(self, true: ArrayLike, rng: np.random.Generator) -> Reported:
        """Copies [copy/uL] of any shape."""
        copies, v = np.asarray(true, dtype=np.float64), self.values
        u = uniforms(rng, copies.shape)
        return censored(amplified_count(u, copies, v["volume"], v["analytic_cv"]), v["limit"])

    def log_variance(self, true: ArrayLike) -> Floats:
        """Variance of the logarithm of what is reported, to first order; `true` [copy/uL]."""
        v = self.values
        return log_variance(np.asarray(true, dtype=np.float64) * v["volume"], v["analytic_cv"])
