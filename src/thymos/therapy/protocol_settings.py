"""A protocol changed in words: `dl4 = 2 ug/mL`, as a command takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from thymos.io.quantity import NUMBER
from thymos.lang.errors import StudyError, UnitError
from thymos.lang.nearest import nearest
from thymos.lang.units import convert
from thymos.therapy.culture_protocol import MAYBE_NEVER, NEVER

if TYPE_CHECKING:
    from thymos.therapy.culture_protocol import CultureProtocol

DOSES = ("scf", "il7", "tpo", "flt3l", "tnf", "il3", "il15")
UNITS = {
    "dl4": "ug/mL",
    "integrin_ligand": "",
    "ligand_access": "",
    **{f"{stage}{name}": "ng/mL" for stage in ("", "nk_") for name in DOSES},
    **dict.fromkeys(("days", "withdrawal_day", "return_day", "nk_day", "feed_days"), "day"),
    "seeded_cd34": "cell",
    **dict.fromkeys(("seeding_density", "held_density", "nk_density"), "cell/mL"),
    "feed_share": "",
}
"""Unit of every field of a protocol."""
SETTING = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>.*?)\s*")
QUANTITY = re.compile(rf"(?P<numbers>{NUMBER}(?:\s*,\s*{NUMBER})*)\s*(?P<unit>[^\d\s,].*)?")


def changed(protocol: CultureProtocol, settings: Iterable[str]) -> CultureProtocol:
    """The protocol with each `name = value unit` in the place of what it says.

    A day or a held density may be `never`; feed days stand one after the other, `feed_days = 3, 5 day`. Raises
    `StudyError` for a setting that cannot be read, an unknown name, a missing or wrong unit, a value out of range.
    """
    values: dict[str, Any] = {}
    for setting in settings:
        name, value = _read(setting)
        if name in values:
            raise StudyError(f"culture.{name}", "one setting", "two")
        values[name] = value
    return replace(protocol, **values)


def _read(setting: str) -> tuple[str, float | tuple[float, ...]]:
    match = SETTING.fullmatch(setting)
    if match is None:
        raise StudyError("culture setting", "NAME = VALUE UNIT", repr(setting), "for example dl4=2 ug/mL")
    name = match["name"]
    if name not in UNITS:
        raise StudyError("culture setting", f"one of {', '.join(UNITS)}", name, nearest(name, UNITS))
    if name in MAYBE_NEVER and match["value"] == "never":
        return name, NEVER
    numbers = _numbers(name, match["value"])
    if name == "feed_days":
        return name, numbers
    if len(numbers) > 1:
        raise StudyError(f"culture.{name}", "one number", match["value"])
    return name, numbers[0]


def _numbers(name: str, text: str) -> tuple[float, ...]:
    unit = UNITS[name]
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise StudyError(
            f"culture.{name}", f"a number{f' and its unit, {unit}' if unit else ''}", text or "nothing"
        )
    if unit and not match["unit"]:
        raise StudyError(
            f"culture.{name}", f"a unit that converts to {unit}", "no unit", f"{name}={text} {unit}"
        )
    given = (float(number) for number in match["numbers"].split(","))
    try:
        return tuple(convert(number, match["unit"] or "", unit) for number in given)
    except UnitError:
        raise StudyError(
            f"culture.{name}", f"a unit that converts to {unit or '1'}", str(match["unit"])
        ) from None
