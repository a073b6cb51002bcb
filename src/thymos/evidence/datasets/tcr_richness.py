"""How many distinct T-cell receptors healthy people have, as published: the whole body, not a tube of blood."""

from __future__ import annotations

from dataclasses import dataclass

from thymos.evidence.datasets.codebook import Codebook, number

CODEBOOK = Codebook(
    name="tcr_richness",
    text="Published numbers of distinct T-cell receptor chains in healthy people.",
    columns={
        "id": "row of the evidence table",
        "cells": "in which cells",
        "age": "of which people",
        "from_year": "youngest age [year], empty where the source gives none",
        "to_year": "oldest age [year], empty where the source gives none",
        "value": "distinct chains, empty where the source gives a range",
        "low": "lower end of the range",
        "high": "upper end of the range",
        "kind": "published: an estimate; lower bound: no fewer than this",
        "text": "what was counted",
        "source": "key of references.bib",
        "where": "evidence id, and where the figure stands",
        "confidence": "high: read in the paper's table; medium: read in an abstract",
    },
    sha256="a773705b051730fd7a2d8d83550cdeab2911976923c65b7c074b7c9449220c41",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Transcribed from the evidence tables; a fold change became numbers.",
)


@dataclass(frozen=True)
class TcrRichness:
    """One published figure; `value`, or the range `low` to `high`, is filled."""

    id: str
    cells: str
    age: str
    years: tuple[float | None, float | None]
    value: float | None
    low: float | None
    high: float | None
    kind: str
    text: str
    source: str

    def of(self, age: float) -> bool:
        """Whether people of an age [year] are among those counted."""
        young, old = self.years
        return (young is None or young <= age) and (old is None or age <= old)


def tcr_richness() -> list[TcrRichness]:
    """All rows, in the order of the table."""
    return [
        TcrRichness(
            id=row["id"],
            cells=row["cells"],
            age=row["age"],
            years=(number(row["from_year"]), number(row["to_year"])),
            value=number(row["value"]),
            low=number(row["low"]),
            high=number(row["high"]),
            kind=row["kind"],
            text=row["text"],
            source=row["source"],
        )
        for row in CODEBOOK.read()
    ]
