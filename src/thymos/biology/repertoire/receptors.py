"""Many receptor chains as packed arrays: CDR3, V and J."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, NO_RESIDUE, NUCLEOTIDES, lettered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]

LONGEST = 40
"""Residues of the longest CDR3 that is drawn or packed."""


@dataclass(frozen=True)
class Receptors:
    """Productive chains of one locus.

    residues : CDR3 from the conserved C to F or W, both included, as codes of `AMINO_ACIDS` (chain, LONGEST),
               `NO_RESIDUE` behind its end
    length   : residues of each (chain,)
    v, j     : index of the gene in its recombination model (chain,)
    bases    : nucleotides of the same CDR3, codes of `NUCLEOTIDES` (chain, 3 LONGEST); None where not kept
    """

    residues: Codes
    length: Codes
    v: NDArray[np.int16]
    j: NDArray[np.int16]
    bases: Codes | None = None

    def __len__(self) -> int:
        return len(self.length)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Self:
        """Some of the chains."""
        bases = None if self.bases is None else self.bases[which]
        return type(self)(self.residues[which], self.length[which], self.v[which], self.j[which], bases)

    def cdr3(self) -> list[str]:
        """CDR3 as letters."""
        return _texts(self.residues, self.length, AMINO_ACIDS)

    def cdr3_bases(self) -> list[str]:
        """CDR3 as nucleotides; raises `ValueError` where they were not kept."""
        if self.bases is None:
            raise ValueError("these chains were drawn without their nucleotides")
        return _texts(self.bases, 3 * self.length.astype(np.int64), NUCLEOTIDES)


def _texts(codes: Codes, length: NDArray[np.integer], alphabet: str) -> list[str]:
    """All letters as one text, of which each row is a piece: a string for each row, and nothing else in Python."""
    inside = np.arange(codes.shape[1]) < length[:, None]
    text = lettered(codes[inside], alphabet)
    ends = np.cumsum(length, dtype=np.int64)
    return [text[a:b] for a, b in zip((ends - length).tolist(), ends.tolist(), strict=True)]


def joined(one: Receptors, other: Receptors) -> Receptors:
    """Chains of two sets, one behind the other; bases where both have them."""
    bases = None
    if one.bases is not None and other.bases is not None:
        bases = np.concatenate((one.bases, other.bases))
    return Receptors(
        np.concatenate((one.residues, other.residues)),
        np.concatenate((one.length, other.length)),
        np.concatenate((one.v, other.v)),
        np.concatenate((one.j, other.j)),
        bases,
    )


def packed(cdr3: list[str], v: NDArray[np.int16], j: NDArray[np.int16]) -> Receptors:
    """Chains from text; the caller has refused letters outside `AMINO_ACIDS` and what is longer than `LONGEST`."""
    table = np.full(256, NO_RESIDUE, dtype=np.uint8)
    table[np.frombuffer(AMINO_ACIDS.encode(), dtype=np.uint8)] = np.arange(20, dtype=np.uint8)
    residues = np.full((len(cdr3), LONGEST), NO_RESIDUE, dtype=np.uint8)
    for row, text in zip(residues, cdr3, strict=True):
        row[: len(text)] = table[np.frombuffer(text.encode(), dtype=np.uint8)]
    length = np.fromiter(map(len, cdr3), dtype=np.uint8, count=len(cdr3))
    return Receptors(residues, length, v, j)
