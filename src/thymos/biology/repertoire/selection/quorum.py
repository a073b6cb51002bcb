"""A response takes more than one cell: the chance that enough of a tissue's T cells are activated together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def response(recognition: ArrayLike, cells: float, quorum: float) -> NDArray[np.float64]:
    r"""Chance that at least `quorum` of a tissue's T cells recognise a peptide.

    $$ P(Poisson(T p) \ge Q) $$

    recognition : p, chance that one cell recognises it, any shape
    cells       : T, `quorum` : Q, see `thresholds.value`

    A quorum of 1 is the chance that any cell answers. Reference: `butler2013`.
    """
    from scipy.special import gammainc

    expected = cells * np.asarray(recognition, dtype=np.float64)
    return np.asarray(gammainc(quorum, expected))
