"""A table of contact energies that a user hands in: residues of the receptor down, of the peptide across."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from thymos.evidence.datasets.contact_energies import RESIDUES
from thymos.io.csv_text import read_csv
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from thymos.io.csv_text import CsvText

TITLE = "residue"
MOST = 1000.0
"""kT of one contact; no bond of molecules is near it."""


def read_energies(path: Path) -> NDArray[np.int64]:
    """The table of a CSV file in integers of 0.01 kT (receptor, peptide), residues in alphabetical order.

    Its header is `residue` and the 20 letters in any order, below it a row of kT for each residue. Raises `DataError`
    with row and column.
    """
    table = read_csv(path, (TITLE, *RESIDUES))
    _check_names(table.place(table.header_row), table.header[1:], table.header[:1] == (TITLE,))
    rows = {cells[0]: (n, dict(zip(table.header, cells, strict=True))) for n, cells in table.rows()}
    _check_names(table.name, tuple(cells[0] for _, cells in table.rows()), True)
    return np.array([[_energy(table, *rows[a], b) for b in RESIDUES] for a in RESIDUES])


def _check_names(where: str, found: tuple[str, ...], titled: bool) -> None:
    wanted = f"{TITLE} and then each of {RESIDUES} once"
    if not titled:
        raise DataError(where, wanted, f"no {TITLE} in front")
    twice = sorted({a for a in found if found.count(a) > 1})
    missing, strange = sorted(set(RESIDUES) - set(found)), sorted(set(found) - set(RESIDUES))
    for got, names in (("twice", twice), ("missing", missing), ("unknown", strange)):
        if names:
            raise DataError(where, wanted, f"{', '.join(names)} {got}")


def _energy(table: CsvText, row: int, cells: dict[str, str], column: str) -> int:
    text = cells[column]
    try:
        x = float(text)
    except ValueError:
        x = math.nan
    if not abs(x) <= MOST:
        raise DataError(table.place(row, column), f"a number of kT within {MOST:g}", repr(text))
    return round(100 * x)
