"""Codon families: what stands for one symbol of a sequence, as boxes of bases.

A symbol (an amino acid, an ambiguity such as X, or one codon) is a disjoint union of families, each the product of a
set of first, of second and of third bases. Every amino acid is one family, but leucine, serine and arginine, which
are two; a codon is one; X is four. Inside a codon a recursion over a sequence then need only remember the family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, CODONS, STOP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Box = tuple[int, int, int]

AMBIGUOUS = {"B": "DN", "J": "IL", "X": AMINO_ACIDS, "Z": "EQ"}
"""One-letter codes of IUPAC for several amino acids."""
RESIDUES = AMINO_ACIDS + "".join(AMBIGUOUS)
CODON = len(RESIDUES)
"""Symbols below are residues, in the order of `RESIDUES`; the codon (n1, n2, n3) is `CODON` + 16 n1 + 4 n2 + n3."""


class Letters(NamedTuple):
    """Bases that a symbol admits at each of its three places, each with the family it belongs to.

    number : how many (symbol, place)
    family : (symbol, place, letter)
    base   : (symbol, place, letter)
    """

    number: NDArray[np.uint8]
    family: NDArray[np.uint8]
    base: NDArray[np.uint8]

    def mirrored(self) -> Letters:
        """The same for sequences that are read backwards."""
        return Letters(*(np.ascontiguousarray(table[:, ::-1]) for table in self))


def families(codons: Iterable[int]) -> list[Box]:
    """Codons as few disjoint boxes, each three masks: bit b of mask i is set where base b may stand at place i."""
    boxes = [(1 << codon // 16, 1 << codon // 4 % 4, 1 << codon % 4) for codon in codons]
    for place in (2, 0, 1):
        boxes = _merged(boxes, place)
    return boxes


def _merged(boxes: list[Box], place: int) -> list[Box]:
    """Boxes that differ at one place alone become one."""
    masks: dict[tuple[int, ...], int] = {}
    for box in boxes:
        others = tuple(mask for i, mask in enumerate(box) if i != place)
        masks[others] = masks.get(others, 0) | box[place]
    joined = [(*others[:place], mask, *others[place:]) for others, mask in masks.items()]
    return [(a, b, c) for a, b, c in joined]


def _codons_of(residues: str) -> list[int]:
    return np.flatnonzero(np.isin(CODONS, [AMINO_ACIDS.index(letter) for letter in residues])).tolist()


def _symbols() -> list[list[Box]]:
    residues = [families(_codons_of(AMBIGUOUS.get(letter, letter))) for letter in RESIDUES]
    codons = [families([codon] if CODONS[codon] != STOP else []) for codon in range(64)]
    return [*residues, *codons]


def _letters(symbols: list[list[Box]]) -> Letters:
    found = [
        [
            [(f, base) for f, box in enumerate(boxes) for base in range(4) if box[place] >> base & 1]
            for place in range(3)
        ]
        for boxes in symbols
    ]
    most = max(len(letters) for places in found for letters in places)
    number = np.array([[len(letters) for letters in places] for places in found], dtype=np.uint8)
    both = np.array([[letters + [(0, 0)] * (most - len(letters)) for letters in places] for places in found])
    family, base = (np.ascontiguousarray(both[..., i], dtype=np.uint8) for i in range(2))
    return Letters(number, family, base)


LETTERS = _letters(_symbols())
FAMILIES = np.array([len(boxes) for boxes in _symbols()], dtype=np.int64)
"""Families of each symbol."""
