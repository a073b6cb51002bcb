"""How one kind of clonotype file is read: which column holds what, and how its names become IMGT's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.io.sequence_cells import as_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from thymos.io.sequence_file import SequenceFile

    Cells = Mapping[str, Any]


def first_call(name: str) -> str:
    """The first of several calls, the allele with it: TRBV6-2*01,TRBV6-3*01 becomes TRBV6-2*01."""
    return next(iter(name.replace(",", " ").split()), "")


def no_check(file: SequenceFile, batch: Any) -> None:
    """Most formats promise no types."""


def no_columns(header: tuple[str, ...]) -> tuple[str, ...]:
    """Most formats have no columns to be checked alone."""
    return ()


def junctions(cells: Cells, rows: int) -> Any:
    """The column `junction`, or nulls."""
    import pyarrow as pa

    return cells.get("junction", pa.nulls(rows, pa.string()))


@dataclass(frozen=True)
class SequenceFormat:
    """One kind of file.

    name       : as messages call it
    titles     : for each thing that a column may hold, the titles it may have; the first that is there is taken
    needed     : things of which a file must have at least one, group by group
    gene       : the IMGT name of a gene as the file writes it, "" where it is not known
    functional : (file, title, cells) of what `productive` says, as flags, null where it says nothing
    junctions  : (cells by what they hold, rows) as the bases of each junction, null where unknown
    typed, check : further columns (of the header) that `check` (of a file and its batch) reads; it raises `DataError`
    """

    name: str
    titles: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]
    gene: Callable[[str], str] = first_call
    functional: Callable[[SequenceFile, str, Any], Any] = as_flags
    junctions: Callable[[Cells, int], Any] = junctions
    typed: Callable[[tuple[str, ...]], tuple[str, ...]] = no_columns
    check: Callable[[SequenceFile, Any], None] = no_check

    def columns(self, header: tuple[str, ...]) -> dict[str, str]:
        """Title of the column that holds each thing, for those that are there."""
        found = {}
        for what, titles in self.titles.items():
            title = next((title for title in titles if title in header), None)
            if title is not None:
                found[what] = title
        return found

    def missing(self, header: tuple[str, ...]) -> list[str]:
        """Titles of what is needed and absent; where one of several is enough, the first of them."""
        have = self.columns(header)
        return [self.titles[group[0]][0] for group in self.needed if not any(what in have for what in group)]
