"""Nucleotides, amino acids, and the standard genetic code as arrays of codes.

Nucleotides are 0 to 3 in the order of `NUCLEOTIDES`, amino acids 0 to 19 in the order of `AMINO_ACIDS`; 20 is a stop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUCLEOTIDES = "ACGT"
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
STOP = 20
NO_RESIDUE = 255
"""Fills the rest of a row of packed residues or nucleotides."""
COMPLEMENT = np.array([3, 2, 1, 0], dtype=np.uint8)

# Amino acids of all codons, first letter slowest, in the order T, C, A, G of the usual table.
_TABLE = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"


def _codons() -> NDArray[np.uint8]:
    code = np.empty(64, dtype=np.uint8)
    order = [NUCLEOTIDES.index(letter) for letter in "TCAG"]
    for i, letter in enumerate(_TABLE):
        first, second, third = order[i // 16], order[i // 4 % 4], order[i % 4]
        code[16 * first + 4 * second + third] = (AMINO_ACIDS + "*").index(letter)
    return code


CODONS = _codons()
"""Amino acid of the codon (n1, n2, n3) at 16 n1 + 4 n2 + n3."""


def coded(sequence: str, alphabet: str) -> NDArray[np.uint8]:
    """Codes of a sequence; `NO_RESIDUE` where a letter is not in `alphabet`."""
    table = np.full(256, NO_RESIDUE, dtype=np.uint8)
    table[np.frombuffer(alphabet.encode(), dtype=np.uint8)] = np.arange(len(alphabet), dtype=np.uint8)
    return np.asarray(table[np.frombuffer(sequence.encode("latin-1", "replace"), dtype=np.uint8)])


def lettered(codes: NDArray[np.uint8], alphabet: str) -> str:
    """The letters of codes."""
    return bytes(np.frombuffer(alphabet.encode(), dtype=np.uint8)[codes]).decode()
