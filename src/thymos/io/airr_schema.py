"""The AIRR standard, version 2.0: which columns and fields there are, of which type, and which may be missing.

`airr_schema.json` beside this file is the part of the AIRR Community's schema that decides about validity (CC BY 4.0).
The verdicts are those of the Python package airr 2.0.0, as tests hold. Reference: `vanderheiden2018`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TRUE = frozenset(("True", "true", "TRUE", "T", "t", "1"))
FALSE = frozenset(("False", "false", "FALSE", "F", "f", "0"))
"""The standard writes T and F; the library of the AIRR Community reads these as well."""
PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


@cache
def objects() -> Mapping[str, Any]:
    """By name: `required`, and `properties` with `type`, `ref`, `items`, `enum`, `nullable` where it is false."""
    text = (resources.files("thymos.io") / "airr_schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)["objects"]
    return found


def required_columns() -> tuple[str, ...]:
    """Columns that a rearrangement file must have; their cells may be empty."""
    return tuple(objects()["Rearrangement"]["required"])


def column_type(name: str) -> str:
    """string, boolean, integer or number of a column of a rearrangement file; "" for a column of the user's own."""
    return str(objects()["Rearrangement"]["properties"].get(name, {}).get("type", ""))


def faults(thing: Any, kind: str, place: str) -> Iterator[tuple[str, str, str]]:
    """(where, wanted, got) of everything in an object of this kind that the standard does not allow."""
    yield from _object(thing, objects()[kind], place)


def _object(thing: Any, schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(thing, dict):
        yield place, "an object with named fields", said(thing)
        return
    for name, rule in schema["properties"].items():
        where, value = f"{place}.{name}", thing.get(name)
        if rule.get("deprecated"):
            continue
        if name not in thing and name in schema.get("required", ()):
            yield where, "this field, be it null", "nothing"
        elif value is None and rule.get("nullable") is False:
            yield where, "a value", "null" if name in thing else "nothing"
        elif value is not None:
            yield from _value(value, rule, where)


def _value(value: Any, rule: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, str]]:
    if "ref" in rule:
        yield from faults(value, rule["ref"], where)
    elif rule.get("type") == "array":
        if not isinstance(value, list):
            yield where, "a list", said(value)
            return
        for i, item in enumerate(value):
            yield from _item(item, rule["items"], f"{where}[{i}]")
    elif rule.get("type") not in PYTHON:
        yield where, "a field that version 2.0 of the standard describes", said(value)
    elif not isinstance(value, PYTHON[rule["type"]]):
        yield where, f"a {rule['type']}", said(value)
    elif "enum" in rule and value not in rule["enum"]:
        yield where, f"one of {', '.join(map(str, rule['enum']))}", said(value)


def _item(item: Any, rule: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, str]]:
    """One entry of a list; as in the library, an enumeration is asked before a type."""
    if "allOf" in rule:
        for kind in rule["allOf"]:
            yield from faults(item, kind, where)
    elif "properties" in rule:
        yield from _object(item, rule, where)
    elif "enum" in rule:
        if item not in rule["enum"]:
            yield where, f"one of {', '.join(map(str, rule['enum']))}", said(item)
    else:
        yield from _value(item, rule, where)


def said(value: Any) -> str:
    """A value as messages show it."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
