"""What follows exactly from the probability of each drawn chain: distinct clonotypes, coincidences, entropy.

`p` are probabilities of chains that were drawn from that very law, for example their generation probability divided by
the share of rearrangements that are productive. Means over such chains are sums over all chains there can be, so no
number of clonotypes has to be counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A mean over drawn chains, and its standard error."""

    value: float
    error: float


def expected_distinct(p: Floats, n: float) -> Estimate:
    r"""Clonotypes seen at least once among n draws: $\sum_s 1 - (1 - p_s)^n$, as the mean of $[1 - (1 - p)^n]/p$."""
    return _mean(-np.expm1(n * np.log1p(-np.minimum(p, 1 - 2**-53))) / p)


def coincidence(p: Floats) -> Estimate:
    r"""Probability that two draws are the same clonotype: $\sum_s p_s^2$, as the mean of p."""
    return _mean(p)


def entropy(p: Floats) -> Estimate:
    r"""Shannon entropy of the law [bit]: $-\sum_s p_s \log_2 p_s$."""
    return _mean(-np.log2(p))


def _mean(x: Floats) -> Estimate:
    return Estimate(float(x.mean()), float(x.std(ddof=1) / np.sqrt(x.size)))
