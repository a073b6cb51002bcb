"""Units of counts in blood as laboratories write them: 1/uL, 10*6/L, G/L, K/uL, /mm3, copies/mL, UCUM or not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from thymos.io.lineage_name import lineage_of

MICROLITRES = {"ul": 1.0, "mm3": 1.0, "cumm": 1.0, "nl": 1e-3, "ml": 1e3, "dl": 1e5, "l": 1e6}
THOUSANDS = {"": 1.0, "1": 1.0, "k": 1e3, "K": 1e3, "thou": 1e3, "M": 1e6, "Mpt": 1e6, "G": 1e9, "Gpt": 1e9}
ACCEPTED = "cells/uL, /uL, 10*6/L, 10*9/L, G/L, K/uL, copies/uL, copies/mL, or % (% of CD3, % of lymphocytes)"
_PERCENT = re.compile(r"(?:%|percent|pct)\s*(?:(?:of|von|des?)\s+)?(?P<parent>.*)", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:(?P<power>10(?:(?:\*\*|\*|\^|e|E)(?=\d)|(?=[369]\D|12\D))(?P<exponent>\d{1,2}))|(?P<prefix>K|k|thou|Mpt|M|Gpt|G|1|))"
    r"(?:\{?(?P<thing>cells?|copies|copy|copie|kopien)\}?)?/(?P<volume>[a-z]+3?)"
)


@dataclass(frozen=True)
class CountUnit:
    """A unit that was read.

    factor : brings a number to cell/uL or copy/uL; of a percentage, to a share
    thing  : "cell", "copy", or empty where the unit does not say
    share  : whether it is a percentage
    parent : lineage of which it is one; empty where that is not said
    """

    factor: float
    thing: str = ""
    share: bool = False
    parent: str = ""


def read_unit(text: str) -> CountUnit | None:
    """The unit in a text; None where it is not one of a count."""
    percent = _PERCENT.fullmatch(text.strip())
    if percent is not None:
        parent = lineage_of(percent["parent"]) if percent["parent"] else ""
        return CountUnit(0.01, "cell", True, parent) if parent or not percent["parent"] else None
    match = _COUNT.fullmatch(_one_way(text))
    if match is None or match["volume"] not in MICROLITRES:
        return None
    prefix, thing = match["prefix"] or "", match["thing"] or ""
    many = 10.0 ** int(match["exponent"]) if match["power"] else THOUSANDS[prefix]
    kind = "cell" if thing.startswith("cell") else "copy" if thing else ""
    return CountUnit(many / MICROLITRES[match["volume"]], kind)


def _one_way(text: str) -> str:
    """One of the many ways to write a unit: no spaces, u for micro, plain digits, the volume in small letters."""
    plain = text.translate(str.maketrans("µμ⁰¹²³⁴⁵⁶⁷⁸⁹×·", "uu0123456789x*"))
    slashed = re.sub(r"\s+per\s+", "/", plain)
    joined = re.sub(r"\s+|(?<=mm)\^", "", slashed)
    amount, slash, volume = re.sub(r"^[x*#](?=10|/)", "", joined).rpartition("/")
    return f"{amount}{slash}{volume.lower()}"


def unit_hint(text: str) -> str:
    """What to try where a text is no unit of a count."""
    if not text:
        return "a number without a unit is refused: 1.2 may mean 1.2 or 1,200 cells/uL"
    if re.fullmatch(r"g/l", text.strip(), re.IGNORECASE):
        return "G/L with a capital G, if 10*9/L is meant"
    if _PERCENT.fullmatch(text.strip()):
        return (
            "% of lymphocytes, of CD3 or of CD4; of anything else with its count in a column total [cells/uL]"
        )
    if re.search(r"dna|pbmc|10\D?6\s*cells|/\s*cell", text, re.IGNORECASE):
        return "copies for an amount of DNA or of cells do not say how many are in blood: give copies/uL"
    return ""
