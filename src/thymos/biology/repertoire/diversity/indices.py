"""What is said of the diversity of a repertoire, whether expected or counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Indices:
    """Arrays of one shape; not a number where there is no cell to speak of.

    cells      : cells, or reads
    richness   : clones with any cell; Hill number of order 0
    singletons : clones with exactly one cell
    doubletons : clones with exactly two
    shannon    : entropy of the shares of clones [nat]
    hill1      : exp of it: the number of equal clones that would have this entropy
    hill2      : inverse probability that two draws, with replacement, give one clone
    clonality  : 1 - shannon/ln(richness); 0 where all clones are equal, 1 where there is but one
    simpson    : probability that two cells, drawn without replacement, are of one clone; does not depend on depth
    chao1      : richness + `unseen_at_least`, a lower bound of the number of clones of the whole of which this is a
                 small share. Of a large share it is none: see there

    References: `hill1973`, `chao1984`.
    """

    cells: Floats
    richness: Floats
    singletons: Floats
    doubletons: Floats
    shannon: Floats
    hill1: Floats
    hill2: Floats
    clonality: Floats
    simpson: Floats
    chao1: Floats

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The indices, in the order of a table."""
        return tuple(cls.__dataclass_fields__)


def unseen_at_least(singletons: Floats, doubletons: Floats, share: float = 0.0) -> Floats:
    r"""Clones that a sample missed, at the least: $f_1^2 / (2 f_2 + \frac{p}{1 - p} f_1)$.

    By Cauchy and Schwarz it is no more than the truth if each cell was sampled with probability p, the share. With
    p = 0 it is Chao's first form, which exceeds the truth if the sample is a large part of the whole. Infinite
    where no clone was seen twice. References: `chao1984`, `chao2012`.
    """
    ones, twos = np.asarray(singletons, dtype=np.float64), np.asarray(doubletons, dtype=np.float64)
    below = 2 * twos + share / (1 - share) * ones if share < 1 else np.full_like(ones, np.inf)
    none = np.where(ones > 0, np.inf, 0.0)
    with np.errstate(over="ignore"):  # hardly a clone was seen twice
        return np.divide(ones**2, below, out=none, where=below > 0)


def evenness_lost(shannon: Floats, richness: Floats) -> Floats:
    """Clonality: 1 for a single clone, where both logarithms are 0."""
    most = np.log(np.maximum(richness, 1))
    return np.asarray(1 - np.divide(shannon, most, out=np.zeros_like(most), where=most > 0))
