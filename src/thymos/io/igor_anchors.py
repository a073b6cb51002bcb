"""Where the CDR3 begins in a V gene and ends in a J gene, and whether the gene is functional (`*_CDR3_anchors.csv`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.csv_text import read_csv
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TITLES = ("gene", "anchor_index", "function")


@dataclass(frozen=True)
class Anchor:
    """Index of the first base of the conserved codon, -1 where the gene has none; and IMGT's word on its function."""

    index: int
    function: str
    place: str


def read_anchors(path: Path) -> Mapping[str, Anchor]:
    """The anchor of each gene; raises `DataError` with file and row."""
    table = read_csv(path, TITLES)
    missing = [title for title in TITLES if title not in table.header]
    if missing:
        got = f"no {' and no '.join(missing)}"
        raise DataError(table.place(table.header_row), f"the columns {', '.join(TITLES)}", got)
    found: dict[str, Anchor] = {}
    for row, cells in table.rows():
        named = dict(zip(table.header, cells, strict=True))
        place = table.place(row)
        if named["gene"] in found:
            raise DataError(place, "each gene once", f"{named['gene']} a second time")
        found[named["gene"]] = Anchor(_index(place, named["anchor_index"]), named["function"], place)
    return found


def _index(place: str, text: str) -> int:
    if text.lower() in ("", "nan", "na"):
        return -1
    try:
        return int(text)
    except ValueError:
        wanted = "a whole number of bases"
        raise DataError(
            f"{place}, column anchor_index", wanted, f"“{text}”", "leave it empty for none"
        ) from None
