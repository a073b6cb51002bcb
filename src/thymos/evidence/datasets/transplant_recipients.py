"""Who receives an allogeneic transplant: published counts of age, sex, disease, its status, and donor."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from thymos.evidence.datasets.codebook import Codebook, number
from thymos.lang.errors import DataError

CODEBOOK = Codebook(
    name="transplant_recipients",
    text="Counts of recipients of allogeneic transplants by disease, from published tables of registries and"
    " consortia. One variable of one disease is a small table, in one or more age groups.",
    columns={
        "disease": "leukaemia (AML, ALL and MDS together), aml, all, mds or scid",
        "variable": "what is counted",
        "from_year": "youngest age of the group [year], empty where the table does not tell ages apart",
        "to_year": "age at which the group ends [year]",
        "level": "value of the variable, empty where the group itself is counted",
        "count": "patients, or percent where `where` says so",
        "source": "key of references.bib",
        "where": "table, column, and what was added up",
    },
    sha256="6f2350757ce4c36c0021d9ccf030c1d89f13012f3362f6a4bcf9c9bd17c5606e",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Transcribed by hand; groups that a source tells apart and this table does not are added up. CML is"
    " left out: it has no model here.",
)


class Counted(NamedTuple):
    """One row: an age group [year], a level, and how many; `ages` is None where the source does not tell them apart."""

    ages: tuple[float, float] | None
    level: str
    number: float


@cache
def counted(disease: str, variable: str) -> tuple[Counted, ...]:
    """The rows of one variable of one disease; raises `DataError` where there are none."""
    rows = [r for r in CODEBOOK.read() if (r["disease"], r["variable"]) == (disease, variable)]
    if not rows:
        raise DataError(CODEBOOK.file.name, "a disease and a variable of the table", f"{disease}, {variable}")
    return tuple(_counted(r) for r in rows)


def shares(disease: str, variable: str, age: float | None = None) -> dict[str, float]:
    """Share of each level among recipients of an age [year], or among all where the source has no ages."""
    rows = [
        r
        for r in counted(disease, variable)
        if r.ages is None or (age is not None and r.ages[0] <= age < r.ages[1])
    ]
    total = sum(r.number for r in rows)
    return {r.level: r.number / total for r in rows}


def _counted(row: dict[str, str]) -> Counted:
    low, high = number(row["from_year"]), number(row["to_year"])
    ages = None if low is None or high is None else (low, high)
    return Counted(ages, row["level"], float(row["count"]))
