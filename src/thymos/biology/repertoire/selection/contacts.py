"""The residues of a receptor that touch the peptide: the middle of its CDR3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, NO_RESIDUE
from thymos.biology.repertoire.receptors import LONGEST, Receptors
from thymos.biology.repertoire.selection.peptides import CONTACTS, random_peptides

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Residues = NDArray[np.uint8]

USUAL_LENGTH = 15
"""Residues of the CDR3 of a random receptor, C and F included: the mean of TRB before selection."""


def contacts_of(receptors: Receptors, contacts: int = CONTACTS) -> Residues:
    """The middle residues of each CDR3 (chain, contact); `NO_RESIDUE` where a chain is shorter than that."""
    length = receptors.length.astype(np.int64)
    start = np.maximum(length - contacts, 0) // 2
    place = start[:, None] + np.arange(contacts)
    found = np.take_along_axis(receptors.residues, place, axis=1)
    return np.where(place < length[:, None], found, np.uint8(NO_RESIDUE))


def random_receptors(number: int, rng: np.random.Generator) -> Receptors:
    """Receptors without V(D)J: between C and F the residues of human proteins, drawn independently.

    References: `kosmrlj2008`, `kosmrlj2009`.
    """
    residues = np.full((number, LONGEST), NO_RESIDUE, dtype=np.uint8)
    residues[:, 0] = AMINO_ACIDS.index("C")
    residues[:, 1 : USUAL_LENGTH - 1] = random_peptides(number, rng, USUAL_LENGTH - 2)
    residues[:, USUAL_LENGTH - 1] = AMINO_ACIDS.index("F")
    gene = np.zeros(number, dtype=np.int16)
    return Receptors(residues, np.full(number, USUAL_LENGTH, dtype=np.uint8), gene, gene)
