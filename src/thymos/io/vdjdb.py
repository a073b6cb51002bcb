"""Receptors of known specificity, from a table in the format of VDJdb that the user names; none is shipped.

Read are `vdjdb.txt` and `vdjdb.slim.txt` of a release, `vdjdb_full.txt`, where alpha and beta share a row, and what the
browser of VDJdb exports. Reference: `goncharov2022`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.io.sequence_file import open_sequences
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from thymos.io.sequence_file import SequenceFile

HUMAN = "HomoSapiens"
LOCI = {"TRA": "alpha", "TRB": "beta"}
TITLES = {
    "gene": ("gene", "Gene"),
    "cdr3": ("cdr3", "CDR3"),
    "v": ("v.segm", "V"),
    "j": ("j.segm", "J"),
    "species": ("species", "Species"),
    "epitope": ("antigen.epitope", "Epitope"),
    "antigen": ("antigen.gene", "Epitope gene"),
    "source": ("antigen.species", "Epitope species"),
    "mhc": ("mhc.a", "MHC A"),
    "score": ("vdjdb.score", "Score"),
}
"""Titles of what is read, in a release and in an export of the browser."""
PAIRED = {"cdr3": "cdr3.{}", "v": "v.{}", "j": "j.{}"}
RESIDUES = re.compile("[ACDEFGHIKLMNPQRSTVWY]{3,40}")
SCORES = ("0", "1", "2", "3")


@dataclass(frozen=True)
class Known:
    """One receptor chain and what it was found to recognise.

    cdr3    : with both conserved residues, amino acids
    v, j    : IMGT names, "" where unknown
    epitope : the peptide
    antigen : the gene it comes from
    source  : the species of the antigen, as VDJdb writes it
    mhc     : the presenting allele
    score   : confidence, 0 to 3
    """

    cdr3: str
    v: str
    j: str
    epitope: str
    antigen: str
    source: str
    mhc: str
    score: int


@dataclass(frozen=True)
class KnownReceptors:
    """Chains of one locus; each (CDR3, V, epitope) once.

    left_out : rows that were not taken, by reason
    """

    name: str
    locus: str
    chains: tuple[Known, ...]
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.chains)


def read_vdjdb(path: Path, locus: str = "TRB", species: str = HUMAN, least_score: int = 0) -> KnownReceptors:
    """The chains of one locus of one species.

    least_score : lowest confidence that is taken, 0 to 3

    Raises `DataError` for a file without the columns of VDJdb, or without such chains.
    """
    if locus not in LOCI:
        raise DataError("locus", " or ".join(LOCI), f"“{locus}”")
    if least_score not in range(len(SCORES)):
        raise DataError("least score", "0, 1, 2 or 3", str(least_score))
    file = open_sequences(path)
    titles = _titles(file, LOCI[locus])
    left_out: Counter[str] = Counter()
    seen: dict[tuple[str, str, str], Known] = {}
    for where, cells in _rows(file, titles):
        reason = _left_out(cells, locus, species, least_score, where)
        if reason:
            left_out[reason] += 1
            continue
        known = _known(cells)
        twin = seen.get((known.cdr3, known.v, known.epitope))
        if twin is not None:
            left_out["the same chain and epitope again"] += 1
        if twin is None or twin.score < known.score:
            seen[known.cdr3, known.v, known.epitope] = known
    if not seen:
        got = "; ".join(f"{reason}: {n}" for reason, n in left_out.most_common()) or "a header alone"
        raise DataError(file.name, f"{locus} chains of {species} with a score from {least_score}", got)
    return KnownReceptors(file.name, locus, tuple(seen.values()), dict(left_out.most_common()))


def _titles(file: SequenceFile, chain: str) -> dict[str, str]:
    """The column of each thing."""
    header = set(file.header)
    paired = {what: title.format(chain) for what, title in PAIRED.items()}
    found = {
        what: next((title for title in titles if title in header), "") for what, titles in TITLES.items()
    }
    if set(paired.values()) <= header:
        found |= paired
        found.pop("gene")  # a row holds both chains
    missing = [TITLES[what][0] for what, title in found.items() if not title]
    if missing:
        hint = (
            nearest(missing[0], file.header) or "give vdjdb.txt, vdjdb.slim.txt, or an export of its browser"
        )
        raise DataError(
            f"{file.name}, row 1", f"the columns of VDJdb, among them {', '.join(missing)}", "none", hint
        )
    return found


def _rows(file: SequenceFile, titles: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row's place and its cells."""
    for batch in file.batches(sorted(set(titles.values()))):
        columns: dict[str, Any] = {
            what: batch[title].fill_null("").to_pylist() for what, title in titles.items()
        }
        for i in range(batch.num_rows):
            yield file.place(i), {what: column[i].strip() for what, column in columns.items()}


def _left_out(cells: Mapping[str, str], locus: str, species: str, least_score: int, where: str) -> str:
    """Why a row is not taken; empty where it is."""
    if cells.get("gene", locus) != locus:
        return "another locus"
    if cells["species"] != species:
        return "another species"
    if cells["score"] not in SCORES:
        raise DataError(f"{where}, column {TITLES['score'][0]}", "0, 1, 2 or 3", f"“{cells['score']}”")
    if int(cells["score"]) < least_score:
        return f"a score below {least_score}"
    if not cells["cdr3"]:
        return f"no CDR3 of {locus}"
    if not RESIDUES.fullmatch(cells["cdr3"]):
        return "letters that are no amino acids, or an odd length"
    return ""


def _known(cells: Mapping[str, str]) -> Known:
    return Known(
        **{name: cells[name] for name in ("cdr3", "v", "j", "epitope", "antigen", "source", "mhc")},
        score=int(cells["score"]),
    )
