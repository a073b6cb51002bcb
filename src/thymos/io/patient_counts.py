"""Counts of one patient from a laboratory, one row a count, brought to cells (or TREC copies) per uL of blood.

The format is docs/reference/patient-counts.md. A table is taken whole or not at all: the first fault is named with its
row and column. The order of rows does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thymos.io.csv_text import CsvText, parse_csv, read_csv
from thymos.io.laboratory_report import LaboratoryTable, Report
from thymos.io.lineage_name import LINEAGES, PARENTS
from thymos.io.patient_counts_check import disagreements
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.patient_file import PatientFile

COLUMNS = ("day", "lineage", "count", "unit", "limit")
LARGEST_FILE = 2_000_000
"""Bytes."""
HIGHEST = 1e5
"""No lineage reaches 100,000 per uL of blood; a count that does has another unit."""
Key = tuple[float, str, str]


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
    return _counts(read_csv(path, COLUMNS, LARGEST_FILE), patient)


def parse_counts(text: str, name: str, patient: PatientFile | None = None) -> PatientCounts:
    """The counts in the text of a file that messages call `name`."""
    return _counts(parse_csv(text, name, COLUMNS), patient)


def _counts(table: CsvText, patient: PatientFile | None) -> PatientCounts:
    reports = LaboratoryTable(table, None if patient is None else patient.transplant).reports()
    _check_once(table, reports)
    found = _in_blood(table, reports)
    rows = sorted(found, key=lambda c: (c.day, LINEAGES.index(c.lineage), c.assay, c.value, c.below))
    return PatientCounts(tuple(rows), tuple(disagreements(rows)))


def _check_once(table: CsvText, reports: list[Report]) -> None:
    first: dict[Key, int] = {}
    for report in reports:
        row = first.setdefault(report.key, report.row)
        if row != report.row:
            got = f"that of row {row} again"
            hint = "leave one out, or name two assays in a column assay"
            wanted = f"one count of {report.lineage} on day {report.day:g}"
            raise DataError(table.place(report.row, "lineage"), wanted, got, hint)


def _in_blood(table: CsvText, reports: list[Report]) -> list[Count]:
    """Every report as a count per uL: parents first, for percentages are taken of them."""
    counts: dict[Key, Count] = {}
    for report in sorted(reports, key=lambda r: LINEAGES.index(r.lineage)):
        whole = _whole(table, report, counts) if report.unit.share else None
        counts[report.key] = _count(table.place(report.row, "count"), report, whole)
    return list(counts.values())


def _count(place: str, report: Report, whole: Count | None) -> Count:
    """One report as a count per uL; `whole` is that of which it is a percentage."""
    if whole is not None and report.value > 1:
        raise DataError(place, "0 to 100 percent", f"{100 * report.value:g} percent")
    of = 1.0 if whole is None else whole.value
    value, below = report.value * of, report.below or (whole is not None and whole.below)
    if value > HIGHEST:
        hint = "is the unit right? 1.2 * 10*9/L are 1200 * 10*6/L"
        raise DataError(place, f"at most {HIGHEST:g} per uL of blood", f"{value:g} per uL", hint)
    if value <= 0:
        raise DataError(place, "a count above 0", f"{value:g} per uL", "is its total 0?")
    limit = value if below else None if report.limit is None else report.limit * of
    return Count(report.day, report.lineage, value, below, limit, report.row, report.assay)


def _whole(table: CsvText, report: Report, counts: dict[Key, Count]) -> Count:
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
