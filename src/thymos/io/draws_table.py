"""Draws of parameters by full name: a CSV with a column for each, or the Parquet file of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.csv_text import CsvText, read_csv
from thymos.io.table_file import TableFile
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

Floats = NDArray[np.float64]


def read_draws_table(path: Path, known: Collection[str]) -> dict[str, Floats]:
    """Draws by full name of the parameter (draw,); of a Parquet file only the columns of `known` parameters.

    A fit stores more than parameters, so there other columns are left; in a CSV they are mistakes. Raises `DataError`
    that names the column.
    """
    found = _from_parquet(path, known) if path.suffix == ".parquet" else _from_csv(path, known)
    for name, x in found.items():
        if not np.isfinite(x).all():
            raise DataError(f"{path.name}, column {name}", "finite numbers", "others among them")
    if not found:
        raise DataError(path.name, "a column named as a parameter, such as notch.steepness", "none")
    return found


def _from_csv(path: Path, known: Collection[str]) -> dict[str, Floats]:
    text = read_csv(path)
    found: dict[str, Floats] = {}
    for place, name in enumerate(text.header):
        if name not in known:
            raise DataError(
                text.place(text.header_row, name), "the full name of a parameter of this culture", repr(name)
            )
        found[name] = np.array([_number(text, row, name, cells[place]) for row, cells in text.rows()])
    return found


def _number(text: CsvText, row: int, column: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise DataError(text.place(row, column), "a number", repr(cell)) from None


def _from_parquet(path: Path, known: Collection[str]) -> dict[str, Floats]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = [name for name in pq.read_schema(path).names if name in known]
    except (OSError, pa.ArrowException) as problem:
        raise DataError(str(path), "a Parquet file that can be read", str(problem)) from None
    return {name: np.asarray(TableFile(path).column(name), dtype=np.float64) for name in names}
