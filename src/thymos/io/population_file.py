"""A virtual population in a file: one row a patient, with its weight; Parquet, or CSV to look at.

Parquet carries unit and meaning of each column, and what the population was made from; a trial can take it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.atomic import check_place, write_atomically, write_text
from thymos.io.columns import Columns, arrow_table, described
from thymos.io.near_file import near_file
from thymos.lang.errors import StoreError, StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENDINGS = (".parquet", ".csv")
ABOUT = b"thymos population"
FORMAT = 1


@dataclass(frozen=True)
class PopulationFile:
    """Columns of equal length by name, each declared.

    about : what it was made from: format, code, seed, study as YAML, targets, effective number
    """

    columns: Columns
    data: Mapping[str, NDArray[Any]]
    about: Mapping[str, Any]


def population_kind(path: Path) -> str:
    """Parquet or csv, by the ending; raises `StudyError` for another."""
    if path.suffix.lower() not in ENDINGS:
        raise StudyError("option --out", f"a name that ends in {' or '.join(ENDINGS)}", str(path))
    check_place(path)
    return path.suffix.lower()


def write_population(path: Path, file: PopulationFile) -> None:
    """The file, whole or not at all."""
    if population_kind(path) == ".csv":
        write_text(path, _csv(file))
        return
    import pyarrow.parquet as pq

    table = arrow_table(path.name, file.columns, file.data)
    about = json.dumps(dict(file.about), sort_keys=True, ensure_ascii=False).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), ABOUT: about})
    write_atomically(path, lambda out: pq.write_table(table, out))


def read_population(path: Path) -> PopulationFile:
    """What `write_population` wrote as Parquet; raises `StudyError` for another file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted, try_ = "a Parquet file from `thymos population`", "write one with --out NAME.parquet"
    if not path.is_file():
        raise StudyError(str(path), wanted, "no such file", near_file(path) or try_)
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[ABOUT])
        columns = described(table.schema)
    except (pa.ArrowException, OSError, KeyError, ValueError):
        raise StudyError(str(path), wanted, "another file", try_) from None
    if about.get("format") != FORMAT:
        raise StudyError(str(path), f"format {FORMAT}", f"format {about.get('format')}", try_)
    data = {c.name: np.asarray(table[c.name].to_numpy(zero_copy_only=False)) for c in columns}
    return PopulationFile(columns, data, about)


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise StoreError(str(path), "a file that can be read", problem.strerror or str(problem)) from None


def _csv(file: PopulationFile) -> str:
    out = io.StringIO()
    out.write("# SIMULATED\n")
    table = csv.writer(out, lineterminator="\n")
    table.writerow([f"{c.name} [{c.unit}]" if c.unit else c.name for c in file.columns])
    lists = [_cells(file.data[c.name]) for c in file.columns]
    table.writerows(zip(*lists, strict=True))
    return out.getvalue()


def _cells(x: NDArray[Any]) -> list[str]:
    if x.dtype.kind == "f":
        return [f"{value:.10g}" for value in x]
    if x.dtype.kind == "b":
        return [str(int(value)) for value in x]
    return [str(value) for value in x]
