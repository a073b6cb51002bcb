"""How far selection moves what sequencing sees: lengths, V genes and residues of CDR3, in bits.

Factors learnt from data already hold what selection does on average. Where they are on, deletion by strings is to add
the host, not residue statistics of its own: the shift it makes on top should be small, and is to be reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.receptors import Receptors

    Floats = NDArray[np.float64]

TOLERATED = 0.02
"""Bits that deletion by strings may move a marginal law of a repertoire which data have already shaped."""


def shift(receptors: Receptors, after: ArrayLike, before: ArrayLike | None = None) -> dict[str, float]:
    """Jensen-Shannon divergence [bit] of the marginal laws of length, V and residues between two weightings.

    after  : weight of each receptor with selection (chain,): its survival, times a factor from data if there is one
    before : weight without (chain,); 1 for each where none is given

    Not a number where a weighting is 0 throughout. Chance alone makes about (categories - 1)/(8 n ln 2) bits where
    n chains are kept.
    """
    new = np.asarray(after, dtype=np.float64)
    old = np.ones(len(receptors)) if before is None else np.asarray(before, dtype=np.float64)
    found = {"length": _moved(receptors.length, old, new), "v": _moved(receptors.v, old, new)}
    return found | {"residues": divergence(residues(receptors, old), residues(receptors, new))}


def _moved(values: NDArray[np.integer], old: Floats, new: Floats) -> float:
    return divergence(*(np.bincount(values, weights).astype(np.float64) for weights in (old, new)))


def residues(receptors: Receptors, weights: Floats) -> Floats:
    """Weighted counts of the residues of CDR3 (20,), without the first and the last, which all share."""
    place = np.arange(receptors.residues.shape[1])
    inside = (place > 0) & (place < receptors.length[:, None].astype(np.int64) - 1)
    chain, _ = np.nonzero(inside)
    return np.bincount(receptors.residues[inside], weights[chain], minlength=20).astype(np.float64)


def divergence(one: Floats, other: Floats) -> float:
    """Jensen-Shannon divergence [bit] of two laws, given as counts or weights: 0 where equal, 1 where apart."""
    if one.sum() <= 0 or other.sum() <= 0:
        return float("nan")
    size = max(len(one), len(other))
    p, q = (np.pad(x / x.sum(), (0, size - len(x))) for x in (one, other))
    middle = (p + q) / 2

    def relative(x: Floats) -> float:
        there = x > 0
        return float((x[there] * np.log2(x[there] / middle[there])).sum())

    return max(0.0, (relative(p) + relative(q)) / 2)
