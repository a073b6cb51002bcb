"""Published outcomes after transplantation, for comparison with models; no model reads its values here."""

from __future__ import annotations

from dataclasses import dataclass

from thymos.evidence.datasets.codebook import Codebook, number

CODEBOOK = Codebook(
    name="outcomes",
    text="Outcomes as published: survival, relapse, GvHD, infection, reconstitution, hazard ratios.",
    columns={
        "id": "row of the evidence table; a comparison has one row per arm under the same id",
        "topic": "group of the evidence table",
        "quantity": "what was measured, and when",
        "value": "published estimate; empty when only a range is given",
        "low": "lower end of the published interval, 95 % unless `population` says otherwise",
        "high": "upper end of that interval",
        "sd": "standard deviation among patients, when published",
        "unit": "unit of value, low, high and sd",
        "population": "patients, platform, arm, and remarks",
        "n": "number of patients",
        "source": "key of references.bib",
        "confidence": "high: read in a table or record; medium: read in an abstract",
    },
    sha256="8803e72a8de53e0eacb17eb042f10a3bbc17030a3ae24a6eee11c862d5134006",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Transcribed from the evidence tables: qualitative rows and rows recalled without a source are"
    " left out, two arms in one cell became two rows, ranges were moved to low and high.",
)


@dataclass(frozen=True)
class Outcome:
    """One published figure; `low` and `high` are its interval, None when none was published."""

    id: str
    quantity: str
    value: float | None
    low: float | None
    high: float | None
    sd: float | None
    unit: str
    population: str
    source: str


def outcomes(*ids: str) -> list[Outcome]:
    """The outcomes with these ids, all without ids, in the order of the table."""
    table = [row for row in CODEBOOK.read() if not ids or row["id"] in ids]
    return [
        Outcome(
            id=row["id"],
            quantity=row["quantity"],
            value=number(row["value"]),
            low=number(row["low"]),
            high=number(row["high"]),
            sd=number(row["sd"]),
            unit=row["unit"],
            population=row["population"],
            source=row["source"],
        )
        for row in table
    ]
