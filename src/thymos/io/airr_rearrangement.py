"""Rearrangements as the AIRR Community's standard has them, version 2.0: a TSV with a row for each read, cell or clone.

What the Python package airr 2.0.0 refuses is refused here, and besides: two columns of one title, counts below 0, and a
quote that is not closed. Rows with too few cells pass there; here they are left out and counted.
Reference: `vanderheiden2018`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.airr_schema import column_type, required_columns
from thymos.io.sequence_cells import check_type
from thymos.io.sequence_format import SequenceFormat

if TYPE_CHECKING:
    from thymos.io.sequence_file import SequenceFile

TITLES = {
    "junction": ("junction",),
    "junction_aa": ("junction_aa",),
    "v_call": ("v_call",),
    "j_call": ("j_call",),
    "locus": ("locus",),
    "count": ("duplicate_count", "umi_count"),
    "productive": ("productive",),
    "sample": ("repertoire_id",),
}


def typed(header: tuple[str, ...]) -> tuple[str, ...]:
    """Columns whose cells the standard wants to be numbers or flags."""
    return tuple(title for title in header if column_type(title) in ("boolean", "integer", "number"))


def check(file: SequenceFile, batch: Any) -> None:
    """Raise `DataError` for the first cell of the batch that is not of its column's type."""
    for title in batch.schema.names:
        kind = column_type(title)
        if kind in ("boolean", "integer", "number"):
            check_type(file, title, batch[title], kind)


AIRR = SequenceFormat(
    name="AIRR rearrangements",
    titles=TITLES | {title: (title,) for title in required_columns() if title not in TITLES},
    needed=tuple((title,) for title in required_columns()),
    typed=typed,
    check=check,
)
