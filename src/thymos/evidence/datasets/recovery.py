"""Published recovery after transplantation that no fit has seen, to set the recipient's predictions beside."""

from __future__ import annotations

from dataclasses import dataclass

from thymos.evidence.datasets.codebook import Codebook, number

NORMAL = "normal"
"""A threshold that is the lower limit of health at the patient's age."""

CODEBOOK = Codebook(
    name="recovery",
    text="Recovery of lymphocytes and neutrophils as published, kept out of every calibration.",
    columns={
        "id": "name of the row",
        "kind": "count: median count on a day; time: median day on which a threshold is passed;"
        " engraftment: median day of neutrophil recovery; order: which of two groups has more, or is earlier",
        "lineage": "cd3, cd4, cd8, cd19, nk, lymphocytes or neutrophils; empty for an order",
        "threshold": "count to be passed [cell/uL], or `normal` for the lower limit of the age",
        "day": "day after transplant of a count",
        "value": "published median",
        "low": "lower end of the published range among patients, where given",
        "high": "upper end of that range",
        "unit": "unit of value, low and high",
        "cohort": "short name of the platform, shared by the rows of one cohort",
        "text": "who, and what was found",
        "n": "patients, all groups together; empty where the abstract does not say",
        "source": "key of references.bib",
        "confidence": "medium: read in an abstract",
    },
    sha256="ed86076f3566a0a2cc92376b93bcece3e473cf01e9340f289002e6dc8da5bb5f",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Read in abstracts; months became days of 30.4 each.",
)


@dataclass(frozen=True)
class Recovery:
    """One published figure or order; `threshold` is in cell/uL, `NORMAL`, or None where there is none."""

    id: str
    kind: str
    lineage: str
    threshold: float | str | None
    day: float | None
    value: float | None
    low: float | None
    high: float | None
    cohort: str
    text: str
    n: int | None
    source: str


def recovery(*kinds: str) -> list[Recovery]:
    """The rows of these kinds, all without kinds, in the order of the table."""
    return [_row(row) for row in CODEBOOK.read() if not kinds or row["kind"] in kinds]


def _row(row: dict[str, str]) -> Recovery:
    threshold = NORMAL if row["threshold"] == NORMAL else number(row["threshold"])
    return Recovery(
        id=row["id"],
        kind=row["kind"],
        lineage=row["lineage"],
        threshold=threshold,
        day=number(row["day"]),
        value=number(row["value"]),
        low=number(row["low"]),
        high=number(row["high"]),
        cohort=row["cohort"],
        text=row["text"],
        n=int(row["n"]) if row["n"] else None,
        source=row["source"],
    )
