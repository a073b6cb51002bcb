"""Names, numbers and units as a clinician reads them."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from thymos.io.summary_schema import Proportion, Quantity

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

LINEAGES = {
    "cd3": "T cells (CD3+)",
    "cd4": "CD4+ T cells",
    "cd8": "CD8+ T cells",
    "cd19": "B cells (CD19+)",
    "nk": "NK cells",
    "trec": "sjTREC",
}
COUNTED = LINEAGES | {"transgene_cd3": "T cells that express the transgene"}
EVENTS = {
    "agvhd_2_4": "Acute GvHD, grade II to IV",
    "agvhd_3_4": "Acute GvHD, grade III to IV",
    "relapse": "Relapse",
    "serious_infection": "Serious infection",
    "nrm": "Non-relapse mortality",
    "overall_survival": "Overall survival",
}
ENDPOINTS = {
    "cd4_ir_day100": "CD4 recovery by day 100",
    "day_cd4_200": "Day of CD4 above 200/µL",
    "trec_month6": "sjTREC at 6 months",
}
LOT = {
    "fold": "Fold expansion",
    "viability": "Viability",
    "cd3_per_cd7": "CD3+ per CD7+CD3\u2212 cell",
    "cd7_percent": "CD7+CD3\u2212 purity",
    "cd7_per_cd34": "Yield per CD34+ seeded",
    "cd5_percent": "CD5+ among CD7+",
    "cd1a_percent": "CD1a+ among CD7+",
    "nk_percent": "CD56+CD3\u2212 purity",
    "nk_per_cd34": "NK cells per CD34+ seeded",
    "nk_cells": "NK cells",
    "cd16_percent": "CD16+ among NK cells",
    "kir_percent": "KIR+ among NK cells",
    "nkg2d_percent": "NKG2D+ among NK cells",
    "nk_strength": "Strength of a killer",
    "myeloid_percent": "Myeloid cells",
    "cd3_percent": "CD3+ cells",
    "cd3_upper": "CD3+, upper bound of 100\u202f000 cells counted",
    "log10_t_depletion": "Depletion of T cells, powers of ten",
    "cd3_per_kg": "Residual CD3+ in the dose",
    "dose_per_kg": "Dose of CD7+CD3\u2212 cells",
    "marked_percent": "Cells with the transgene",
    "expressing_percent": "Cells that express it",
    "vcn": "Vector copies per cell",
    "vcn_marked": "Vector copies per marked cell",
    "vcn_measured": "Vector copies per cell, by PCR",
    "vcn_at_most": "  its 95% upper limit",
    "many_copies_percent": "Cells with over 5 copies",
    "cd7_marked_percent": "CD7+CD3\u2212 cells with the transgene",
    "cd7_cells": "CD7+CD3\u2212 cells in the bag",
}
GRAFTS = {
    "mobilised-blood": "mobilised blood",
    "cord-blood": "cord blood",
    "none": "not T-depleted",
    "cd34-selection": "CD34+ selected",
    "alpha-beta-depletion": "αβ T-depleted",
}
SHARES = ("", "1")
"""Units of a difference of shares."""
UNITS = {
    "1": "",
    "": "",
    "cell/uL": "/µL",
    "copy/uL": f"{NARROW}copies/µL",
    "copy/cell": f"{NARROW}copies/cell",
    "cell/kg": "/kg",
    "cell": f"{NARROW}cells",
    "1/day": "/day",
    "%": "%",
    "percent": "%",
    "day": f"{NARROW}days",
}
AXES = {
    "": "percentage points",
    "1": "percentage points",
    "day": "days",
    "cell/uL": "cells/µL",
    "copy/uL": "copies/µL",
}
YEARS = {365: "1 year", 730: "2 years"}


def number(value: float | None, digits: int = 3) -> str:
    """`value` to so many significant digits, thousands apart, powers of ten where they help."""
    if value is None:
        return "not reached"
    if not math.isfinite(value):
        return "none"
    size = abs(value)
    if 1e5 <= size < 1e9:  # cells are counted in millions
        return f"{signed(f'{value / 1e6:.{digits}g}')} × 10⁶"
    if size >= 1e9 or (0 < size < 1e-3):
        exponent = math.floor(math.log10(size))
        return f"{signed(f'{value / 10**exponent:.{digits - 1}g}')} × 10{superscript(exponent)}"
    if size >= 1000:
        return signed(f"{float(f'{value:.{digits}g}'):,.0f}".replace(",", NARROW))
    decimals = max(0, digits - 1 - math.floor(math.log10(size))) if size else 0
    text = f"{value:.{decimals}f}"
    return signed(text.rstrip("0").rstrip(".") if "." in text else text)


def signed(text: str) -> str:
    """A true minus sign."""
    return text.replace("-", MINUS)


def superscript(exponent: int) -> str:
    """The exponent of a power of ten."""
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def unit(name: str) -> str:
    """A unit as it follows a number."""
    return UNITS.get(name, f"{NARROW}{name.replace('ug', 'µg').replace('uL', 'µL')}")


def count(value: float) -> str:
    """A whole number, thousands apart."""
    return f"{value:,.0f}".replace(",", NARROW)


def cells(value: float | None) -> str:
    """A count per µL as a laboratory writes it: whole from 10 upwards."""
    if value is not None and 1000 > abs(value) >= 10:
        return signed(f"{value:.0f}")
    return number(value, 2 if value is not None and abs(value) < 10 else 3)


def quantity(value: Quantity) -> str:
    """Median, interval and unit."""
    write = written(value.unit)
    if value.median == value.low == value.high:
        return write(value.median) + unit(value.unit)
    middle = write(value.median) + (unit(value.unit) if value.median is not None else "")
    return f"{middle} ({ends(value.low, value.high, write)})"


def written(name: str) -> Callable[[float | None], str]:
    """How numbers of this unit are written: counts and days as a laboratory does, others to three digits."""
    return cells if name in ("day", "cell/uL", "copy/uL") else number


def span(low: float | None, high: float | None) -> str:
    """The two ends of an interval, with a dash where no minus sign can be mistaken for it."""
    return ends(low, high, number)


def ends(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """Two ends, each as `write` writes it."""
    plain = low is not None and high is not None and low >= 0
    return f"{write(low)}\N{EN DASH}{write(high)}" if plain else f"{write(low)} to {write(high)}"


def percent(p: float) -> str:
    """A share, without pretended precision."""
    value = 100 * p
    if 0 < value < 0.05 or 99.95 < value < 100:
        return "<0.1%" if value < 1 else ">99.9%"
    return f"{value:.1f}%" if 0 < value < 10 or 99 < value < 100 else f"{value:.0f}%"


def proportion(value: Proportion) -> str:
    """Share and interval."""
    low, high = (percent(end).removesuffix("%") for end in (value.low, value.high))
    between = "\N{EN DASH}" if high[0].isdigit() else " to "
    return f"{percent(value.p)} ({low}{between}{high})"


def points(value: float | None) -> str:
    """A difference of shares, in percentage points."""
    if value is None:
        return "not reached"
    return f"{gain(value)}{NARROW}points"


def gain(value: float | None) -> str:
    """The same without the word."""
    if value is None:
        return "not reached"
    if abs(value) < 0.0005:
        return "0"
    return signed(f"{100 * value:+.0f}" if abs(value) >= 0.0995 else f"{100 * value:+.1f}")


def difference(value: Quantity) -> str:
    """A difference with its sign, its interval and its unit."""
    if value.unit in SHARES:
        return f"{points(value.median)} ({gain(value.low)} to {gain(value.high)})"
    plus = "+" if value.median is not None and value.median > 0 else ""
    write = written(value.unit)
    middle = plus + write(value.median) + (unit(value.unit) if value.median is not None else "")
    return f"{middle} ({write(value.low)} to {write(value.high)})"


def axis(name: str) -> str:
    """A unit of differences as it stands below an axis."""
    return AXES.get(name, name)


def day_name(day: int) -> str:
    """A day of follow-up as it is spoken of."""
    return YEARS.get(day, f"day {day}")


def endpoint(key: str) -> str:
    """An endpoint's key in words."""
    if key in ENDPOINTS:
        return ENDPOINTS[key]
    match = re.fullmatch(r"(\w+)_day(\d+)", key)
    if match is None:
        return key.replace("_", " ")
    what = COUNTED.get(match[1]) or EVENTS.get(match[1]) or match[1].replace("_", " ")
    return f"{what}, {day_name(int(match[2]))}"


def spoken(name: str) -> str:
    """A parameter's name without its signs: "thymus.homing_fraction" becomes "homing fraction (thymus)"."""
    *before, last = name.replace("_", " ").split(".")
    kept = [word for word in before if word not in last]
    return f"{last} ({' '.join(kept)})" if kept else last


def value_or_name(value: float | str) -> str:
    """A number, or the name of a choice."""
    return value if isinstance(value, str) else number(value)
