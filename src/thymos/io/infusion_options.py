"""The options of `thymos design infusion` as blocks of its file, and the option behind a field that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.lang.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Sequence

UNITS = {
    "age": "year",
    "weight": "kg",
    "gap": "day",
    "atg": "AU/mL",
    "most": "cell/kg",
    "day": "day",
    "dose": "cell/kg",
}
FIELDS = {
    "study": ("patients", "study"), "age": ("patients", "age"), "diagnosis": ("patients", "diagnosis"),
    "weight": ("patients", "weight"), "aim": ("aim", "kind"), "value": ("aim", "value"), "level": ("aim", "level"),
    "at_least": ("aim", "at_least"), "cells": ("limits", "cells"), "most": ("limits", "dose"),
    "atg": ("limits", "atg"), "day": ("choices", "day"), "dose": ("choices", "dose"), "doses": ("choices", "doses"),
    "gap": ("choices", "gap"), "pairs": ("pairs",), "draws": ("draws",),
}  # fmt: skip
"""Where in the file an option's value stands."""


def blocks_of_options(**options: Any) -> dict[str, Any]:
    """What was said on the command line, in the form of the file; what was not said is left out."""
    blocks: dict[str, Any] = {}
    for name, value in options.items():
        if value is None:
            continue
        block, *field = FIELDS[name]
        here = _value(name, value)
        if name == "cells":
            blocks.setdefault(block, {}).update(_cells(value))
        elif field:
            blocks.setdefault(block, {})[field[0]] = here
        else:
            blocks[block] = here
    return blocks


def option_of(path: Sequence[str]) -> str:
    """The option that gave the field at `path`, for messages."""
    for name, field in FIELDS.items():
        if tuple(path[: len(field)]) == field:
            return f"option --{name.replace('_', '-')}"
    return ".".join(path) or "the whole design"


def _value(name: str, value: Any) -> Any:
    if name in ("day", "dose"):
        low, colon, high = value.partition(":")
        return {"low": f"{low} {UNITS[name]}", "high": f"{high if colon else low} {UNITS[name]}"}
    if name == "doses":
        return [_count(part) for part in value.split(",")]
    return f"{value!r} {UNITS[name]}" if name in UNITS else value


def _cells(text: str) -> dict[str, Any]:
    """A number of cells, or those of a lot, in place of the other."""
    return {"lot": True, "cells": None} if text == "lot" else {"lot": False, "cells": f"{text} cell"}


def _count(text: str) -> int:
    if not text.strip().isdecimal():
        raise StudyError("option --doses", "1, 2 or 1,2", text)
    return int(text)
