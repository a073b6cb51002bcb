"""The values of models: every row of their `.toml` files, checked against what the models declare."""

from __future__ import annotations

import sys
import tomllib
from typing import TYPE_CHECKING, Any

from thymos.evidence.row import Row, place
from thymos.evidence.value import Grade, Value
from thymos.lang.errors import EvidenceError, ThymosError, UnitError
from thymos.lang.model import Model
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Grade", "Value", "inspect_rows", "rows", "values"]


def rows(model: Model | type[Model]) -> dict[str, Value]:
    """The values of one model by the parameter's own name; raises the first `EvidenceError` found."""
    values, problems = inspect_rows(model)
    if problems:
        raise problems[0]
    return values


def values(models: Iterable[Model | type[Model]]) -> dict[str, Value]:
    """The values of several models by full name: "periphery.d"."""
    return {v.name: v for model in models for v in rows(model).values()}


def inspect_rows(model: Model | type[Model]) -> tuple[dict[str, Value], list[ThymosError]]:
    """All readable values of a model, and everything that is wrong with the others."""
    kind = model if isinstance(model, type) else type(model)
    file = kind.file().with_suffix(".toml")
    declared = {d.name: d for d in kind.parameters()}
    try:
        tables = _tables(file, kind) if declared or file.exists() else {}
    except EvidenceError as problem:
        return {}, [problem]
    found: dict[str, Value] = {}
    problems: list[ThymosError] = _strangers(file, kind, tables)
    for name, declaration in declared.items():
        try:
            found[name] = Row(file, kind, declaration, tables).value()
        except (EvidenceError, UnitError) as problem:
            problems.append(problem)
    return found, problems


def _tables(file: Path, kind: type[Model]) -> Mapping[str, Any]:
    where = place(file)
    if not file.exists():
        names = ", ".join(d.name for d in kind.parameters())
        raise EvidenceError(
            where, f"a table for each of {names}", "no such file", f"write it beside {kind.__name__}"
        )
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise EvidenceError(where, "TOML", str(problem)) from None


def _strangers(file: Path, kind: type[Model], tables: Mapping[str, Any]) -> list[ThymosError]:
    """Rows that belong to no parameter of any model in the same file."""
    module = sys.modules[kind.__module__]
    family = {kind, *(x for x in vars(module).values() if isinstance(x, type) and issubclass(x, Model))}
    known = {d.name for member in family for d in member.parameters()}
    problems: list[ThymosError] = []
    for name in tables:
        if name not in known:
            hint = nearest(name, known) or f'{name} = parameter(unit, "meaning") in {kind.__name__}'
            where = f"{place(file)} [{name}]"
            problems.append(EvidenceError(where, "a parameter of the model", "a row without one", hint))
    return problems
