"""A codebook: what a table holds, where it comes from, and the hash that says it is still the same."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Codebook:
    """Meaning, origin and hash of one table beside this file; `columns` gives each its meaning, in order."""

    name: str
    text: str
    columns: Mapping[str, str]
    sha256: str
    licence: str
    processing: str

    @property
    def file(self) -> Path:
        """The table."""
        return Path(__file__).with_name(f"{self.name}.csv")

    def digest(self) -> str:
        """SHA-256 of the table as it is now, with line ends as on Unix."""
        return hashlib.sha256(self._bytes()).hexdigest()

    def read(self) -> list[dict[str, str]]:
        """All rows; raises `DataError` when the file is not the one the codebook describes."""
        if self.digest() != self.sha256:
            raise DataError(
                self.file.name,
                f"SHA-256 {self.sha256[:12]}..., the table its codebook describes",
                f"{self.digest()[:12]}...",
                "reinstall thymos, or state the change in the codebook together with its hash",
            )
        table = csv.DictReader(io.StringIO(self._bytes().decode("utf-8")))
        if list(table.fieldnames or ()) != list(self.columns):
            raise DataError(self.file.name, f"the columns {', '.join(self.columns)}", f"{table.fieldnames}")
        return list(table)

    def _bytes(self) -> bytes:
        return self.file.read_bytes().replace(b"\r\n", b"\n")


def number(text: str) -> float | None:
    """A cell of a table as a number; an empty cell is None."""
    return float(text) if text else None
