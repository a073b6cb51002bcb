"""Percentage of cells that carry a marker, by flow cytometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from thymos.assay.assay import Assay, Reported, censored
from thymos.assay.counting import binomial_count, lognormal_factor, uniforms
from thymos.lang import parameter


@dataclass(frozen=True)
class FlowFraction(Assay):
    r"""The gate is a little off, some negative cells fall into it, and only so many cells are counted.

    $$ odds' = odds\, e^{\sigma z}, \qquad p' = p + b (1 - p), \qquad k \sim Binomial(n, p') $$

    Fewer positive cells than `fewest` are reported as below the limit: 25 give a counting error of 20 %.
    """

    gate_cv = parameter("", "coefficient of variation of the odds by the position of the gate")
    background = parameter("", "share of negative cells that fall into the gate")
    counted = parameter("", "live cells counted")
    fewest = parameter("", "positive cells below which a share is not reported as a number")

    def measure(self, true: ArrayLike, rng: np.random.Generator) -> Reported:
        """Percentages [percent] of any shape."""
        share, v = np.asarray(true, dtype=np.float64) / 100, self.values
        first, second = uniforms(rng, share.shape)
        factor = lognormal_factor(first, v["gate_cv"])
        gated = share * factor / (1 + share * (factor - 1))
        positive = gated + v["background"] * (1 - gated)
        percent = 100 / v["counted"]
        return censored(binomial_count(second, v["counted"], positive) * percent, v["fewest"] * percent)
