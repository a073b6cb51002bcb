r"""Specific cells and clones of a naive repertoire, peptide by peptide.

Each clone recognises a peptide with its probability p, whatever its size, so that of a repertoire of C cells in R
clones the expected specific ones are Cp and Rp, and none is there with probability

$$ P(none) = (1 - p)^R $$

Cells tell how much is there, clones whether anything is: a few large clones have many cells and leave most peptides
unanswered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.antigens.peptides import Peptides

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Precursors:
    """What a naive repertoire holds for a set of peptides; leading axes are those of the repertoire.

    cells   : expected specific cells (..., peptide)
    clones  : expected specific clones (..., peptide)
    absent  : probability that there is no specific clone (..., peptide)
    basis   : what the probabilities rest on
    """

    cells: Floats
    clones: Floats
    absent: Floats
    basis: str

    @property
    def covered(self) -> Floats:
        """Expected share of the peptides for which some clone is there (...)."""
        return np.asarray(1 - self.absent.mean(axis=-1))

    @property
    def all_covered(self) -> Floats:
        """Probability that each peptide has a clone (...)."""
        return np.asarray(np.prod(1 - self.absent, axis=-1))


def precursors(naive_cells: ArrayLike, richness: ArrayLike, peptides: Peptides) -> Precursors:
    """Specific cells and clones of each peptide.

    naive_cells, richness : cells, and distinct clones of them, in the body (...)
    """
    cells, clones = (np.asarray(x, dtype=np.float64)[..., None] for x in (naive_cells, richness))
    p = peptides.probability
    with np.errstate(divide="ignore", invalid="ignore"):
        absent = np.where(clones > 0, np.exp(clones * np.log1p(-p)), 1.0)
    return Precursors(cells * p, clones * p, np.where(np.isnan(clones), np.nan, absent), peptides.basis)


def covered(naive_cells: ArrayLike, richness: ArrayLike, peptides: Peptides) -> Floats:
    """Expected share of a set's peptides for which some clone is there (...)."""
    return precursors(naive_cells, richness, peptides).covered
