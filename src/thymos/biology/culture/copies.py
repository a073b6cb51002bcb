r"""The law of integrated vector copies per cell, for numbers and for symbols alike.

$$ P(n + 1) = P(n)\, \frac{\lambda (1 + a n)}{(n + 1)(1 + a \lambda)}, \qquad
   P(0) = (1 + a \lambda)^{-1/a} \to e^{-\lambda} \text{ as } a \to 0 $$

$\lambda$ is the mean; the variance is $\lambda (1 + a \lambda)$. An overdispersion a of 0, written as the number 0,
is the Poisson law; above it is the negative binomial, which is what cells give that differ in how easily a
vector enters them. Cells of several origins follow the mixture of their laws.
"""

from __future__ import annotations

from typing import Any

from thymos.lang import exp, log

SAFE = 5  # copies per cell beyond which a genotoxic risk is commonly counted


def without(mean: Any, overdispersion: Any = 0) -> Any:
    """Share of cells without a copy."""
    if _poisson(overdispersion):
        return exp(-mean)
    return exp(-log(1 + overdispersion * mean) / overdispersion)


def share_with(n: int, mean: Any, overdispersion: Any = 0) -> Any:
    """Share of cells with n copies."""
    share = without(mean, overdispersion)
    for k in range(n):
        share = share * mean * (1 + overdispersion * k) / ((k + 1) * (1 + overdispersion * mean))
    return share


def share_above(most: int, mean: Any, overdispersion: Any = 0) -> Any:
    """Share of cells with more than `most` copies; right to 1e-15 of all cells, as it is a difference from 1."""
    return 1 - sum(share_with(n, mean, overdispersion) for n in range(most + 1))


def relative_dose(moi: Any, power: Any) -> Any:
    """MOI^power, and exactly 0 without vector: the logarithm of nothing is never taken."""
    return moi * exp((power - 1) * log(moi + 1e-30))


def _poisson(overdispersion: Any) -> bool:
    return isinstance(overdispersion, int | float) and overdispersion == 0
