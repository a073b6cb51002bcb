"""Infusions and what they gain, in words."""

from __future__ import annotations

from typing import Any

from thymos.report import words

LEAST = 0.05  # of a count, a day or a copy: less than that is nothing to a reader
SETTINGS = {
    "dose": ("dose", "cells/kg at each infusion"),
    "day": ("day of the infusion", "days after transplant"),
    "gap": ("second infusion", "days after the first"),
    "age": ("age", "years at transplant"),
    "atg": ("ATG on the day of transplant", "AU/mL, active"),
}
VALUES = {
    "cd4": "CD4+ at day 100",
    "recovery": "CD4 > 50/µL twice by day 100",
    "days": "days gained to CD4 > 200/µL",
    "trec": "sjTREC at day 180",
}
ASSUMPTIONS = {
    "as-known": "As known",
    "niche_number=fixed": "Niches as many at any age",
    "niche_number=proportional": "Niches shrink with the thymus",
    "turnover_pair=fast": "Large output, fast naive loss",
    "turnover_pair=slow": "Small output, slow naive loss",
    "stroma_repair=infused": "Infused cells repair stroma",
    "stroma_repair=time": "Only time repairs stroma",
    "homing_scale=proportional": "Homing by size of the thymus",
    "homing_scale=constant": "Homing the same at any size",
    "allo_thymic=yes": "Thymus-made cells attack the host",
    "allo_thymic=no": "Thymus-made cells are tolerant",
    "involuted": "Involuted thymus (60 years)",
    "late": "Infusion on day 60",
    "high-atg": "High ATG (12 AU/mL on day 0)",
    "atg-kills": "ATG kills four times as fast",
    "cni": "Calcineurin inhibitor",
    "two-doses": "Two doses",
    "more-homing": "Homing at the upper end (1%)",
    "more-yield": "Yield at the upper end (300 000)",
    "together": "All that help, together",
}


def assumption(name: str) -> str:
    """An assumption in words."""
    return ASSUMPTIONS.get(name, name.replace("_", " ").replace("=", ": "))


def value(name: str) -> str:
    """A value in words."""
    return VALUES.get(name, name)


def gain(x: float | None, unit: str) -> str:
    """A gain with its sign, without its unit."""
    if unit in words.SHARES or x is None:
        return words.gain(x)
    if abs(x) < LEAST:
        return "0"
    return f"+{words.cells(x)}" if x > 0 else words.cells(x)


def unit(name: str) -> str:
    """Unit of a gain, after a number."""
    return f"{words.NARROW}points" if name in words.SHARES else words.unit(name)


def setting(name: str, x: float) -> str:
    """One value of a setting as an axis or a table writes it."""
    return words.number(x) if name == "dose" else f"{x:g}"


def held(found: dict[str, Any]) -> str:
    """What the surface does not vary, in one line."""
    said = found["held"]
    twice = said.get("doses", 1) == 2
    parts = []
    if "dose" in said:
        parts.append(f"{words.number(said['dose'])} cells/kg{' each' if twice else ''}")
    if "day" in said:
        parts.append(f"on day {said['day']:g}")
    if twice and "gap" in said:
        parts.append(f"again {said['gap']:g} days later")
    if said.get("age") is not None:
        parts.append(f"{said['age']:g} years old")
    if said.get("atg") is not None:
        parts.append(f"{said['atg']:g} AU/mL of ATG on day 0")
    return ", ".join(parts)
