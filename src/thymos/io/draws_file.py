"""Posterior draws in a Parquet file: a row a draw, a column a number, each with unit and meaning in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.atomic import write_atomically
from thymos.io.columns import Column, arrow_table, described
from thymos.io.table_file import TableFile
from thymos.lang.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DrawsFile:
    """Columns of equal length by name, each declared."""

    columns: tuple[Column, ...]
    data: Mapping[str, Floats]


def write_draws(path: Path, draws: DrawsFile) -> None:
    """The file, whole or not at all."""
    import pyarrow.parquet as pq

    table = arrow_table(path.name, draws.columns, draws.data)
    write_atomically(path, lambda file: pq.write_table(table, file, compression="zstd"))


def read_draws(path: Path) -> DrawsFile:
    """What `write_draws` wrote; raises `StoreError` for another file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = described(pq.read_schema(path))
    except OSError as problem:
        raise StoreError(str(path), "a file that can be read", problem.strerror or str(problem)) from None
    except pa.ArrowException as problem:
        raise StoreError(str(path), "a Parquet file of draws", str(problem)) from None
    file = TableFile(path)
    return DrawsFile(columns, {c.name: np.asarray(file.column(c.name), np.float64) for c in columns})
