"""A response surface as a table: one row for each value at each point under each assumption."""

from __future__ import annotations

from typing import Any

from thymos.io.columns import Column, Columns

COLUMNS: Columns = (
    Column("assumption", "text", "", "what is taken otherwise than in the study"),
    Column("value", "text", "", "cd4, recovery, days or trec: what is compared"),
    Column("dose", "float", "cell/kg", "CD7+CD3- cells at each infusion"),
    Column("day", "float", "day", "first infusion, after transplant"),
    Column("doses", "int", "", "infusions"),
    Column("gap", "float", "day", "from the first infusion to the second, where there is one"),
    Column("age", "float", "year", "age at transplant; nan: as in the study"),
    Column("atg", "float", "AU/mL", "active ATG on the day of transplant; nan: as the study gives it"),
    Column("atg_at_infusion", "float", "AU/mL", "median of active ATG at the first infusion"),
    Column("niche_cap", "float", "cell/kg", "median dose that fills the free niches once; nan: none does"),
    Column("unit", "text", "", "unit of the five numbers that follow"),
    Column("twin", "float", "", "untreated: median patient, or share of patients"),
    Column("treated", "float", "", "the same with the product"),
    Column("gain", "float", "", "median of the gains of pairs; of a share the mean"),
    Column("low", "float", "", "lower end of the 95 % interval of the gain"),
    Column("high", "float", "", "upper end of it"),
    Column("worth", "float", "", "gain that is called worthwhile"),
    Column("chance", "float", "1", "chance that the gain is worthwhile"),
    Column("no_help", "flag", "", "whether the upper end is below what is worthwhile"),
)


def surface_table(found: dict[str, Any]) -> dict[str, list[Any]]:
    """Columns of `COLUMNS` by name, from the object of `infusion_surface`."""
    rows = [
        _row(found, panel["name"], point, name)
        for panel in found["assumptions"]
        for point in panel["points"]
        for name in found["values"]
    ]
    return {c.name: [row[c.name] for row in rows] for c in COLUMNS}


def _row(found: dict[str, Any], assumption: str, point: dict[str, Any], name: str) -> dict[str, Any]:
    numbers, value = point["values"][name], found["values"][name]
    settings = ("dose", "day", "doses", "gap", "age", "atg", "atg_at_infusion", "niche_cap")
    row = {key: point[key] for key in settings} | {
        key: numbers[key] for key in ("twin", "treated", "low", "high", "chance", "no_help")
    }
    row = {key: float("nan") if x is None else x for key, x in row.items()}
    gain = numbers["median"]
    return row | {
        "assumption": assumption,
        "value": name,
        "unit": value["unit"],
        "worth": value["worth"],
        "gain": float("nan") if gain is None else gain,
    }
