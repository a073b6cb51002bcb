"""The check of all evidence: complete rows, known sources, and no source that no one uses."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from thymos.evidence.bibliography import ASSUMED, FILE, references, unknown
from thymos.evidence.values import inspect_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from thymos.lang.model import Model

PACKAGE = Path(__file__).parents[1]
_LINE = re.compile(r"^.*References?:(?P<keys>(?:\s*`[a-z0-9_]+`[,;.]?)+)", re.MULTILINE)
_KEY = re.compile(r"`([a-z0-9_]+)`")


def check_all(models: Iterable[Model | type[Model]], package: Path = PACKAGE) -> list[str]:
    """Everything that is wrong, one text each, empty when nothing is.

    Rows of the models, keys in docstrings and in data sets that are not in `references.bib`, and keys of
    `references.bib` that no value, docstring or data set uses.
    """
    models = list(models)
    problems = [str(p) for model in models for p in inspect_rows(model)[1]]
    for where, key in (*_cited_in_docstrings(package), *_cited_in_datasets(package)):
        if key not in references():
            problems.append(str(unknown(key, where)))
    used = sources_used(models, package)
    problems += [
        f"{FILE.name} [{key}]: no value, docstring or data set uses it."
        for key in references()
        if key not in used
    ]
    return sorted(set(problems))


def sources_used(models: Iterable[Model | type[Model]], package: Path = PACKAGE) -> set[str]:
    """Keys that values, `References:` in docstrings, and data sets rest on."""
    keys = {v.source for model in models for v in inspect_rows(model)[0].values()} - {ASSUMED}
    return keys | {k for _, k in (*_cited_in_docstrings(package), *_cited_in_datasets(package))}


def _cited_in_docstrings(package: Path) -> Iterator[tuple[str, str]]:
    """(file, key) for each key after `Reference:` or `References:`."""
    for file in sorted(package.rglob("*.py")):
        if file.parent.name != "evidence":  # this room describes the form with examples
            for line in _LINE.finditer(file.read_text(encoding="utf-8")):
                for key in _KEY.findall(line["keys"]):
                    yield str(file.relative_to(package)), key


def _cited_in_datasets(package: Path) -> Iterator[tuple[str, str]]:
    """(file, key) for each entry in the `source` column of a data set."""
    for file in sorted((package / "evidence" / "datasets").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for key in sorted({row["source"] for row in csv.DictReader(lines) if "source" in row}):
                yield str(file.relative_to(package)), key
