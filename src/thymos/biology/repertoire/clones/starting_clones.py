"""The clones that are there on the day of transplant, and how unlike each other naive cells are in dividing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.classes import Classes
from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.lang import Model, parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PLACE = 10.0
"""Ratio of mean sizes of two neighbouring classes of memory clones."""


class StartingClones(Model):
    r"""Memory clones of whoever made them follow a power law; a graft, or what conditioning leaves, is a sample of them.

    $$ P(N > n) \propto n^{-\alpha}, \qquad n \le n_1 = c_1 M_D $$

    as a mixture of geometric laws of mean 1, 10, 100, ... up to $n_1$, with $10^{-\alpha}$ as many clones in each
    next class. M cells taken from $M_D$ keep the law, thinned by $M / M_D$. Naive cells that are taken are one of
    their clone each: naive clones are small beside the share that is taken. References: `gaimann2021`, `dessalles2021`.
    """

    donor_memory = parameter("cell", "memory T cells in the body from which mature T cells come")
    memory_tail = parameter("", "exponent with which the number of larger memory clones falls")
    largest_memory = parameter("", "share of all memory cells that the largest clones have")
    fast_share = parameter("", "share of new naive T cells that divide fast")
    fast_division = parameter("", "division rate of fast naive T cells relative to the others")


def memory_clones(cells: Floats, p: Mapping[str, Floats]) -> Clones:
    """Memory clones of `cells` (...) that are a sample of a whole body's; classes of size on the last axis."""
    whole = p["starting_clones.donor_memory"]
    tail, largest = p["starting_clones.memory_tail"], p["starting_clones.largest_memory"]
    decades = int(np.ceil(np.log10(np.max(whole * largest)))) + 1
    size = PLACE ** np.arange(decades)
    # Classes beyond the largest clone of this body are empty.
    relative = size ** -tail[..., None] * (size <= np.maximum(whole * largest, 1)[..., None])
    number = relative * (whole / (relative * size).sum(axis=-1))[..., None]
    taken = np.minimum(cells / whole, 1.0)
    return Clones(number, Kendall(size, size - 1)).thinned(taken)


def naive_classes(fast_share: float, fast_division: float) -> Classes:
    """Slow and fast naive cells; one class where there is nothing between them."""
    if fast_share in (0, 1) or fast_division == 1:
        return Classes(np.ones(1), np.ones(1))
    return Classes(np.array([1 - fast_share, fast_share]), np.array([1.0, fast_division]))
