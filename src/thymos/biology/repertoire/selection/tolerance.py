"""What selection leaves behind: peptides that no survivor answers, and self that some survivor attacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.selection.peptides import point_mutants, shared_with

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.selection.host import Mature, Recognition

    Floats = NDArray[np.float64]
    Residues = NDArray[np.uint8]


@dataclass(frozen=True)
class Tolerance:
    """Recognition by the cells that came out of one thymus.

    foreign     : chance that a cell recognises a foreign peptide
    neoantigen  : chance that it recognises a self peptide with one residue changed
    hidden_self : chance that it recognises a self peptide that the thymus does not present
    autoreactive: share of cells that recognise at least one of those
    mimics      : share of foreign peptides that look to a receptor exactly like self in the thymus: holes however many
                  clones there are, as whoever would recognise them is deleted
    """

    foreign: float
    neoantigen: float
    hidden_self: float
    autoreactive: float
    mimics: float

    @property
    def ratio(self) -> float:
        """Neo-antigens over foreign peptides: what tolerance to self costs the defence against tumours."""
        return self.neoantigen / self.foreign if self.foreign else float("nan")


def tolerance(cells: Mature, foreign: Residues, mutants: Residues) -> Tolerance:
    """How these cells respond to foreign peptides, mutants of self, and self they never met.

    References: `george2017`, `butler2013`.
    """
    host = cells.host
    hidden = cells.recognised(host.hidden)
    return Tolerance(
        foreign=cells.recognition(foreign).mean,
        neoantigen=cells.recognition(mutants).mean,
        hidden_self=hidden.probability,
        autoreactive=float((hidden.by_receptor > 0).mean()) if len(cells) else float("nan"),
        mimics=float(shared_with(foreign, host.thymic).mean()),
    )


def neoantigens(cells: Mature, number: int, rng: np.random.Generator) -> Residues:
    """Mutants by one residue (number, contact) of the self peptides that this host's thymus presents."""
    return point_mutants(cells.host.thymic, number, rng)


def holes(recognition: Recognition, clones: ArrayLike) -> Floats:
    r"""Expected share of these peptides that none of so many clones recognises (number of clones,).

    $$ \frac{1}{S} \sum_s \binom{n - k_s}{C} / \binom{n}{C} $$

    for C of the n clones asked, of which k_s recognise peptide s: exact, nothing is drawn. Not a number for more clones
    than were asked.
    """
    from scipy.special import gammaln

    n = recognition.cells
    asked = np.atleast_1d(np.asarray(clones, dtype=np.int64))
    kinds, count = np.unique(recognition.hits, return_counts=True)
    rest = n - kinds[:, None] - asked
    with np.errstate(invalid="ignore"):
        unanswered = np.exp(
            gammaln(n - kinds[:, None] + 1.0) - gammaln(np.maximum(rest, 0) + 1.0)
            + gammaln(np.maximum(n - asked, 0) + 1.0) - gammaln(n + 1.0)
        )  # fmt: skip
    share = (count[:, None] * np.where(rest >= 0, unanswered, 0.0)).sum(axis=0) / count.sum()
    return np.where(asked <= n, share, np.nan)
