"""Measurements of cultures as a tidy table: one row a reading, its donor, its well, and what the well was given.

The format is docs/reference/culture-table.md. A table is taken whole or not at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.column_title import factor_to, name_and_unit
from thymos.io.csv_text import CsvText, read_csv
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from pathlib import Path

# What a well may be given, in the unit of the protocol; an empty cell: as the protocol says.
CONDITIONS = {
    "day": "day",
    "dl4": "ug/mL",
    "integrin_ligand": "",
    "scf": "ng/mL",
    "il7": "ng/mL",
    "tpo": "ng/mL",
    "flt3l": "ng/mL",
    "tnf": "ng/mL",
    "il3": "ng/mL",
    "il15": "ng/mL",
    "seeded_cd34": "cell",
    "seeding_density": "cell/mL",
}
REQUIRED = ("donor", "readout", "value", "unit")
WORDS = ("donor", "readout", "unit", "graft", "plate", "well", "exclude", "source", "note")


@dataclass(frozen=True)
class Reading:
    """One measured value.

    row        : number of its row in the file
    conditions : what the row states of the well, by name, in the units of `CONDITIONS`
    value      : in `unit`, the unit that the program gives this readout
    exclude    : why the reading is left out of a fit; empty where it is not
    """

    row: int
    donor: str
    readout: str
    value: float
    unit: str
    conditions: Mapping[str, float]
    graft: str = ""
    plate: str = ""
    well: str = ""
    exclude: str = ""


@dataclass(frozen=True)
class CultureTable:
    """Readings of one file, in its order."""

    name: str
    readings: tuple[Reading, ...]

    @property
    def donors(self) -> tuple[str, ...]:
        """Names of the donors, each once, in the order of the file."""
        return tuple(dict.fromkeys(r.donor for r in self.readings))

    @property
    def kept(self) -> tuple[Reading, ...]:
        """The readings that are not excluded."""
        return tuple(r for r in self.readings if not r.exclude)


def read_culture_table(path: Path, readouts: Mapping[str, str], one_donor: bool = False) -> CultureTable:
    """The table of a file; raises `DataError` with row and column for the first thing that is wrong.

    readouts  : unit of every known readout by name
    one_donor : refuse a table of more than one donor
    """
    text = read_csv(path, REQUIRED)
    table = CultureTable(text.name, tuple(_Reader(text, readouts).readings()))
    _check_donors(table, one_donor)
    _check_wells(table)
    return table


class _Reader:
    """Turns cells into readings; `where` in every error is file, row and column."""

    def __init__(self, text: CsvText, readouts: Mapping[str, str]) -> None:
        self.text, self.readouts = text, readouts
        self.columns: dict[str, int] = {}
        self.factors: dict[str, float] = {}
        for place, cell in enumerate(text.header):
            self._column(place, cell)
        if missing := [name for name in REQUIRED if name not in self.columns]:
            raise self._error(text.header_row, missing[0], "this column", f"only {', '.join(text.header)}")

    def readings(self) -> list[Reading]:
        return [self._reading(row, cells) for row, cells in self.text.rows()]

    def _error(self, row: int, column: str, wanted: str, got: str, try_: str = "") -> DataError:
        return DataError(self.text.place(row, column), wanted, got, try_)

    def _column(self, place: int, cell: str) -> None:
        """Take in one cell of the header: a name, and a unit where a quantity stands below it."""
        row = self.text.header_row
        name, unit = name_and_unit(cell)
        known = (*WORDS, "value", *CONDITIONS)
        if name not in known:
            kind = "a known cytokine" if unit and "/mL" in unit.replace(" ", "") else "a known column"
            near = nearest(name.lower().replace("-", ""), known)
            raise self._error(
                row, cell or str(place + 1), f"{kind}, one of {', '.join(known)}", repr(cell),
                near or "name a column of your own “note”",
            )  # fmt: skip
        if name in self.columns:
            raise self._error(row, name, "each column once", "it twice")
        self.columns[name] = place
        if name in CONDITIONS:
            self.factors[name] = self._factor(row, name, unit, CONDITIONS[name])
        elif unit is not None:
            raise self._error(
                row, name, "no unit in this header", f"[{unit}]", "the unit goes into column unit"
            )

    def _factor(self, row: int, column: str, unit: str | None, wanted: str) -> float:
        """Number that brings `unit` to `wanted`."""
        titled = f"{column} [{wanted}]" if wanted else column
        example = f"write {titled}" if row == self.text.header_row else f"for example {wanted or '1'}"
        return factor_to(wanted, unit, self.text.place(row, column), example)

    def _reading(self, row: int, cells: tuple[str, ...]) -> Reading:
        word = {name: cells[self.columns[name]] if name in self.columns else "" for name in WORDS}
        for name in ("donor", "readout", "unit"):
            if not word[name]:
                hint = "1 for a pure number" if name == "unit" else ""
                raise self._error(row, name, "an entry", "an empty cell", hint)
        if word["readout"] not in self.readouts:
            wanted, near = f"one of {', '.join(self.readouts)}", nearest(word["readout"], self.readouts)
            raise self._error(row, "readout", wanted, repr(word["readout"]), near)
        unit = self.readouts[word["readout"]]
        value = self._number(row, "value", cells) * self._factor(row, "unit", word["unit"], unit)
        if unit == "percent" and value > 100:
            raise self._error(row, "value", "0 to 100 percent", f"{value:g} percent")
        given = {
            n: self._number(row, n, cells) * self.factors[n] for n in CONDITIONS if self._filled(n, cells)
        }
        labels = {name: word[name] for name in ("graft", "plate", "well", "exclude")}
        return Reading(row, word["donor"], word["readout"], value, unit, given, **labels)

    def _filled(self, name: str, cells: tuple[str, ...]) -> bool:
        return name in self.columns and cells[self.columns[name]] != ""

    def _number(self, row: int, column: str, cells: tuple[str, ...]) -> float:
        """A cell as a finite number, 0 or more."""
        cell = cells[self.columns[column]]
        try:
            value = float(cell)
        except ValueError:
            got = repr(cell) if cell else "an empty cell"
            hint = "a decimal point, no comma" if re.fullmatch(r"[\d.]+,\d+", cell) else ""
            raise self._error(row, column, "a number", got, hint) from None
        if not math.isfinite(value):
            raise self._error(row, column, "a finite number", cell)
        if value < 0:
            raise self._error(row, column, "0 or more", cell)
        return value


def _check_donors(table: CultureTable, one: bool) -> None:
    """One graft for each donor, and one donor where one was asked for."""
    first: dict[str, Reading] = {}
    for r in table.readings:
        before = first.setdefault(r.donor, r)
        if before.graft != r.graft:
            raise DataError(
                f"{table.name}, row {r.row}, column graft",
                f"{before.graft or 'no graft'} for donor {r.donor}, as in row {before.row}",
                r.graft or "an empty cell",
                "a donor gives cells of one graft; name two donors, or mend the graft",
            )
        if one and r.donor != table.readings[0].donor:
            wanted = f"one donor, {table.readings[0].donor}"
            raise DataError(f"{table.name}, row {r.row}, column donor", wanted, r.donor)


def _check_wells(table: CultureTable) -> None:
    """No reading twice, and one condition in one well."""
    read: dict[tuple[object, ...], Reading] = {}
    given: dict[tuple[str, ...], Reading] = {}
    for r in table.readings:
        place = (r.donor, r.plate, r.well)
        when = r.conditions.get("day")
        stands = place if r.well else (*place, *sorted(r.conditions.items()))
        before = read.setdefault((*stands, when, r.readout), r)
        if before is not r:
            raise DataError(
                f"{table.name}, row {r.row}, column well",
                f"one {r.readout} for each well and day",
                f"that of row {before.row} again",
                "give replicates a name each in the column well",
            )
        same = given.setdefault(place, r) if r.well else r
        if _medium(same) != _medium(r):
            wanted = f"one condition in well {r.well}, as in row {same.row}"
            raise DataError(f"{table.name}, row {r.row}, column well", wanted, "another condition")


def _medium(r: Reading) -> dict[str, float]:
    return {name: x for name, x in r.conditions.items() if name != "day"}
