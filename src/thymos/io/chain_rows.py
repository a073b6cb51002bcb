"""Simulated chains out, as an AIRR rearrangement file: one row for each chain, written batch by batch.

The columns that the standard requires are all there; those that belong to a read, and not to a chain that was made,
are empty. Memory holds one batch.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.io.airr_export import rearrangement_kind
from thymos.io.airr_schema import required_columns
from thymos.io.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

ADDED = ("vj_in_frame", "stop_codon", "locus", "cell_id")
"""Columns beyond the required ones."""


@dataclass(frozen=True)
class PackedText:
    """Texts of ASCII letters: letters (row, position), and how many of them count (row,)."""

    letters: NDArray[np.uint8]
    length: NDArray[np.integer]


@dataclass(frozen=True)
class ChainRows:
    """A batch of productive chains of one locus.

    first       : number of the first of them; names of chains are made of it
    junction_aa : CDR3 with both conserved residues
    junction    : its nucleotides; None where they were not kept
    v, j        : index of the gene (chain,) among `v_names`, `j_names`
    paired      : whether chain k of TRA and of TRB are of one cell
    """

    locus: str
    first: int
    junction_aa: PackedText
    junction: PackedText | None
    v: NDArray[np.integer]
    j: NDArray[np.integer]
    v_names: tuple[str, ...]
    j_names: tuple[str, ...]
    paired: bool = False


def columns() -> tuple[str, ...]:
    """The columns of such a file."""
    return *required_columns(), *ADDED


def write_chains(path: Path, batches: Iterable[ChainRows]) -> None:
    """Write them as `.tsv` or `.tsv.gz`, whole or not at all."""

    def fill(file: BinaryIO) -> None:
        if rearrangement_kind(path) == ".tsv":
            stream_chains(file, batches)
            return
        # Without a time, so that the same chains give the same file.
        with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=4) as stream:
            stream_chains(stream, batches)

    write_atomically(path, fill)


def stream_chains(stream: Any, batches: Iterable[ChainRows]) -> None:
    """Write header and rows into a binary stream."""
    import pyarrow as pa
    import pyarrow.csv as csv

    schema = pa.schema([(name, pa.string()) for name in columns()])
    options = csv.WriteOptions(delimiter="\t", quoting_style="none", quoting_header="none")
    with csv.CSVWriter(stream, schema, write_options=options) as writer:
        for batch in batches:
            writer.write(_table(batch, schema))


def _table(rows: ChainRows, schema: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    n = len(rows.v)
    number = pa.array(np.arange(rows.first + 1, rows.first + n + 1)).cast(pa.string())
    nothing = PackedText(np.empty((n, 0), dtype=np.uint8), np.zeros(n, dtype=np.int64))
    bases = _strings(rows.junction or nothing)
    every = {name: pa.repeat(flag, n) for name, flag in _FLAGS.items()}
    cells = every | {
        "sequence_id": pc.binary_join_element_wise(rows.locus, number, "-"),
        "sequence": bases,
        "v_call": pa.array(rows.v_names).take(pa.array(rows.v)),
        "j_call": pa.array(rows.j_names).take(pa.array(rows.j)),
        "junction": bases,
        "junction_aa": _strings(rows.junction_aa),
        "locus": pa.repeat(rows.locus, n),
    }
    if rows.paired:
        cells["cell_id"] = number
    return pa.table([cells.get(name, pa.repeat("", n)) for name in columns()], schema=schema)


_FLAGS = {"rev_comp": "F", "productive": "T", "vj_in_frame": "T", "stop_codon": "F"}


def _strings(text: PackedText) -> Any:
    """An Arrow array of the texts, without a Python string for each."""
    import pyarrow as pa

    inside = np.arange(text.letters.shape[1]) < np.asarray(text.length)[:, None]
    offsets = np.concatenate([[0], np.cumsum(text.length, dtype=np.int32)]).astype(np.int32)
    letters = np.ascontiguousarray(text.letters[inside])
    return pa.StringArray.from_buffers(len(text.length), pa.py_buffer(offsets), pa.py_buffer(letters))
