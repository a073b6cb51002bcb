"""Amino-acid sequences that a user hands in: one a line, or a column of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.evidence.datasets.contact_energies import RESIDUES
from thymos.io.csv_text import CsvText, read_csv
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def read_residues(path: Path, titles: Sequence[str], shortest: int, longest: int) -> list[str]:
    """The sequences of a text file, in capital letters.

    titles            : names of the column to take, the first that is there; a file of one column needs none
    shortest, longest : residues that a sequence may have

    Raises `DataError` with file, row and column; nothing is read in part.
    """
    table = read_csv(path, titles)
    return [_checked(text.upper(), where, shortest, longest) for where, text in _cells(table, titles)]


def _cells(table: CsvText, titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Place and text of each sequence."""
    found = [title for title in titles if title in table.header]
    if not found and len(table.header) > 1:
        wanted = f"a column named {' or '.join(titles)}, or one sequence a line"
        raise DataError(table.place(table.header_row), wanted, ", ".join(table.header))
    if not found and not set(table.header[0].upper()) - set(RESIDUES):  # no title above the first sequence
        yield table.place(table.header_row), table.header[0]
        if not table.below:
            return
    column = found[0] if found else ""
    place = table.header.index(column) if found else 0
    for row, cells in table.rows():
        yield table.place(row, column), cells[place]


def _checked(text: str, where: str, shortest: int, longest: int) -> str:
    strange = sorted(set(text) - set(RESIDUES))
    if strange:
        hint = "leave out non-productive sequences" if set(strange) & set("*_~") else ""
        raise DataError(where, f"residues among {RESIDUES}", f"{text!r} with {' '.join(strange)}", hint)
    if not shortest <= len(text) <= longest:
        wanted = f"{shortest} to {longest} residues"
        raise DataError(where, wanted, f"{len(text)}, {text}" if text else "an empty cell")
    return text
