"""What a table says, as a hash: over values in a fixed order, not over bytes of files.

Two runs with the same digest hold the same numbers, whatever the compression, the number of workers or the
way the work was cut.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TableDigests = dict[str, dict[str, str]]


def column_bytes(array: Any) -> bytes:
    """Bytes of one Arrow array that depend on its values alone."""
    import numpy as np

    kind = str(array.type)
    if kind == "string":
        return b"".join(text.encode() + b"\0" for text in array.to_pylist())
    values = array.to_numpy(zero_copy_only=False)
    if kind == "double":
        # NaN has many bit patterns, and which one comes out depends on the machine.
        values = np.where(np.isnan(values), np.nan, values).astype("<f8")
    return np.ascontiguousarray(values).tobytes()


def table_digest(path: Path) -> dict[str, str]:
    """SHA-256 of each column of a Parquet file, one row group in memory at a time."""
    import pyarrow.parquet as pq

    found = {}
    with pq.ParquetFile(path) as file:
        for field in file.schema_arrow:
            sha = hashlib.sha256(f"{field.name}:{field.type}".encode())
            for group in range(file.num_row_groups):
                for chunk in file.read_row_group(group, columns=[field.name]).column(0).chunks:
                    sha.update(column_bytes(chunk))
            found[field.name] = sha.hexdigest()
    return found


def run_digest(tables: Mapping[str, Mapping[str, str]]) -> str:
    """One SHA-256 over all columns of all tables, by name."""
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
