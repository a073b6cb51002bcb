"""Repertoire metadata as the AIRR Community's standard has them: YAML or JSON, in and out.

A file is judged as the Python package airr 2.0.0 judges it: every object that the standard names, field by field. YAML
is read as 1.2, where `yes` is a word; for that package, which reads 1.1, it is a flag.
Reference: `vanderheiden2018`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from thymos.io.airr_schema import faults, objects, said
from thymos.io.atomic import check_place, write_text
from thymos.io.near_file import near_file
from thymos.io.study_file import build, compose, read_text
from thymos.lang.errors import DataError, StudyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KINDS = (".yaml", ".yml", ".json")
LARGEST = 32_000_000
"""Bytes of a JSON file; a YAML file, slower to read, may have 1 MiB."""
OTHERS = 4
"""Further faults that a message names."""
SHOW = "thymos repertoire --help"
LONGEST = 100_000
"""Characters of a value without quotes: abstracts and sequences stand so in metadata."""


def read_airr(path: Path) -> dict[str, Any]:
    """The objects of a data file by name (Repertoire, GermlineSet, ...), each a list of dictionaries.

    Raises `DataError` or `StudyError` with the place of the first fault, and how many there are.
    """
    kind = _kind(path)
    data: dict[str, Any] = _json(path) if kind == ".json" else _yaml(path)
    check_airr(data, path.name)
    return data


def check_airr(data: Any, where: str) -> None:
    """Raise `DataError` for the first of whatever the standard does not allow in the content of a data file."""
    if not isinstance(data, dict):
        raise DataError(where, "objects by name, such as Repertoire", said(data))
    known = objects()["DataFile"]["properties"]
    found = [
        fault
        for name, things in data.items()
        if name in known and name not in ("Info", "DataFile") and things
        for fault in _faults(name, things)
    ]
    if found:
        (place, wanted, got), *others = found
        more = f" and {len(others) - OTHERS} more" if len(others) > OTHERS else ""
        try_ = f"look also at {', '.join(place for place, _, _ in others[:OTHERS])}{more}" if others else ""
        raise DataError(f"{where} [{place}]", wanted, got, try_)


def _faults(name: str, things: Any) -> list[tuple[str, str, str]]:
    if not isinstance(things, dict | list):
        return [(name, "a list of objects", said(things))]
    pairs = things.items() if isinstance(things, dict) else enumerate(things)
    return [fault for key, thing in pairs for fault in faults(thing, name, f"{name}[{key}]")]


def write_airr(path: Path, data: Mapping[str, Any]) -> None:
    """The objects as YAML or JSON by the file's ending, with what the standard wants to know about itself.

    Raises `DataError` where the standard does not allow them: nothing is written then.
    """
    kind = _kind(path)
    check_place(path)
    check_airr(dict(data), path.name)
    whole = {"Info": {"title": "AIRR Data File", "version": "2.0"}, **data}
    write_text(path, json.dumps(whole, indent=1, allow_nan=False) + "\n" if kind == ".json" else _text(whole))


def _text(data: Mapping[str, Any]) -> str:
    import io

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # the order of the standard
    out = io.StringIO()
    yaml.dump(dict(data), out)
    return out.getvalue()


def _kind(path: Path) -> str:
    if path.suffix.lower() not in KINDS:
        raise StudyError("repertoire metadata", f"a name that ends in {', '.join(KINDS)}", str(path))
    return path.suffix.lower()


def _yaml(path: Path) -> Any:
    what = "repertoire metadata"
    return build(compose(read_text(path, what), str(path), what, SHOW, LONGEST), str(path))


def _json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as problem:
        got = problem.strerror or str(problem)
        raise DataError(str(path), "a file that can be read", got, near_file(path)) from None
    if len(data) > LARGEST:
        raise DataError(str(path), f"at most {LARGEST / 1e6:g} MB", "a larger file")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise DataError(str(path), "JSON in UTF-8", str(problem)) from None
