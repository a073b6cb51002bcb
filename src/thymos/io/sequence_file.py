"""A tab-separated file of rearrangements, plain or gzipped, read in batches: memory holds one of them.

Rows are counted as a spreadsheet counts them, the header being row 1; a quoted cell may hold a line break.
"""

from __future__ import annotations

import csv
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from thymos.io.csv_text import OTHER_FILES
from thymos.io.near_file import near_file
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

GZIP = b"\x1f\x8b"
FIRST = 1 << 18
"""Bytes within which the header must end."""
BLOCK = 1 << 22
"""Bytes of a batch; no row may be longer."""
MOST_SHORT = 100_000
EXPORT = "give the tab-separated text file as the sequencing software wrote it"
CUT = "was the file copied whole? copy it again"


@dataclass
class SequenceFile:
    """An opened file.

    header : titles of its columns, as they stand
    whole  : rows as long as the header that were handed out, the batch at hand not among them
    short  : numbers of the rows with fewer cells than the header, which are left out
    """

    path: Path
    header: tuple[str, ...]
    zipped: bool
    whole: int = 0
    short: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name, as messages say it."""
        return self.path.name

    @property
    def sample(self) -> str:
        """The file's name without the endings of a table."""
        name = self.name.removesuffix(".gz")
        return name.rpartition(".")[0] or name

    def place(self, i: int, column: str = "") -> str:
        """Where row i of the batch at hand stands, or a cell of it."""
        row = self.whole + i + 2
        for short in self.short:
            row += short <= row
        return f"{self.name}, row {row}" + (f", column {column}" if column else "")

    def batches(self, titles: Sequence[str]) -> Iterator[Any]:
        """Arrow batches of these columns as text, null where empty.

        Raises `DataError` for a row of too many cells, bytes that are no UTF-8, and a gzipped file that ends early.
        """
        import pyarrow as pa
        import pyarrow.csv as pc

        read = pc.ReadOptions(use_threads=False, block_size=BLOCK)
        cells = pc.ParseOptions(delimiter="\t", newlines_in_values=True, invalid_row_handler=self._odd_row)
        text = pc.ConvertOptions(
            include_columns=list(titles),
            column_types={title: pa.string() for title in titles},
            null_values=[""],
            strings_can_be_null=True,
        )
        self.whole, self.short = 0, []
        try:
            with (
                pa.OSFile(str(self.path)) as raw,
                pa.CompressedInputStream(raw, "gzip") if self.zipped else raw as stream,
                pc.open_csv(stream, read, cells, text) as reader,
            ):
                for batch in reader:
                    yield batch
                    self.whole += batch.num_rows
        except pa.ArrowInvalid as problem:
            raise self._broken(str(problem)) from None
        except OSError as problem:
            got = problem.strerror or str(problem)
            raise DataError(str(self.path), "a file that can be read to its end", got, CUT) from None

    def _odd_row(self, row: Any) -> str:
        # A quote that is not closed takes the rows below into its cell.
        if row.actual_columns > row.expected_columns or "\n" in row.text or len(self.short) == MOST_SHORT:
            return "error"
        self.short.append(row.number)
        return "skip"

    def _broken(self, said: str) -> DataError:
        row = re.search(r"Row #(\d+)", said)
        where = f"{self.name}, row {row[1]}" if row else self.name
        if cells := re.search(r"Expected (\d+) columns, got (\d+)", said):
            longer = int(cells[2]) > int(cells[1])
            hint = (
                "is a tab within a cell, or was the header cut?" if longer else "is a quote not closed there?"
            )
            return DataError(where, f"{cells[1]} cells as in the header", cells[2], hint)
        if "UTF8" in said:
            return DataError(where, "text in UTF-8", "other bytes", "save the file as UTF-8")
        if "straddl" in said:
            return DataError(
                where, f"rows of at most {BLOCK >> 20} MB", "a longer one", "are quotes in pairs?"
            )
        return DataError(where, "a tab-separated table", said)


def open_sequences(path: Path) -> SequenceFile:
    """The file with its header read; raises `DataError` for what is no tab-separated text in UTF-8."""
    start, zipped = _start(path)
    _refuse_others(path.name, start)
    try:
        text = start.decode("utf-8-sig", errors="ignore" if len(start) == FIRST else "strict")
    except UnicodeDecodeError as problem:
        row = start.count(b"\n", 0, problem.start) + 1
        got = f"the byte 0x{start[problem.start]:02x}"
        raise DataError(f"{path.name}, row {row}", "text in UTF-8", got, "save the file as UTF-8") from None
    lines = text.lstrip("\r\n").splitlines()
    if not lines or not lines[0].strip():
        raise DataError(path.name, "a header and rows", "an empty file", EXPORT)
    header = tuple(next(csv.reader([lines[0]], delimiter="\t")))
    if len(header) == 1:
        seen = next((mark for mark in ",; " if mark in lines[0]), "")
        got = {",": "commas", ";": "semicolons", " ": "spaces"}.get(seen, f"one column, {header[0][:60]!r}")
        raise DataError(f"{path.name}, row 1", "columns separated by tabs", got, EXPORT)
    if twice := sorted({title for title in header if header.count(title) > 1}):
        got = f"{', '.join(map(repr, twice))} twice"
        raise DataError(f"{path.name}, row 1", "each column once", got, "remove one of the two")
    return SequenceFile(path, header, zipped)


def _start(path: Path) -> tuple[bytes, bool]:
    """The first bytes, unzipped, and whether they were zipped."""
    try:
        with path.open("rb") as file:
            start = file.read(FIRST)
    except OSError as problem:
        got = problem.strerror or str(problem)
        raise DataError(str(path), "a file that can be read", got, near_file(path)) from None
    if not start.startswith(GZIP):
        return start, False
    try:
        return zlib.decompressobj(wbits=31).decompress(start, FIRST), True
    except zlib.error as problem:
        raise DataError(str(path), "a gzipped file", str(problem), CUT) from None


def _refuse_others(name: str, start: bytes) -> None:
    for mark, kind in OTHER_FILES.items():
        if start.startswith(mark):
            raise DataError(name, "tab-separated text", kind, EXPORT)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(name, "text in UTF-8", "text in UTF-16", "save the file as UTF-8")
    if b"\0" in start:
        raise DataError(name, "a text file", "a binary file", EXPORT)
