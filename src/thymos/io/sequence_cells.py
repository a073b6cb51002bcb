"""Cells of a batch of text as numbers and flags; where Arrow and Python read differently, Python decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from thymos.io.airr_schema import FALSE, TRUE
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from thymos.io.sequence_file import SequenceFile

LARGEST = 10**15
"""A count that is still one; a sample of more cells than a body has is none."""


def check_type(file: SequenceFile, title: str, cells: Any, kind: str) -> None:
    """Raise `DataError` for the first cell that is not of its AIRR type; empty cells are of every type.

    kind : boolean, integer or number
    """
    if kind == "boolean":
        as_flags(file, title, cells)
    elif not _plain(cells, kind):
        readers: dict[str, Callable[[str], object]] = {"integer": int, "number": float}
        for i, text in enumerate(cells.to_pylist()):
            try:
                readers[kind](text or "0")
            except ValueError:
                wanted = "a whole number" if kind == "integer" else "a number"
                raise DataError(file.place(i, title), f"{wanted}, or an empty cell", repr(text)) from None


def _plain(cells: Any, kind: str) -> bool:
    """Whether Arrow reads all cells, and as Python would: it alone takes 0x1F for a number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        cells.cast(pa.int64() if kind == "integer" else pa.float64())
    except pa.ArrowInvalid:
        return False
    return not pc.any(pc.match_substring(cells, "x", ignore_case=True)).as_py()


def as_flags(file: SequenceFile, title: str, cells: Any) -> Any:
    """T and F as an Arrow array of flags, null where empty; raises `DataError` for the first cell that is neither."""
    import pyarrow as pa
    import pyarrow.compute as pc

    true, false = (pc.is_in(cells, value_set=pa.array(sorted(words))) for words in (TRUE, FALSE))
    known = pc.or_(pc.or_(true, false), pc.is_null(cells))
    if not pc.all(known).as_py():
        i = known.index(False).as_py()
        raise DataError(file.place(i, title), "T, F or an empty cell", repr(cells[i].as_py()))
    return pc.if_else(pc.is_null(cells), pa.scalar(None, pa.bool_()), true)


def as_counts(file: SequenceFile, title: str, cells: Any) -> Any:
    """Counts as an Arrow array of whole numbers, one where empty; raises `DataError` for the first that is no count."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if _plain(cells, "integer"):
        counts = cells.cast(pa.int64())
    else:
        counts = pa.array([_count(file.place(i, title), text) for i, text in _texts(cells)], pa.int64())
    counts = counts.fill_null(1)
    wrong = pc.or_(pc.less(counts, 0), pc.greater(counts, LARGEST))
    if pc.any(wrong).as_py():
        i = wrong.index(True).as_py()
        raise DataError(file.place(i, title), "a count from 0 to 10^15", repr(cells[i].as_py()))
    return counts


def _texts(cells: Any) -> list[tuple[int, str | None]]:
    return list(enumerate(cells.to_pylist()))


def _count(where: str, text: str | None) -> int | None:
    """A count; 12.0 is one, as some programs write it."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        raise DataError(where, "a whole number of cells or reads", repr(text)) from None
    if not value.is_integer() or abs(value) > LARGEST:  # nan and infinity are no integers
        raise DataError(where, "a whole number of cells or reads", repr(text), "frequencies are no counts")
    return int(value)
