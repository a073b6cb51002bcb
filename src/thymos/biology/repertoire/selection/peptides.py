"""Peptides as the residues that a T-cell receptor sees of them: random, mutated by one residue, or given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, NO_RESIDUE, coded
from thymos.evidence.datasets.residue_frequencies import residue_frequencies
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Residues = NDArray[np.uint8]

CONTACTS = 5
"""Residues of a peptide that a receptor touches: positions 4 to 8 of nine."""
SHORTEST, LONGEST = 8, 11
"""Residues of a peptide in the groove of HLA class I."""


def drawn(shares: NDArray[np.float64], size: tuple[int, ...], rng: np.random.Generator) -> Residues:
    """Residues drawn one by one from their shares (20,)."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(size), side="right").astype(np.uint8)


def random_peptides(number: int, rng: np.random.Generator, contacts: int = CONTACTS) -> Residues:
    """Peptides (peptide, contact) of the residues of human proteins, drawn independently.

    The same law serves for self and for foreign: their residues hardly differ, and neither do those of pathogens.
    References: `kosmrlj2008`, `yin2024`.
    """
    return drawn(residue_frequencies(), (number, contacts), rng)


def point_mutants(peptides: Residues, number: int, rng: np.random.Generator) -> Residues:
    """Peptides (number, contact), each one of `peptides` with another residue at one contact."""
    mutants = peptides[rng.integers(len(peptides), size=number)]
    substituted(mutants, rng.integers(peptides.shape[1], size=number), rng)
    return mutants


def substituted(sequences: Residues, place: NDArray[np.integer], rng: np.random.Generator) -> None:
    """Put another residue than the one that is there at one place (sequence,) of each, by their frequency."""
    rows = np.arange(len(sequences))
    old = sequences[rows, place]
    others = np.where(np.eye(20, dtype=bool), 0.0, residue_frequencies())
    cumulated = np.cumsum(others / others.sum(axis=1, keepdims=True), axis=1)
    cumulated[:, -1] = np.inf  # rounding leaves the last sum a little off 1
    # The last residue never stands behind itself: its own share is none, so the sum before it is already 1.
    cumulated[-1, -2] = np.inf
    sequences[rows, place] = (rng.random(len(rows))[:, None] >= cumulated[old]).sum(axis=1)


def of_text(texts: Sequence[str], contacts: int = CONTACTS) -> Residues:
    """What a receptor sees (peptide, contact) of peptides as letters: the residues between the anchors.

    Of nine residues these are positions 4 to 8; a peptide as long as `contacts` is taken whole. Raises `DataError`.
    """
    seen = np.empty((len(texts), contacts), dtype=np.uint8)
    for i, text in enumerate(texts):
        codes = coded(text, AMINO_ACIDS)
        if NO_RESIDUE in codes:
            where = text[int(np.argmax(codes == NO_RESIDUE))]
            raise DataError(f"peptide {i + 1}, {text}", f"letters among {AMINO_ACIDS}", repr(where))
        seen[i] = codes[_seen(i, text, contacts)]
    return seen


def _seen(i: int, text: str, contacts: int) -> slice:
    if len(text) == contacts:
        return slice(None)
    if not SHORTEST <= len(text) <= LONGEST:
        wanted = f"{SHORTEST} to {LONGEST} residues, or the {contacts} that a receptor sees"
        raise DataError(f"peptide {i + 1}, {text}", wanted, str(len(text)))
    start = max(0, (len(text) - 3) // 2 + (CONTACTS - contacts) // 2)
    return slice(start, start + contacts)


def shared_with(peptides: Residues, others: Residues) -> NDArray[np.bool_]:
    """Which of `peptides` look to a receptor exactly like one of `others` (peptide,)."""
    base = 20 ** np.arange(peptides.shape[1], dtype=np.int64)
    return np.isin(peptides @ base, others @ base)
