"""Counts of one patient from a laboratory, one row a count, brought to cells (or TREC copies) per uL of blood.

The format is docs/reference/patient-counts.md. A table is taken whole or not at all: the first fault is named with its
row and column. The order of rows does not matter.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thymos.io.column_title import factor_to, name_and_unit
from thymos.io.count_unit import ACCEPTED, CountUnit, read_unit, unit_hint
from thymos.io.csv_text import CsvText, parse_csv, read_csv
from thymos.io.lineage_name import LINEAGES, PARENTS, lineage_of, meant
from thymos.io.patient_counts_check import disagreements
from thymos.io.personal_data import HINT, personal_title, personal_value
from thymos.io.quantity import NUMBER
from thymos.lang.errors import DataError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.patient_file import PatientFile

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
EXAMPLE = "day,lineage,count,unit,limit"
FIRST_DAY, LAST_DAY = -60.0, 7305.0
"""Days after transplant that are read: from before conditioning to 20 years."""
LARGEST_FILE = 2_000_000
HIGHEST = 1e5
"""No lineage reaches 100,000 per uL of blood; a count that does has another unit."""
BELOW = ("below", "below limit", "bdl", "blq", "nd", "not detected", "undetectable", "<")
_DECIMAL_COMMA = re.compile(r"[+-]?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))")


@dataclass(frozen=True)
class Count:
    """One count in blood.

    day   : days after transplant
    value : cell/uL, of TREC copy/uL; where it is below the limit, that limit
    below : whether it was reported as below the limit: then it lies between 0 and `value`
    limit : lowest count that the assay reports, in the same unit; None where the table does not say
    row   : number of its row in the file
    """

    day: float
    lineage: str
    value: float
    below: bool = False
    limit: float | None = None
    row: int = field(default=0, compare=False)
    assay: str = ""


@dataclass(frozen=True)
class PatientCounts:
    """Counts of one patient by day and lineage; `notes` say what is odd in them and was read all the same."""

    rows: tuple[Count, ...]
    notes: tuple[str, ...] = ()

    def of(self, lineage: str) -> tuple[Count, ...]:
        """The counts of one lineage, by day."""
        return tuple(row for row in self.rows if row.lineage == lineage)


def read_counts(path: Path, patient: PatientFile | None = None) -> PatientCounts:
    """The counts in a CSV file; raises `DataError` with row and column for the first thing that is wrong.

    patient : says the day of transplant, where the table has dates
    """
    return _counts(read_csv(path, EXAMPLE.split(","), LARGEST_FILE), patient)


def parse_counts(text: str, name: str, patient: PatientFile | None = None) -> PatientCounts:
    """The counts in the text of a file that messages call `name`."""
    return _counts(parse_csv(text, name, EXAMPLE.split(",")), patient)


def _counts(table: CsvText, patient: PatientFile | None) -> PatientCounts:
    reports = _Reader(table, None if patient is None else patient.transplant).reports()
    _check_once(table, reports)
    found = _in_blood(table, reports)
    rows = sorted(found, key=lambda c: (c.day, LINEAGES.index(c.lineage), c.assay, c.value, c.below))
    return PatientCounts(tuple(rows), tuple(disagreements(rows)))


@dataclass(frozen=True)
class _Report:
    """A row as the laboratory wrote it, in the units of the program, percentages still as shares."""

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
        return self.day, self.lineage, self.assay


class _Reader:
    """Turns rows into reports; every error names file, row and column."""

    def __init__(self, table: CsvText, transplant: dt.date | None) -> None:
        self.table, self.transplant = table, transplant
        self.columns: dict[str, int] = {}
        self.units: dict[str, str | None] = {}
        for place, title in enumerate(table.header):
            self._column(place, title)
        self._complete()

    def reports(self) -> list[_Report]:
        """Every row, checked by itself."""
        found = [self._report(row, cells) for row, cells in self.table.rows()]
        self._one_patient()
        return found

    def _error(self, row: int, column: str, wanted: str, got: str, try_: str = "") -> DataError:
        return DataError(self.table.place(row, column), wanted, got, try_)

    def _column(self, place: int, title: str) -> None:
        name, unit = name_and_unit(title)
        row = self.table.header_row
        known = COLUMNS.get(re.sub(r"[\s_-]+", " ", name.lower()).strip())
        if known is None and (what := personal_title(name)):
            raise self._error(row, name, "no personal data", what, HINT)
        if known is None:
            hint = nearest(name.lower(), COLUMNS) or "remove the column"
            if lineage_of(name):
                hint = (
                    f"one row a count: `{name}` goes into a column lineage, its numbers into a column count"
                )
            raise self._error(
                row, title or str(place + 1), f"columns among {', '.join(TITLES)}", repr(title), hint
            )
        if known in self.columns:
            raise self._error(row, name, f"one column {known}", "two of them")
        if unit is not None and known not in ("day", "count", "limit", "total"):
            raise self._error(row, known, "a title without a unit", f"[{unit}]")
        self.columns[known], self.units[known] = place, unit

    def _complete(self) -> None:
        row, have = self.table.header_row, self.columns
        if missing := [name for name in ("lineage", "count") if name not in have]:
            raise self._error(row, missing[0], "this column", f"only {', '.join(self.table.header)}")
        if ("day" in have) == ("date" in have):
            got = "both" if "day" in have else f"only {', '.join(self.table.header)}"
            raise self._error(row, "day", "a column `day` or a column `date`", got)
        if "unit" not in have and self.units["count"] is None:
            raise self._error(row, "unit", "a column `unit`, or `count [cells/uL]`", "neither", unit_hint(""))
        if "date" in have and self.transplant is None:
            hint = "add `transplant: 2026-01-31` to the patient file, or give study days"
            raise self._error(row, "date", "a day of transplant from which dates are counted", "none", hint)
        if "total" in have and self.units["total"] is None:
            raise self._error(row, "total", "a unit in its title", "none", "write total [cells/uL]")

    def _report(self, row: int, cells: tuple[str, ...]) -> _Report:
        cell = {name: cells[place] for name, place in self.columns.items()}
        for name, text in cell.items():
            if name not in ("count", "limit", "total", "day", "date") and (what := personal_value(text)):
                raise self._error(row, name, "no personal data", f"what looks like {what}", HINT)
        lineage = self._lineage(row, cell["lineage"])
        unit = self._unit(row, lineage, cell.get("unit", ""))
        limit = self._number(row, "limit", cell["limit"]) if cell.get("limit") else None
        value, below, stated = self._value(row, cell["count"], limit)
        total = self._total(row, cell.get("total", ""), unit)
        limit = stated if limit is None else limit
        return _Report(
            row=row,
            day=self._date(row, cell["date"]) if "date" in cell else self._day(row, cell["day"]),
            lineage=lineage,
            value=value * unit.factor,
            below=below,
            limit=None if limit is None else limit * unit.factor,
            unit=unit,
            assay=cell.get("assay", ""),
            total=total,
        )

    def _lineage(self, row: int, text: str) -> str:
        found = lineage_of(text)
        if not found:
            got = repr(text) if text else "an empty cell"
            raise self._error(row, "lineage", f"one of {', '.join(LINEAGES)}", got, meant(text))
        return found

    def _unit(self, row: int, lineage: str, text: str) -> CountUnit:
        said = self.units["count"]
        written = text or said or ""
        column = "unit" if "unit" in self.columns else "count"
        unit = read_unit(written) if written else None
        if unit is None:
            got = repr(written) if written else "an empty cell"
            raise self._error(row, column, f"a unit such as {ACCEPTED}", got, unit_hint(written))
        if said and text and read_unit(said) != unit:
            raise self._error(row, "unit", f"[{said}] as in the title of the column", repr(text))
        if unit.thing and (unit.thing == "copy") != (lineage == "trec"):
            wanted = "copies per volume of blood" if lineage == "trec" else "cells per volume of blood"
            raise self._error(row, column, f"{wanted} for {lineage}", repr(written))
        return unit

    def _number(self, row: int, column: str, text: str) -> float:
        """A cell as a finite number, 0 or more, with a decimal point or an unmistakable decimal comma."""
        plain = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
        if not re.fullmatch(NUMBER, plain) or not math.isfinite(float(plain)):
            got = repr(text) if text else "an empty cell"
            hint = "1234 or 1.234? write it without a comma" if re.fullmatch(r"\d+(,\d{3})+", text) else ""
            raise self._error(row, column, "a number", got, hint)
        if float(plain) < 0:
            raise self._error(row, column, "0 or more", text)
        return float(plain)

    def _value(self, row: int, text: str, limit: float | None) -> tuple[float, bool, float | None]:
        """Number, whether it is below the limit, and the limit that the cell itself states; all as written."""
        sign = re.fullmatch(r"(<=|<|≤)\s*(\S.*)", text)
        if sign is not None:
            stated = self._number(row, "count", sign[2])
            if stated == 0:
                raise self._error(row, "count", "a limit above 0", repr(text))
            return stated, True, stated
        if text.startswith((">", "≥")):
            hint = "give the number that the diluted sample had, or leave the row out"
            raise self._error(row, "count", "a number, or one below a limit", repr(text), hint)
        if text.lower() in BELOW or (value := self._number(row, "count", text)) == 0:
            if not limit:
                hint = "write <1 where the assay reports down to 1, or give a column limit"
                raise self._error(
                    row, "count", "the limit of the assay: no count is exactly 0", repr(text), hint
                )
            return limit, True, limit
        return (limit, True, limit) if limit is not None and value < limit else (value, False, None)

    def _total(self, row: int, text: str, unit: CountUnit) -> float | None:
        if not text:
            return None
        said = self.units["total"] or ""
        of = read_unit(said)
        if of is None or of.share:
            raise self._error(
                self.table.header_row, "total", "a unit such as cells/uL", repr(said), unit_hint(said)
            )
        return self._number(row, "total", text) * of.factor if unit.share else None

    def _day(self, row: int, text: str) -> float:
        number = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
        if re.fullmatch(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*", text):
            raise self._error(
                row, "day", "a number of days after transplant", "a date", "call the column `date`"
            )
        if not re.fullmatch(NUMBER, number) or not math.isfinite(float(number)):
            got = repr(text) if text else "an empty cell"
            raise self._error(row, "day", "a number of days after transplant", got)
        where = self.table.place(self.table.header_row, "day")
        per = factor_to("day", self.units["day"], where, "day [week]?") if self.units["day"] else 1.0
        return self._in_time(row, "day", float(number) * per, f"day {text}")

    def _date(self, row: int, text: str) -> float:
        match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?", text)
        try:
            when = dt.date.fromisoformat(match[1] if match else "")
        except ValueError:
            got = "another text" if text else "an empty cell"
            raise self._error(
                row, "date", "a date as 2026-01-31", got, "year, month and day with hyphens"
            ) from None
        assert self.transplant is not None, "a table with dates and no transplant was refused"  # noqa: S101
        days = float((when - self.transplant).days)
        return self._in_time(
            row, "date", days, f"a date {abs(days):g} days {'before' if days < 0 else 'after'} it"
        )

    def _in_time(self, row: int, column: str, day: float, got: str) -> float:
        if not FIRST_DAY <= day <= LAST_DAY:
            wanted = f"a day from {-FIRST_DAY:g} before to {LAST_DAY:g} after transplant"
            raise self._error(row, column, wanted, got, "day 0 is the day of transplant")
        return day

    def _one_patient(self) -> None:
        if "patient" not in self.columns:
            return
        seen: dict[str, int] = {}
        for row, cells in self.table.rows():
            seen.setdefault(cells[self.columns["patient"]], row)
        if len(seen) > 1:
            second = list(seen.values())[1]
            hint = "give each patient a file of its own"
            raise self._error(second, "patient", "counts of one patient", f"{len(seen)} different ones", hint)


def _check_once(table: CsvText, reports: list[_Report]) -> None:
    first: dict[tuple[float, str, str], int] = {}
    for report in reports:
        row = first.setdefault(report.key, report.row)
        if row != report.row:
            got = f"that of row {row} again"
            hint = "leave one out, or name two assays in a column assay"
            wanted = f"one count of {report.lineage} on day {report.day:g}"
            raise DataError(table.place(report.row, "lineage"), wanted, got, hint)


def _in_blood(table: CsvText, reports: list[_Report]) -> list[Count]:
    """Every report as a count per uL; percentages take their total from their row, or from the row of their parent."""
    counts: dict[tuple[float, str, str], Count] = {}
    for report in sorted(reports, key=lambda r: LINEAGES.index(r.lineage)):
        share, whole = 1.0, None
        if report.unit.share:
            whole = _whole(table, report, counts)
            share = whole.value
        below = report.below or (whole is not None and whole.below)
        value = report.value * share
        place = table.place(report.row, "count")
        if report.unit.share and report.value > 1:
            raise DataError(place, "0 to 100 percent", f"{100 * report.value:g} percent")
        if value > HIGHEST:
            hint = "is the unit right? 1.2 * 10*9/L are 1200 * 10*6/L"
            raise DataError(place, f"at most {HIGHEST:g} per uL of blood", f"{value:g} per uL", hint)
        if value <= 0:
            raise DataError(place, "a count above 0", f"{value:g} per uL", "is its total 0?")
        limit = None if report.limit is None else report.limit * share
        limit = value if below else limit
        counts[report.key] = Count(report.day, report.lineage, value, below, limit, report.row, report.assay)
    return list(counts.values())


def _whole(table: CsvText, report: _Report, counts: dict[tuple[float, str, str], Count]) -> Count:
    """Of what a percentage is taken: the total of its row, or the count of its parent on the same day."""
    if report.total is not None:
        return Count(report.day, report.unit.parent, report.total)
    known = PARENTS.get(report.lineage, ())
    place = table.place(report.row, "unit")
    if not report.unit.parent:
        hint = "write % of lymphocytes or % of CD3, or give the count itself in a column total [cells/uL]"
        raise DataError(place, "a percentage with its total", "% alone", hint)
    if report.unit.parent not in known:
        raise DataError(
            place, f"a percentage of {' or '.join(known) or 'nothing'}", f"of {report.unit.parent}"
        )
    same = [c for c in counts.values() if (c.day, c.lineage) == (report.day, report.unit.parent)]
    same = [c for c in same if c.assay == report.assay] or same
    if len(same) != 1:
        wanted = f"one count of {report.unit.parent} on day {report.day:g}"
        got = "several" if same else "none"
        raise DataError(place, wanted, got, "add its row, or give it in a column total [cells/uL]")
    return same[0]
