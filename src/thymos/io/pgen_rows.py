"""CDR3s in, their generation probabilities out: tab-separated tables, read and written batch by batch."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.io.airr_export import KINDS
from thymos.io.atomic import check_place, write_atomically
from thymos.io.sequence_file import open_sequences
from thymos.lang.errors import DataError, StudyError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from thymos.io.sequence_file import SequenceFile

COLUMNS = ("sequence", "v_call", "j_call", "pgen", "log10_pgen", "problem")


@dataclass(frozen=True)
class Asked:
    """Some CDR3s as they were written, with their genes, "" where not given; and where each of them stands."""

    sequence: Sequence[str]
    v_call: Sequence[str]
    j_call: Sequence[str]
    place: Callable[[int], str]


@dataclass(frozen=True)
class Answered:
    """The same with their probabilities (chain,), not a number where `problem` says why there is none."""

    asked: Asked
    pgen: NDArray[np.float64]
    problem: Sequence[str]


def asked_texts(sequences: Sequence[str]) -> Asked:
    """CDR3s from a command line."""
    nothing = [""] * len(sequences)
    return Asked(sequences, nothing, nothing, lambda i: f"sequence {i + 1}")


def asked_file(path: Path, column: str, v_column: str, j_column: str) -> Iterator[Asked]:
    """Batches of a tab-separated file, plain or gzipped; raises `DataError` for a column it does not have.

    column             : of the sequences, amino acids or bases
    v_column, j_column : of the genes; "" for none
    """
    file = open_sequences(path)
    for title in (column, v_column, j_column):
        if title and title not in file.header:
            hint = nearest(title, file.header) or f"name one of {', '.join(file.header[:12])}"
            raise DataError(f"{file.name}, row 1", f"a column {title}", "none of that name", hint)
    return _batches(file, column, v_column, j_column)


def _batches(file: SequenceFile, column: str, v_column: str, j_column: str) -> Iterator[Asked]:
    wanted = [title for title in (column, v_column, j_column) if title]
    for batch in file.batches(wanted):
        cells = {title: batch[title].fill_null("").to_pylist() for title in wanted}
        nothing = [""] * batch.num_rows
        v, j = (cells.get(title, nothing) for title in (v_column, j_column))
        yield Asked(cells[column], v, j, file.place)


def check_pgen_file(path: Path) -> None:
    """Raise `StudyError` for another ending than `.tsv` or `.tsv.gz`, `StoreError` where nothing can be written."""
    if not path.name.lower().endswith(KINDS):
        raise StudyError("a table of probabilities", f"a name that ends in {' or '.join(KINDS)}", str(path))
    check_place(path)


def write_pgens(path: Path, batches: Iterable[Answered]) -> None:
    """Write them as `.tsv` or `.tsv.gz`, whole or not at all."""

    def fill(file: BinaryIO) -> None:
        if path.name.lower().endswith(".gz"):
            # Without a time, so that the same input gives the same file.
            with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, compresslevel=4) as stream:
                stream_pgens(stream, batches)
        else:
            stream_pgens(file, batches)

    write_atomically(path, fill)


def stream_pgens(stream: Any, batches: Iterable[Answered]) -> None:
    """Write header and rows into a binary stream."""
    import pyarrow as pa
    import pyarrow.csv as csv

    number = ("pgen", "log10_pgen")
    schema = pa.schema([(name, pa.float64() if name in number else pa.string()) for name in COLUMNS])
    options = csv.WriteOptions(delimiter="\t", quoting_header="none", quoting_style="none")
    with csv.CSVWriter(stream, schema, write_options=options) as writer:
        for batch in batches:
            asked, none = batch.asked, np.array([text != "" for text in batch.problem])
            with np.errstate(divide="ignore"):
                log = np.log10(batch.pgen)
            columns = [
                *map(_texts, (asked.sequence, asked.v_call, asked.j_call)),
                pa.array(batch.pgen, mask=np.isnan(batch.pgen)),
                pa.array(log, mask=none),
                _texts(batch.problem),
            ]
            writer.write(pa.table(columns, schema=schema))


def _texts(cells: Sequence[str]) -> Any:
    """An Arrow array; what would break a row of the table becomes a space."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.replace_substring_regex(pa.array(cells, pa.string()), r'[\t\r\n"]', " ")
