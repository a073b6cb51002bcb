"""Sizes of the clones that a sample of cells has, drawn at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.clones.clones import Clones

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]


def sampled_sizes(clones: Clones, share: float, seed: int, *block: int) -> tuple[Counts, NDArray[np.intp]]:
    """Cells of each clone that has any in the sample, and the class it is of; one repertoire, classes (class,).

    share : probability with which each cell comes into the sample
    Sizes are independent and follow Kendall's law thinned by the share. Another moment of the same clones is `drawn`.
    """
    sample = clones.thinned(share)
    number, m, B = np.broadcast_arrays(sample.number, sample.law.m, sample.law.B)
    chance = stream(seed, "clones.sampled", *block)
    found = chance.poisson(number * m / (1 + B))
    of = np.repeat(np.arange(len(found)), found)
    return chance.geometric(1 / (1 + B[of])), of
