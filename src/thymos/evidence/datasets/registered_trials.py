"""What is public about ProTcell trials and products: registry records, first patients, claims marked so."""

from __future__ import annotations

from dataclasses import dataclass

from thymos.evidence.datasets.codebook import Codebook, number

CODEBOOK = Codebook(
    name="registered_trials",
    text="Registry facts, first-patient facts and product facts of human T-lymphoid progenitor trials.",
    columns={
        "id": "row of the evidence table",
        "trial": "registry number or name",
        "kind": "fact, derived (arithmetic on facts), or claim (said, not shown)",
        "quantity": "what the row states",
        "value": "number, empty when the row holds words or a range",
        "low": "lower end of the stated range",
        "high": "upper end of the stated range",
        "unit": "unit of the numbers",
        "words": "the statement where it is no number: a date (ISO 8601), a phenotype",
        "condition": "remarks",
        "n": "patients or batches",
        "source": "key of references.bib",
        "confidence": "high: read in a record or release; medium: read in an abstract",
    },
    sha256="0ed61bf907d6a8ca20a3fe69af7874acd34d4911137ebe2eb6e20c37e9e14a1d",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Transcribed from the evidence tables; where two rows state the same fact, one is kept.",
)


@dataclass(frozen=True)
class TrialFact:
    """One statement about a trial; `value` or `words` or the range is filled."""

    id: str
    trial: str
    kind: str
    quantity: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    words: str
    condition: str
    source: str


def trial_facts(trial: str | None = None) -> list[TrialFact]:
    """Statements about one trial, or about all."""
    table = [row for row in CODEBOOK.read() if trial in (None, row["trial"])]
    return [
        TrialFact(
            id=row["id"],
            trial=row["trial"],
            kind=row["kind"],
            quantity=row["quantity"],
            value=number(row["value"]),
            low=number(row["low"]),
            high=number(row["high"]),
            unit=row["unit"],
            words=row["words"],
            condition=row["condition"],
            source=row["source"],
        )
        for row in table
    ]
