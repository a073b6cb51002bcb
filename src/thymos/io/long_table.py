"""A table with a unit for each column, as CSV with `name [unit]` in its header or as Parquet, by the file's ending."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from thymos.io.atomic import check_place, write_atomically, write_text
from thymos.io.columns import Columns, arrow_table
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KINDS = (".csv", ".parquet")


def table_kind(path: Path) -> str:
    """Which table a file name asks for; raises `StudyError` for another ending."""
    if path.suffix.lower() not in KINDS:
        raise StudyError("a table", f"a name that ends in {', '.join(KINDS)}", str(path))
    check_place(path)
    return path.suffix.lower()


def write_table(path: Path, columns: Columns, data: Mapping[str, Sequence[Any]]) -> None:
    """The table, whole or not at all."""
    if table_kind(path) == ".csv":
        write_text(path, csv_of(columns, data))
        return
    import pyarrow.parquet as pq

    table = arrow_table(path.name, columns, data)
    write_atomically(path, lambda file: pq.write_table(table, file))


def csv_of(columns: Columns, data: Mapping[str, Sequence[Any]]) -> str:
    """The table as CSV; numbers keep every digit, so that they read back as they are."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow([f"{c.name} [{c.unit}]" if c.unit else c.name for c in columns])
    sheet.writerows(zip(*(map(_cell, data[c.name]) for c in columns), strict=True))
    return out.getvalue()


def _cell(x: Any) -> str:
    if isinstance(x, float):
        return repr(float(x))
    return str(x).lower() if isinstance(x, bool) else str(x)
