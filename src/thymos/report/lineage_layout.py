"""Where the boxes and arrows of a lineage stand on paper: columns by the longest way, rows by model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thymos.lang.lineage import Kind, Lineage, Step

WIDTH, ACROSS_GAP, DOWN_GAP = 3.5, 1.35, 0.5  # inches on paper: a box, and the way between two
TITLE, CELL, MARGIN = 0.36, 0.34, 0.1
ABREAST, HEAD = 6, 0.42  # members side by side in a box, and room for the label of their row


@dataclass(frozen=True)
class Box:
    """A kind, the steps inside it, and its place on paper [inch]; x and y are its left and its middle."""

    kind: Kind
    inside: tuple[Step, ...]
    x: float = 0.0
    y: float = 0.0

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """Members by row, each with the label of its row: the first axis where there are two."""
        labels = [member.rpartition(",") for member in self.kind.members]
        found: dict[str, list[str]] = {}
        for head, _, last in labels:
            found.setdefault(head, []).append(last)
        if len(labels) == 1:
            return []
        return [
            (head, row[i : i + ABREAST]) for head, row in found.items() for i in range(0, len(row), ABREAST)
        ]

    @property
    def height(self) -> float:
        """Title, and members where there are several."""
        return TITLE + len(self.rows) * CELL + 2 * MARGIN


def between(lineage: Lineage) -> dict[tuple[str, str], list[Step]]:
    """Steps from one kind to another, by the two kinds."""
    found: dict[tuple[str, str], list[Step]] = {}
    for step in lineage.steps:
        if step.source[0] != step.target[0]:
            found.setdefault((step.source[0], step.target[0]), []).append(step)
    return found


def laid_out(lineage: Lineage) -> dict[str, Box]:
    """A box for each kind: columns by the longest way from the start, each model's main line above its ends."""
    ways = list(between(lineage))
    column = columns([kind.name for kind in lineage.kinds], ways)
    onward = {a for a, _ in ways}
    inside = [
        Box(kind, tuple(s for s in lineage.steps if s.source[0] == s.target[0] == kind.name))
        for kind in lineage.kinds
    ]
    boxes: dict[str, Box] = {}
    floor = 0.0
    for model in dict.fromkeys(kind.name.partition(".")[0] for kind in lineage.kinds):
        mine = [box for box in inside if box.kind.name.partition(".")[0] == model]
        # What goes on to become something stands on the main line; ends of the road stand below.
        mine.sort(key=lambda box: box.kind.name not in onward)
        main = floor - max(box.height for box in mine) / 2
        low: dict[int, float] = {}
        for box in mine:
            c = column[box.kind.name]
            y = low[c] - DOWN_GAP - box.height / 2 if c in low else main
            boxes[box.kind.name] = replace(box, x=c * (WIDTH + ACROSS_GAP), y=y)
            low[c] = y - box.height / 2
        floor = min(low.values()) - DOWN_GAP
    return boxes


def columns(kinds: list[str], arrows: list[tuple[str, str]]) -> dict[str, int]:
    """Column of each kind: one after the last of those it comes from; an arrow that closes a circle is left out."""
    column = dict.fromkeys(kinds, 0)
    for _ in kinds:
        for a, b in arrows:
            if kinds.index(a) < kinds.index(b):
                column[b] = max(column[b], column[a] + 1)
    return column


def label(kind: Kind, steps: list[Step]) -> str:
    """The words that the steps share, and from which members they start where not from all."""
    named = [step.name.split() for step in steps]
    shared = [words[0] for words in zip(*named, strict=False) if len(set(words)) == 1]
    spoken = [word for word in shared if word != kind.name.rpartition(".")[2]]
    name = " ".join(spoken) if len(steps) > 1 and spoken else steps[0].name
    sources = {step.source[1] for step in steps}
    missing = [member for member in kind.members if member not in sources]
    if missing and len(kind.members) > 1:
        few = [member for member in kind.members if member in sources]
        from_few = len(few) <= len(missing)
        name += (
            f"\n{'from' if from_few else 'not from'} {', '.join(brief(few if from_few else missing, kind))}"
        )
    return name


def brief(some: list[str], kind: Kind) -> list[str]:
    """Names of members; by their last label alone where all that share it are meant."""
    last = {member.rpartition(",")[2] for member in some}
    whole = [member for member in kind.members if member.rpartition(",")[2] in last]
    return sorted(last) if len(whole) == len(some) else [member.replace(",", " ") for member in some]


def way(a: Box, b: Box) -> tuple[list[tuple[float, float]], list[int], tuple[float, float]]:
    """Points and codes of a line from box to box, and where its name stands.

    It changes its height between two columns and runs level below the boxes that it passes.
    """
    from matplotlib.path import Path as Line

    x, turn = a.x + WIDTH, a.x + WIDTH + ACROSS_GAP
    passes = b.x - turn > ACROSS_GAP
    level = b.y if b.y != a.y or not passes else a.y - a.height / 2 - DOWN_GAP
    points = [(x, a.y), (x + 0.6 * ACROSS_GAP, a.y), (x + 0.4 * ACROSS_GAP, level), (turn, level)]
    codes = [Line.MOVETO, *(3 * [Line.CURVE4])]
    if level != b.y:
        back = b.x - ACROSS_GAP
        points += [
            (back, level),
            (back + 0.6 * ACROSS_GAP, level),
            (back + 0.4 * ACROSS_GAP, b.y),
            (b.x, b.y),
        ]
        codes += [Line.LINETO, *(3 * [Line.CURVE4])]
    elif passes:
        points.append((b.x, b.y))
        codes.append(Line.LINETO)
    return points, [int(code) for code in codes], ((x + turn) / 2, (a.y + level) / 2)
