"""Twenty adults after a T-depleted transplant, measured every few days; read where they are, never carried.

The table is part of the R package npmlda (GPL), so thymos does not ship it.  It is looked for in
`../shared/data/npmlda_hsct/HSCT.csv` beside the checkout, or in the folder that THYMOS_SHARED names.
Reference: Melenhorst and others, Haematologica 97:867 (2012), https://pmc.ncbi.nlm.nih.gov/articles/PMC3366652.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from transplants import adult_ages, t_cells

from thymos.trial.cohort import altered
from thymos.trial.run import load_study

SHARED = Path(os.environ.get("THYMOS_SHARED", Path(__file__).resolve().parents[2] / "shared"))
SKIPPED = 77
"""Exit status of a validation whose data are not there."""
# What the paper says of the transplants: myeloablative, total-body irradiation, T-depleted graft of an HLA-identical
# sibling, no ATG.  Assumed: ages of the centre's adults; a T-cell dose around 5e4/kg; low-dose cyclosporine.
TRANSPLANT = {
    "population.age": adult_ages(38, 12, 18, 65),
    "conditioning.atg": None,
    "conditioning.calcineurin_inhibitor": {"from_day": "-4 day", "to_day": "35 day"},
    "graft.cd3_dose": t_cells(5e4, cv=0.8),
}


@dataclass(frozen=True)
class Patient:
    """One patient's series from day 1 on; `granulocytes` are those of all days, for engraftment."""

    id: str
    day: np.ndarray
    lymphocytes: np.ndarray
    il15_day: np.ndarray
    il15: np.ndarray
    engraftment: float
    """First day with more than 500 granulocytes/uL after the nadir; nan where it was not seen."""


def patients():
    """Everyone with a lymphocyte count after transplant; exits with status 77 where the table is not there."""
    file = SHARED / "data" / "npmlda_hsct" / "HSCT.csv"
    if not file.exists():
        print(f"skipped: {file} is not there (GPL data, read from `shared` only)")
        raise SystemExit(SKIPPED)
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = [
        patient(name, [r for r in rows if r["ID"] == name]) for name in dict.fromkeys(r["ID"] for r in rows)
    ]
    return [p for p in found if len(p.day)]


def patient(name, rows):
    day, lymphocytes = series(rows, "LYM")
    il15_day, il15 = series(rows, "IL-15")
    when, granulocytes = series(rows, "Granu")
    after = day >= 1
    return Patient(
        name, day[after], 1000 * lymphocytes[after], il15_day, il15, engrafted(when, 1000 * granulocytes)
    )


def series(rows, column):
    """Days and values of a column where it was measured, in the order of days."""
    known = [(float(r["Days"]), float(r[column])) for r in rows if r[column] not in ("", "NA")]
    day, value = np.array(sorted(known)).reshape(-1, 2).T
    return day, value


def engrafted(day, granulocytes):
    above = (day > 3) & (granulocytes > 500)
    return float(day[np.argmax(above)]) if above.any() else np.nan


def transplant(seen):
    """The study of these patients, with engraftment as their granulocytes say: between the 10th and 90th percentile."""
    low, high = np.nanquantile([p.engraftment for p in seen], [0.1, 0.9])
    days = {"kind": "uniform", "low": f"{low:.6g} day", "high": f"{high:.6g} day"}
    return altered(load_study("leukaemia-tdepleted"), TRANSPLANT | {"graft.engraftment_day": days})
