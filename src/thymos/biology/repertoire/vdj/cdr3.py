"""A CDR3 as somebody wrote it, amino acids or bases, as symbols whose probability can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, CODONS, NO_RESIDUE, NUCLEOTIDES, STOP, coded
from thymos.biology.repertoire.receptors import LONGEST
from thymos.biology.repertoire.vdj.families import CODON, RESIDUES
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Codes = NDArray[np.uint8]

C = AMINO_ACIDS.index("C")
JUNCTION = "thymos reads the junction, from the conserved C to F or W; IMGT's CDR3 leaves both out"


def symbols(text: str, where: str) -> Codes:
    """Symbols of a CDR3, see `families`; of bases where all its letters are A, C, G, T or N, else of amino acids.

    No CDR3 of amino acids is made of these letters alone, as the last is F, V or W. Raises `DataError` that begins with
    `where`.
    """
    text = text.strip().upper()
    return bases(text, where) if text and not set(text) - {*NUCLEOTIDES, "N"} else residues(text, where)


def residues(text: str, where: str) -> Codes:
    """Symbols of amino acids; X, B, J, Z stand for all that they may mean."""
    found = coded(text, RESIDUES)
    if "*" in text or "_" in text or "~" in text:
        raise DataError(where, "a productive CDR3", f"a stop codon or a broken frame in {text}")
    if (found == NO_RESIDUE).any():
        odd = text[int(np.argmax(found == NO_RESIDUE))]
        raise DataError(where, f"letters of {''.join(sorted(RESIDUES))}", f"“{odd}” in {text}")
    return _checked(found, found, text, where)


def bases(text: str, where: str) -> Codes:
    """Symbols of codons; raises `DataError` for what is out of frame, holds a stop codon or other letters."""
    found = coded(text, NUCLEOTIDES)
    if (found == NO_RESIDUE).any():
        at = int(np.argmax(found == NO_RESIDUE))
        raise DataError(where, f"bases {NUCLEOTIDES}", f"“{text[at]}” at base {at + 1} of {text}")
    if len(found) % 3:
        got = f"{len(found)} bases, {len(found) % 3} too many"
        raise DataError(where, "a junction in frame, a multiple of three bases", got, JUNCTION)
    codons = found.reshape(-1, 3) @ np.array([16, 4, 1], dtype=np.uint8)
    amino_acids = CODONS[codons]
    if (amino_acids == STOP).any():
        at = int(np.argmax(amino_acids == STOP))
        got = f"the stop {text[3 * at : 3 * at + 3]} as codon {at + 1} of {text}"
        raise DataError(where, "a junction without a stop codon", got)
    return _checked((codons + CODON).astype(np.uint8), amino_acids, text, where)


def _checked(found: Codes, amino_acids: Codes, text: str, where: str) -> Codes:
    if not len(found):
        raise DataError(where, "a CDR3", "an empty cell")
    if len(found) > LONGEST:
        raise DataError(where, f"a CDR3 of at most {LONGEST} residues", f"{len(found)}")
    if amino_acids[0] != C:
        raise DataError(where, "a CDR3 that begins with the conserved C", text, JUNCTION)
    return found


def stacked(rows: Sequence[Codes]) -> tuple[Codes, Codes]:
    """Symbols of several CDR3s (chain, LONGEST), and how many each has (chain,)."""
    codes = np.full((len(rows), LONGEST), NO_RESIDUE, dtype=np.uint8)
    for into, row in zip(codes, rows, strict=True):
        into[: len(row)] = row
    return codes, np.fromiter(map(len, rows), dtype=np.uint8, count=len(rows))
