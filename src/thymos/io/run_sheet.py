"""A sheet of planned runs that a laboratory fills in: a culture table whose values are still to come."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.io.atomic import write_text
from thymos.io.culture_table import CONDITIONS

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class PlannedRun:
    """One vessel: its donor, its place, and what it is given, by name in the units of culture tables."""

    donor: str
    plate: str
    well: str
    conditions: Mapping[str, float]
    note: str = ""


def run_sheet(runs: Sequence[PlannedRun], graft: str, readouts: Mapping[str, str]) -> str:
    """The sheet as CSV, one row for each readout (with its unit) of each run; column `value` is empty."""
    given = [name for name in CONDITIONS if any(name in run.conditions for run in runs)]
    heads = [f"{name} [{CONDITIONS[name]}]" if CONDITIONS[name] else name for name in given]
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(["donor", "graft", "plate", "well", *heads, "readout", "value", "unit", "note"])
    for run in runs:
        doses = [f"{run.conditions[name]:.6g}" if name in run.conditions else "" for name in given]
        for readout, unit in readouts.items():
            place = [run.donor, graft, run.plate, run.well]
            sheet.writerow([*place, *doses, readout, "", unit or "1", run.note])
    return out.getvalue()


def write_run_sheet(path: Path, runs: Sequence[PlannedRun], graft: str, readouts: Mapping[str, str]) -> None:
    """Write the sheet, whole or not at all."""
    write_text(path, run_sheet(runs, graft, readouts))
