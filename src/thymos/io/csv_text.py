"""A CSV file as rows of text, each with the number that a spreadsheet gives its row; anything else is refused."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

# The first bytes of what people hand in instead of CSV.
OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "Parquet",
}
EXPORT = "in the spreadsheet, save the sheet as “CSV UTF-8 (comma delimited)”"


@dataclass(frozen=True)
class CsvText:
    """Header and rows of one file.

    header : the cells of row 1
    rows   : (row number, cells) of every row that is not empty, as many cells as the header
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_csv(path: Path) -> CsvText:
    """The file, whole; raises `DataError` that names the row for a file that is no comma-separated UTF-8 table."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise DataError(str(path), "a file that can be read", problem.strerror or str(problem)) from None
    text = _decoded(path.name, data)
    try:
        cells = [(n, tuple(c.strip() for c in row)) for n, row in _numbered(text)]
    except csv.Error as problem:
        raise DataError(path.name, "comma-separated values", str(problem), EXPORT) from None
    filled = [(n, row) for n, row in cells if any(row)]
    if not filled:
        raise DataError(path.name, "a header and at least one row", "an empty sheet")
    (_, header), *rows = filled
    _check_shape(path.name, header, rows)
    return CsvText(path.name, header, tuple(rows))


def _decoded(name: str, data: bytes) -> str:
    for start, kind in OTHER_FILES.items():
        if data.startswith(start):
            raise DataError(name, "a CSV file", kind, EXPORT)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(name, "text in UTF-8", "text in UTF-16", EXPORT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        got = f"the byte 0x{data[problem.start]:02x}"
        raise DataError(f"{name}, row {row}", "text in UTF-8", got, EXPORT) from None


def _numbered(text: str) -> list[tuple[int, list[str]]]:
    # Rows as a spreadsheet counts them: a quoted cell with a line break is still one row.
    return list(enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1))


def _check_shape(name: str, header: tuple[str, ...], rows: list[tuple[int, tuple[str, ...]]]) -> None:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        mark = "semicolons" if ";" in header[0] else "tabs"
        raise DataError(f"{name}, row 1", "columns separated by commas", f"one column with {mark}", EXPORT)
    if not rows:
        raise DataError(name, "at least one row below the header", "an empty sheet")
    for number, row in rows:
        if len(row) != len(header):
            wanted, got = f"{len(header)} cells as in the header", str(len(row))
            raise DataError(f"{name}, row {number}", wanted, got, "quote a cell that holds a comma")
