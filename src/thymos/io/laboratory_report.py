"""Counts as a laboratory reports them: a table whose header is checked first, then each of its rows by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.column_title import factor_to, name_and_unit
from thymos.io.count_unit import CountUnit, read_unit, unit_hint
from thymos.io.laboratory_cells import LaboratoryCells
from thymos.io.lineage_name import lineage_of
from thymos.io.personal_data import HINT, personal_title
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    import datetime as dt

    from thymos.io.csv_text import CsvText

TITLES = {
    "day": "day, study day, days",
    "date": "date, sample date, collection date",
    "lineage": "lineage, analyte, population, subset, test, marker",
    "count": "count, value, result",
    "unit": "unit, units",
    "limit": "limit, assay limit, lower limit, detection limit, lloq, lod",
    "assay": "assay, method, panel, laboratory",
    "total": "total, parent count",
    "patient": "patient, patient id, id, subject, subject id, patient code",
}
COLUMNS = {title: name for name, titles in TITLES.items() for title in titles.split(", ")}
WITH_UNIT = ("day", "count", "limit", "total")


@dataclass(frozen=True)
class Report:
    """One row, in the units of the program; percentages are still shares of their total.

    value : cell/uL or copy/uL, or a share; where `below`, the limit
    limit : lowest value that the assay reports, where the table says it
    total : cell/uL, where the row gives it to a percentage
    """

    row: int
    day: float
    lineage: str
    value: float
    below: bool
    limit: float | None
    unit: CountUnit
    assay: str
    total: float | None

    @property
    def key(self) -> tuple[float, str, str]:
        """What may be reported once."""
        return self.day, self.lineage, self.assay


class LaboratoryTable:
    """Which column holds what, in which unit; turns rows into reports, or raises `DataError`."""

    def __init__(self, table: CsvText, transplant: dt.date | None) -> None:
        self.table, self.transplant = table, transplant
        self.columns: dict[str, int] = {}
        self.units: dict[str, str | None] = {}
        for place, title in enumerate(table.header):
            self._column(place, title)
        self._complete()
        self.total = self._total_unit()
        self.days = self._day_unit()

    def reports(self) -> list[Report]:
        """Every row, of one patient."""
        found = [self._report(row, cells) for row, cells in self.table.rows()]
        self._one_patient()
        return found

    # ---- the header

    def _error(self, column: str, wanted: str, got: str, try_: str = "") -> DataError:
        return DataError(self.table.place(self.table.header_row, column), wanted, got, try_)

    def _column(self, place: int, title: str) -> None:
        name, unit = name_and_unit(title)
        known = COLUMNS.get(re.sub(r"[\s_-]+", " ", name.lower()).strip())
        if known is None:
            raise self._strange(place, title, name)
        if known in self.columns:
            raise self._error(name, f"one column {known}", "two of them")
        if unit is not None and known not in WITH_UNIT:
            raise self._error(known, "a title without a unit", f"[{unit}]")
        self.columns[known], self.units[known] = place, unit

    def _strange(self, place: int, title: str, name: str) -> DataError:
        if what := personal_title(name):
            return self._error(name, "no personal data", what, HINT)
        hint = nearest(name.lower(), TITLES) or "remove the column"
        if lineage_of(name):
            hint = f"one row a count: `{name}` goes into a column lineage, its numbers into a column count"
        return self._error(title or str(place + 1), f"columns among {', '.join(TITLES)}", repr(title), hint)

    def _complete(self) -> None:
        have, only = self.columns, f"only {', '.join(self.table.header)}"
        if missing := [name for name in ("lineage", "count") if name not in have]:
            raise self._error(missing[0], "this column", only)
        if ("day" in have) == ("date" in have):
            raise self._error("day", "a column `day` or a column `date`", "both" if "day" in have else only)
        if "unit" not in have and self.units["count"] is None:
            raise self._error("unit", "a column `unit`, or `count [cells/uL]`", "neither", unit_hint(""))
        if "date" in have and self.transplant is None:
            hint = "add `transplant: 2026-01-31` to the patient file, or give study days"
            raise self._error("date", "a day of transplant from which dates are counted", "none", hint)

    def _total_unit(self) -> float:
        """Number that brings the column `total` to cell/uL."""
        if "total" not in self.columns:
            return 1.0
        said = self.units["total"] or ""
        unit = read_unit(said)
        if unit is None or unit.share:
            raise self._error(
                "total", "a unit in its title", repr(said) if said else "none", "total [cells/uL]?"
            )
        return unit.factor

    def _day_unit(self) -> float:
        unit = self.units.get("day")
        where = self.table.place(self.table.header_row, "day")
        return factor_to("day", unit, where, "day [week]?") if unit else 1.0

    # ---- the rows

    def _report(self, row: int, texts: tuple[str, ...]) -> Report:
        named = {name: texts[place] for name, place in self.columns.items()}
        cells = LaboratoryCells(named, self.table.place(row))
        cells.refuse_personal()
        lineage = cells.lineage()
        unit = cells.unit(lineage, self.units["count"])
        limit = cells.number("limit") if named.get("limit") else None
        value, under = cells.count(limit)
        limit = limit if under is None else under
        return Report(
            row=row,
            day=cells.day(self.days)
            if self.transplant is None or "day" in named
            else cells.date(self.transplant),
            lineage=lineage,
            value=value * unit.factor,
            below=under is not None,
            limit=None if limit is None else limit * unit.factor,
            unit=unit,
            assay=named.get("assay", ""),
            total=cells.number("total") * self.total if unit.share and named.get("total") else None,
        )

    def _one_patient(self) -> None:
        if "patient" not in self.columns:
            return
        seen: dict[str, int] = {}
        for row, texts in self.table.rows():
            seen.setdefault(texts[self.columns["patient"]], row)
        if len(seen) > 1:
            where = self.table.place(list(seen.values())[1], "patient")
            got = f"{len(seen)} different ones"
            raise DataError(where, "counts of one patient", got, "give each patient a file of its own")
