"""The lineage of a model's cells as a picture: kinds as boxes, what they become as arrows."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.report.canvas import drawing, picture_kind, save, watermark
from thymos.report.palette import INK, RULE, SOFT, TREATED

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.lang.lineage import Kind, Lineage, Step

WIDTH, ACROSS_GAP, DOWN_GAP = 2.5, 1.3, 0.55  # inches on paper: a box, and the way between two
TITLE, CELL, MARGIN = 0.36, 0.3, 0.1
ABREAST = 3  # members side by side in a box
MARKS = "\u21bb divides    \u2020 dies    thick frame: seeded"


@dataclass(frozen=True)
class Box:
    """A kind and its place on paper [inch]; x and y are its left and its middle."""

    kind: Kind
    x: float
    y: float

    @property
    def height(self) -> float:
        """Title, and members where there are several."""
        rows = -(-len(self.kind.members) // ABREAST) if len(self.kind.members) > 1 else 0
        return TITLE + rows * CELL + 2 * MARGIN


def draw(lineage: Lineage, title: str, path: Path) -> None:
    """Every kind of cell, its divisions and deaths, and every step between kinds, into a picture file."""
    picture_kind(path)
    boxes = laid_out(lineage)
    right = max(box.x for box in boxes.values()) + WIDTH + 0.2
    top = max(box.y + box.height / 2 for box in boxes.values()) + 0.75
    bottom = min(box.y - box.height / 2 for box in boxes.values()) - 0.55
    with drawing(right + 0.2, top - bottom) as page:
        page.set_layout_engine("none")  # places are inches on paper here
        axes = page.add_axes((0, 0, 1, 1))
        axes.set_xlim(-0.2, right)
        axes.set_ylim(bottom, top)
        axes.set_axis_off()
        watermark(axes)
        axes.text(0, top - 0.3, title, fontsize=12, weight="bold", color=INK, va="center")
        axes.text(0, bottom + 0.2, MARKS, fontsize=9, color=SOFT, va="center")
        for (a, b), steps in between(lineage).items():
            arrow(axes, boxes[a], boxes[b], label(boxes[a].kind, steps))
        for box in boxes.values():
            frame(axes, box)
        save(page, path)


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
    boxes: dict[str, Box] = {}
    floor = 0.0
    for model in dict.fromkeys(kind.name.partition(".")[0] for kind in lineage.kinds):
        mine = [kind for kind in lineage.kinds if kind.name.partition(".")[0] == model]
        # What goes on to become something stands on the main line; ends of the road stand below.
        mine.sort(key=lambda kind: kind.name not in onward)
        main = floor - max(Box(kind, 0, 0).height for kind in mine) / 2
        low: dict[int, float] = {}
        for kind in mine:
            c, height = column[kind.name], Box(kind, 0, 0).height
            y = low[c] - DOWN_GAP - height / 2 if c in low else main
            boxes[kind.name] = Box(kind, c * (WIDTH + ACROSS_GAP), y)
            low[c] = y - height / 2
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
    name = " ".join(shared) if len(steps) > 1 and shared else steps[0].name
    sources = {step.source[1] for step in steps}
    missing = [member for member in kind.members if member not in sources]
    if missing and len(kind.members) > 1:
        few = [member for member in kind.members if member in sources]
        name += f"\nfrom {', '.join(few)}" if len(few) <= len(missing) else f"\nnot from {', '.join(missing)}"
    return name


def frame(axes: Any, box: Box) -> None:
    """One box: text, members, marks of division and death."""
    from matplotlib.patches import FancyBboxPatch

    kind, low = box.kind, box.y - box.height / 2
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(
        FancyBboxPatch(
            (box.x, low), WIDTH, box.height, boxstyle=style, facecolor="#f4f7fa", edgecolor=INK if kind.seeded else SOFT,
            linewidth=2.2 if kind.seeded else 1.0, zorder=3,
        )
    )  # fmt: skip
    marks = ("\u21bb" if kind.divides else "") + (" \u2020" if kind.dies else "")
    middle = box.y + box.height / 2 - MARGIN - TITLE / 2
    text = "\n".join(textwrap.wrap(kind.text, 25 if marks else 32)[:2])
    axes.text(box.x + MARGIN, middle, text, fontsize=8.5, color=INK, va="center", zorder=4)
    axes.text(
        box.x + WIDTH - MARGIN, middle, marks, fontsize=11, color=INK, va="center", ha="right", zorder=4
    )
    if len(kind.members) > 1:
        members(axes, box, middle - TITLE / 2)


def members(axes: Any, box: Box, top: float) -> None:
    """The members of a kind, side by side."""
    from matplotlib.patches import FancyBboxPatch

    across = min(ABREAST, len(box.kind.members))
    width = (WIDTH - MARGIN * (across + 1)) / across
    for i, member in enumerate(box.kind.members):
        x = box.x + MARGIN + (i % across) * (width + MARGIN)
        y = top - (i // across + 1) * CELL
        axes.add_patch(
            FancyBboxPatch(
                (x, y + 0.04), width, CELL - 0.08, boxstyle="round,pad=0,rounding_size=0.05",
                facecolor="white", edgecolor=RULE, linewidth=0.8, zorder=4,
            )
        )  # fmt: skip
        axes.text(
            x + width / 2, y + CELL / 2, member, fontsize=7.5, ha="center", va="center", color=INK, zorder=5
        )


def arrow(axes: Any, a: Box, b: Box, text: str) -> None:
    """An arrow from one box to another with its name beside it."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Line

    start, end, bow = way(a, b)
    pull = max(0.6 * (end[0] - start[0]), 0.6)
    points = [start, (start[0] + pull, start[1] - bow), (end[0] - pull, end[1] - bow), end]
    line = Line(points, [Line.MOVETO, Line.CURVE4, Line.CURVE4, Line.CURVE4])
    axes.add_patch(
        FancyArrowPatch(
            path=line, arrowstyle="-|>", mutation_scale=11, color=TREATED[0].colour, linewidth=1.5, zorder=2,
            shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
    x = sum(w * p[0] for w, p in zip((1, 3, 3, 1), points, strict=True)) / 8
    y = sum(w * p[1] for w, p in zip((1, 3, 3, 1), points, strict=True)) / 8
    axes.text(
        x, y + (0.05 if start[1] == end[1] and not bow else 0),
        "\n".join(line for part in text.split("\n") for line in textwrap.wrap(part, 16)),
        fontsize=8, color=SOFT, ha="center", va="bottom" if start[1] == end[1] and not bow else "center", zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85},
    )  # fmt: skip


def way(a: Box, b: Box) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Where an arrow leaves and arrives, and how far it bows down to pass below boxes in between."""
    start, end = (a.x + WIDTH, a.y), (b.x, b.y)
    passes = b.x - a.x > 1.5 * (WIDTH + ACROSS_GAP)
    return start, end, a.height / 2 + DOWN_GAP if passes and a.y == b.y else 0.0
