"""The title of a column, `name [unit]`: its two parts, and what brings its numbers to the unit that is wanted."""

from __future__ import annotations

import re

from thymos.lang.errors import DataError, UnitError
from thymos.lang.units import factor

_TITLE = re.compile(r"(?P<name>[^\[\]]+?)\s*(?:\[\s*(?P<unit>[^\[\]]*?)\s*\])?")


def name_and_unit(title: str) -> tuple[str, str | None]:
    """`time [hour]` in its two parts; no unit where there are no brackets."""
    match = _TITLE.fullmatch(title)
    return (match["name"], match["unit"]) if match else (title, None)


def factor_to(wanted: str, unit: str | None, where: str, hint: str) -> float:
    """Number by which a value in `unit` is multiplied to stand in `wanted`; raises `DataError` where there is none."""
    sought = f"a unit that converts to {wanted}" if wanted else "no unit, or 1"
    if wanted and not unit:
        raise DataError(where, sought, "no unit", hint)
    try:
        return factor(unit or "", wanted)
    except UnitError:
        raise DataError(where, sought, repr(unit), hint) from None
