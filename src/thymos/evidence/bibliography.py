"""The sources: a reader for `references.bib`, and one line per reference.

The file is ours, so the reader knows what ours uses: `@kind{key, field = {text with {nested} braces}, ...}`
and comment lines that start with `%`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from thymos.lang.errors import EvidenceError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("references.bib")
ASSUMED = "assumed"  # the key of a row that rests on no source; deliberately not in the file
_HEAD = re.compile(r"@(?P<kind>[a-z]+)\{(?P<key>[a-z0-9_]+),\s*")
_FIELD = re.compile(r"(?P<name>[a-z]+)\s*=\s*\{")
_EVIDENCE_ID = re.compile(r"([CP])(\d{3})(?:-[CP](\d{3}))?")


@dataclass(frozen=True)
class Reference:
    """One source; a field that is not known is the empty text."""

    key: str
    kind: str
    title: str
    author: str = ""
    journal: str = ""
    howpublished: str = ""
    school: str = ""
    year: str = ""
    url: str = ""
    note: str = ""

    @property
    def evidence_ids(self) -> tuple[str, ...]:
        """Rows of the evidence tables that the note names, ranges spelled out: P371-P373 gives three."""
        ids: list[str] = []
        for letter, first, last in _EVIDENCE_ID.findall(self.note):
            ids += [f"{letter}{i:03d}" for i in range(int(first), int(last or first) + 1)]
        return tuple(ids)

    @property
    def short(self) -> str:
        """First author and year, for a line on a figure: `Shearer et al. 2003`."""
        first, _, others = self.author.partition(" and ")
        # A body that signs as author stands in braces, and may hold a comma.
        name = first.strip("{}") if first.startswith("{") else first.partition(",")[0]
        return " ".join(filter(None, (name or self.title, "et al." if others else "", self.year)))

    def line(self) -> str:
        """One line for a report: authors, title, place, year, address."""
        authors = self.author.replace(" and others", " et al.").replace(" and ", "; ")
        place = " ".join(x for x in (self.journal or self.howpublished or self.school, self.year) if x)
        parts = [x.strip("{}").rstrip(".") for x in (authors, self.title, place) if x]
        return ". ".join(parts) + "." + (f" {self.url}" if self.url else "")


@cache
def references(file: Path = FILE) -> Mapping[str, Reference]:
    """All sources by key."""
    text = "\n".join(line for line in file.read_text(encoding="utf-8").splitlines() if line[:1] != "%")
    found: dict[str, Reference] = {}
    at = 0
    while text[at:].strip():
        entry, at = _entry(text, at, file)
        if entry.key in found:
            raise EvidenceError(f"{file.name} [{entry.key}]", "each key once", "the same key twice")
        found[entry.key] = entry
    return MappingProxyType(found)


def reference(key: str) -> str:
    """The source as one line of text; raises `EvidenceError` for a key that is not in the file."""
    if key == ASSUMED:
        return "Assumed: no source."
    if key not in references():
        raise unknown(key, "reference")
    return references()[key].line()


def unknown(key: str, where: str) -> EvidenceError:
    """The error for a key that is not in `references.bib`, with its nearest neighbours."""
    hint = " or ".join(filter(None, (nearest(key, references()), f"an entry in {FILE.name}")))
    return EvidenceError(where, f"a key of {FILE.name}", key or "an empty key", hint)


def _entry(text: str, start: int, file: Path) -> tuple[Reference, int]:
    start += len(text[start:]) - len(text[start:].lstrip())
    head = _HEAD.match(text, start)
    if not head:
        raise EvidenceError(file.name, "@kind{key, ... in lower case", text[start : start + 40].strip())
    where, at, values = f"{file.name} [{head['key']}]", head.end(), dict[str, str]()
    while field := _FIELD.match(text, at):
        end = _closing(text, field.end(), where)
        values[field["name"]] = " ".join(text[field.end() : end].split())
        at = end + 1 + len(text[end + 1 :]) - len(text[end + 1 :].lstrip(", \n"))
    if text[at : at + 1] != "}":
        raise EvidenceError(where, "name = {text}, or the closing }", text[at : at + 40].strip() or "the end")
    unused = set(values) - set(Reference.__dataclass_fields__)
    if unused or not values.get("title"):
        raise EvidenceError(where, "a title and known fields", ", ".join(sorted(unused)) or "no title")
    return Reference(head["key"], head["kind"], **values), at + 1


def _closing(text: str, at: int, where: str) -> int:
    """Position of the brace that closes the one before `at`."""
    depth = 1
    for i in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise EvidenceError(where, "a closing }", "the end of the file")
