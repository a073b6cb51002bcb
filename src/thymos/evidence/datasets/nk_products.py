"""Published NK-cell products, made from CD34+ cells or selected from blood, to set a simulated lot beside."""

from __future__ import annotations

from dataclasses import dataclass

from thymos.evidence.datasets.codebook import Codebook, number

CODEBOOK = Codebook(
    name="nk_products",
    text="NK-cell products as published: purity, expansion, cells, depletion of T cells.",
    columns={
        "product": "kind of product",
        "material": "what it was made from, and how",
        "days": "days of culture; empty where the abstract gives none",
        "quantity": "readout of the culture that it compares with, or log10_t_depletion",
        "value": "published value; empty when only a range is given",
        "low": "lower end of the published range, or mean less one standard deviation",
        "high": "upper end of the published range, or mean and one standard deviation",
        "unit": "unit of value, low and high",
        "n": "number of products, where given",
        "source": "key of references.bib",
    },
    sha256="b53595be62bce7bfe8468dbb88061b6d50d52cb8f21bacc40d6f8027de992ba4",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Read in abstracts, and one table of nk_manufacturing2018 (mean and standard deviation).",
)


@dataclass(frozen=True)
class NkProduct:
    """One published figure of one product; `low` and `high` are its range, None where there is none."""

    product: str
    material: str
    quantity: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    source: str


def nk_products(quantity: str | None = None) -> list[NkProduct]:
    """The published figures, of one quantity or all, in the order of the table."""
    return [
        NkProduct(
            product=row["product"],
            material=row["material"],
            quantity=row["quantity"],
            value=number(row["value"]),
            low=number(row["low"]),
            high=number(row["high"]),
            unit=row["unit"],
            source=row["source"],
        )
        for row in CODEBOOK.read()
        if quantity in (None, row["quantity"])
    ]
