"""Clonotypes out, as an AIRR rearrangement file: one row for each clonotype."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.io.airr_schema import required_columns
from thymos.io.atomic import check_place, write_atomically
from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from thymos.io.clonotypes import Clonotypes

ADDED = ("vj_in_frame", "stop_codon", "locus", "duplicate_count", "clone_id", "repertoire_id")
"""Columns beyond the required ones."""
KINDS = (".tsv", ".tsv.gz")
BATCH = 100_000


def rearrangement_kind(path: Path) -> str:
    """Which file a name asks for; raises `StudyError` for another ending, `StoreError` where none can be written."""
    kind = next((kind for kind in reversed(KINDS) if path.name.lower().endswith(kind)), None)
    if kind is None:
        raise StudyError("a rearrangement file", f"a name that ends in {' or '.join(KINDS)}", str(path))
    check_place(path)
    return kind


def write_rearrangements(path: Path, clonotypes: Clonotypes) -> None:
    """The clonotypes as `.tsv` or `.tsv.gz`, whole or not at all; the bases of a junction stand for its sequence."""
    zipped = rearrangement_kind(path) == ".tsv.gz"
    write_atomically(path, lambda file: _write(file, clonotypes, zipped))


def _write(file: BinaryIO, clonotypes: Clonotypes, zipped: bool) -> None:
    import pyarrow.csv as pc

    table = _table(clonotypes)
    # Standard and library want no quotes; no name of a gene and no junction holds a tab.
    options = pc.WriteOptions(delimiter="\t", batch_size=BATCH, quoting_style="none", quoting_header="none")
    if zipped:
        # Without a time, so that the same clonotypes give the same file.
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as stream:
            pc.write_csv(table, stream, options)
    else:
        pc.write_csv(table, file, options)


def _table(clonotypes: Clonotypes) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    number = len(clonotypes)
    empty = pa.array([""]).take(pa.array(np.zeros(number, np.int64)))
    broken = pc.binary_length(clonotypes.junction).to_numpy(zero_copy_only=False) % 3 != 0
    marked = pc.match_substring_regex(clonotypes.junction_aa, "[~_?]").to_numpy(zero_copy_only=False)
    name = pa.array(np.arange(1, number + 1)).cast(pa.string())
    cells = {
        "sequence_id": name,
        "sequence": clonotypes.junction,
        "rev_comp": _flags(np.zeros(number, bool)),
        "productive": _flags(clonotypes.productive),
        "v_call": clonotypes.v_call.cast(pa.string()),
        "j_call": clonotypes.j_call.cast(pa.string()),
        "junction": clonotypes.junction,
        "junction_aa": clonotypes.junction_aa,
        "vj_in_frame": _flags(~(broken | marked)),
        "stop_codon": _flags(pc.match_substring(clonotypes.junction_aa, "*").to_numpy(zero_copy_only=False)),
        "locus": clonotypes.locus.cast(pa.string()),
        "duplicate_count": pa.array(clonotypes.count),
        "clone_id": name,
        "repertoire_id": pa.array([clonotypes.sample]).take(pa.array(np.zeros(number, np.int64))),
    }
    return pa.table({title: cells.get(title, empty) for title in (*required_columns(), *ADDED)})


def _flags(values: Any) -> Any:
    """T and F."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(values), "T", "F")
