"""A CSV file as rows of text, each with the number that a spreadsheet gives its row; anything else is refused.

Cells are separated by commas, semicolons or tabs, whichever the header has most of, or what a first line `sep=;` of a
spreadsheet says. A row whose first cell begins with `#` is a comment.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from thymos.io.near_file import near_file
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# The first bytes of what people hand in instead of CSV.
OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "Parquet",
}
EXPORT = "in the spreadsheet, save the sheet as “CSV UTF-8 (comma delimited)”"
SEPARATORS = ",;\t"
SAID = ("sep=,", "sep=;")
LARGEST = 32_000_000
"""Bytes: 10,000 draws of 150 parameters."""


@dataclass(frozen=True)
class CsvText:
    """Header and rows of one file.

    header   : the cells of its first row that is neither empty nor a comment, and that row's number
    below    : (row number, cells) of every other such row, however many cells it has
    comments : rows that begin with #, as they stand
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    below: tuple[tuple[int, tuple[str, ...]], ...]
    comments: tuple[str, ...]

    def rows(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """(row number, cells) of each row, as many cells as the header; raises `DataError` for others, and for none."""
        if not self.below:
            raise DataError(self.name, "at least one row below the header", "a header alone")
        for row, cells in self.below:
            if len(cells) != len(self.header):
                wanted = f"{len(self.header)} cells as in the header"
                hint = "a decimal comma? write 1.5, or quote the cell"
                raise DataError(self.place(row), wanted, str(len(cells)), hint)
        return self.below

    def place(self, row: int, column: str = "") -> str:
        """Where a cell, or a whole row, stands, as messages name it."""
        return f"{self.name}, row {row}, column {column}" if column else f"{self.name}, row {row}"


def read_csv(path: Path, titles: Sequence[str] = (), largest: int = LARGEST) -> CsvText:
    """The file, whole; raises `DataError` that names the row for a file that is no table of text in UTF-8.

    titles  : columns that a table has, for the message on an empty one
    largest : size that is still read [byte]
    """
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as problem:
        got = problem.strerror or str(problem)
        raise DataError(str(path), "a file that can be read", got, near_file(path)) from None
    if len(data) > largest:
        raise DataError(str(path), f"a table of at most {largest / 1e6:g} MB", "a larger file")
    return parse_csv(_decoded(path.name, data), path.name, titles)


def parse_csv(text: str, name: str, titles: Sequence[str] = ()) -> CsvText:
    """The table in the text of a file that messages call `name`."""
    comments: list[str] = []
    filled = list(_filled(text, name, comments))
    if not filled:
        hint = f"begin with {','.join(titles)}" if titles else ""
        raise DataError(name, "a header and at least one row", "an empty sheet", hint)
    (header_row, header), *rows = filled
    return CsvText(name, header, header_row, tuple(rows), tuple(comments))


def _decoded(name: str, data: bytes) -> str:
    for start, kind in OTHER_FILES.items():
        if data.startswith(start):
            raise DataError(name, "a CSV file", kind, EXPORT)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(name, "text in UTF-8", "text in UTF-16", EXPORT)
    if b"\0" in data:
        raise DataError(name, "a text file", "a binary file", EXPORT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        got = f"the byte 0x{data[problem.start]:02x}"
        raise DataError(f"{name}, row {row}", "text in UTF-8", got, EXPORT) from None


def _filled(text: str, name: str, comments: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows that hold something, with their numbers; comments go into the list."""
    separator = ""
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    # Rows as a spreadsheet counts them: a quoted cell with a line break takes further lines, yet is one row.
    for row, line in enumerate(lines, start=1):
        if row == 1 and line.strip().lower() in SAID:
            separator = line.strip()[-1]
        # A spreadsheet quotes a comment that holds a comma.
        elif line.lstrip(' \t"').startswith("#"):
            comments.append(line.strip(' \t"\r\n'))
        elif line.strip(f" \r\n{SEPARATORS}"):
            separator = separator or max(SEPARATORS, key=line.count)
            cells = _cells(chain([line], lines), separator, f"{name}, row {row}")
            if any(cells):
                yield row, cells


def _cells(lines: Iterator[str], separator: str, where: str) -> tuple[str, ...]:
    """The cells of one row, stripped; takes as many lines as the row has."""
    try:
        return tuple(cell.strip() for cell in next(csv.reader(lines, delimiter=separator, strict=True)))
    except csv.Error as problem:
        raise DataError(where, "cells with their quotes in pairs", str(problem), EXPORT) from None
