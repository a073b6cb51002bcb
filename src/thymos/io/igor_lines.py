"""The lines of a text file of an IGoR model, each with its place for messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.near_file import near_file
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 8_000_000
"""Bytes; the largest model in circulation has 1.7 million."""
CUT = "the file may be cut short: compare its size with the original"


@dataclass(frozen=True)
class Line:
    """One line: its file and number, and its text without the space around it."""

    file: str
    number: int
    text: str

    @property
    def place(self) -> str:
        """Where it stands, as messages name it."""
        return f"{self.file} line {self.number}"

    def refuse(self, wanted: str, got: str = "", try_: str = "") -> DataError:
        """The error for this line; `got` is the line itself where nothing is given."""
        return DataError(self.place, wanted, got or f"“{shortened(self.text)}”", try_)


def shortened(text: str, most: int = 60) -> str:
    """At most so many letters of a text."""
    return text if len(text) <= most else text[: most - 3] + "..."


def filled_lines(path: Path) -> Iterator[Line]:
    """Every line that holds something; raises `DataError` for a file that cannot be read or is no text."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as problem:
        got = problem.strerror or str(problem)
        raise DataError(str(path), "a file that can be read", got, near_file(path)) from None
    if len(raw) > LARGEST:
        raise DataError(str(path), f"a file of at most {LARGEST // 10**6} MB", "a larger one")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(str(path), "a text file in UTF-8", "another kind of file")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield Line(path.name, number, line.strip())
