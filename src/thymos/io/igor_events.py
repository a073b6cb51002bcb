"""The events of an IGoR model (`model_params.txt`): genes with their germline, and the values of each choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thymos.io.igor_lines import CUT, Line, filled_lines
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KINDS = ("GeneChoice", "Deletion", "Insertion", "DinucMarkov")
BASES = frozenset("ACGT")


@dataclass
class Event:
    """One choice: its kind, and what can be chosen.

    genes  : name and germline of each gene, in the order of the probabilities; empty for another kind
    values : numbers of deleted or inserted bases, in that order; empty for genes and for the Markov chain
    """

    kind: str
    place: str
    genes: list[tuple[str, str]] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.genes) + len(self.values) + len(self.letters)


def read_events(path: Path) -> Mapping[str, Event]:
    """Every event by its nickname; raises `DataError` with file and line."""
    events: dict[str, Event] = {}
    entries: dict[str, dict[int, Line]] = {}
    nickname = ""
    for line in _event_list(path):
        if line.text.startswith("#"):
            nickname, event = _head(line)
            if nickname in events:
                raise line.refuse(f"each event once, {nickname} a second time")
            events[nickname], entries[nickname] = event, {}
        elif not nickname:
            raise line.refuse("an event, such as #GeneChoice;V_gene;Undefined_side;7;v_choice")
        else:
            _enter(entries[nickname], line)
    for nickname, event in events.items():
        _fill(event, nickname, entries[nickname])
    return events


def _event_list(path: Path) -> Iterator[Line]:
    within = found = False
    for line in filled_lines(path):
        if line.text.startswith("@"):
            within = line.text == "@Event_list"
            found |= within
        elif within:
            yield line
    if not found:
        raise DataError(
            path.name, "a section @Event_list, as IGoR writes", "none", "is this model_params.txt?"
        )


def _head(line: Line) -> tuple[str, Event]:
    cells = line.text[1:].split(";")
    if len(cells) != 5 or cells[0] not in KINDS:
        raise line.refuse(f"#KIND;gene;side;priority;nickname with one of {', '.join(KINDS)}")
    return cells[4].strip(), Event(cells[0], line.place)


def _enter(entries: dict[int, Line], line: Line) -> None:
    """Note one choice under its number."""
    number = line.text.rpartition(";")[2].strip()
    if not line.text.startswith("%") or ";" not in line.text or not number.isdecimal():
        raise line.refuse("%VALUE;INDEX", try_=CUT)
    if int(number) in entries:
        raise line.refuse(f"each index once, {number} a second time")
    entries[int(number)] = line


def _fill(event: Event, nickname: str, entries: dict[int, Line]) -> None:
    if sorted(entries) != list(range(len(entries))) or not entries:
        got = f"{len(entries)} of them, the largest {max(entries, default='none')}"
        raise DataError(event.place, f"choices of {nickname} with indices 0, 1, 2, ...", got, CUT)
    for i in range(len(entries)):
        cells = [cell.strip() for cell in entries[i].text[1:].split(";")][:-1]
        if event.kind == "GeneChoice":
            event.genes.append(_gene(entries[i], cells))
        elif event.kind == "DinucMarkov":
            event.letters.append(cells[0])
        else:
            event.values.append(_number(entries[i], cells))
    _check(event, nickname)


def _gene(line: Line, cells: list[str]) -> tuple[str, str]:
    if len(cells) != 2 or not all(cells):
        raise line.refuse("%GENE;GERMLINE;INDEX", try_=CUT)
    germline = cells[1].upper()
    strange = sorted(set(germline) - BASES)
    if strange:
        raise line.refuse(f"a germline of A, C, G and T for {cells[0]}", f"{', '.join(strange)} in it")
    return cells[0], germline


def _number(line: Line, cells: list[str]) -> int:
    try:
        return int(cells[0])
    except ValueError:
        raise line.refuse("a whole number of bases before the index") from None


def _check(event: Event, nickname: str) -> None:
    names = [name for name, _ in event.genes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(event.place, f"each gene of {nickname} once", f"{', '.join(twice)} twice")
    if event.letters and "".join(event.letters) != "ACGT":
        raise DataError(event.place, f"A, C, G, T in this order for {nickname}", ", ".join(event.letters))
    first = 0 if event.kind == "Insertion" else event.values[0] if event.values else 0
    if event.values != list(range(first, first + len(event.values))):
        wanted = f"numbers of bases of {nickname} that rise by one with their index"
        raise DataError(event.place, wanted, ", ".join(map(str, event.values)))
    if event.kind == "Deletion" and first > 0:
        raise DataError(event.place, f"deletions of {nickname} that begin at 0 or below", str(first))
