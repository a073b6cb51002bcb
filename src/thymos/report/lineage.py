"""The lineage of a model's cells as a picture: kinds as boxes, what they become as arrows."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from thymos.report.canvas import drawing, picture_kind, save, watermark
from thymos.report.palette import INK, RULE, SOFT, TREATED

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.lang.lineage import Kind, Lineage, Step

WIDTH, ACROSS_GAP, DOWN_GAP = 3.5, 1.35, 0.5  # inches on paper: a box, and the way between two
TITLE, CELL, MARGIN, IN = 0.36, 0.34, 0.1, 0.055
ABREAST, HEAD = 6, 0.42  # members side by side in a box, and room for the label of their row
MARKS = "\u21bb divides    \u2020 dies    thick frame: seeded"


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


def frame(axes: Any, box: Box) -> None:
    """One box: text, members, marks of division and death."""
    from matplotlib.patches import FancyBboxPatch

    kind, low = box.kind, box.y - box.height / 2
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(
        FancyBboxPatch(
            (box.x, low), WIDTH, box.height, boxstyle=style, facecolor="#f4f7fa", zorder=3,
            edgecolor=INK if kind.seeded else SOFT, linewidth=2.2 if kind.seeded else 1.0,
        )
    )  # fmt: skip
    marks = ("\u21bb" if kind.divides else "") + (" \u2020" if kind.dies else "")
    middle = box.y + box.height / 2 - MARGIN - TITLE / 2
    text = "\n".join(textwrap.wrap(kind.text, 32 if marks else 40)[:2])
    axes.text(box.x + MARGIN, middle, text, fontsize=8.5, color=INK, va="center", zorder=4)
    axes.text(
        box.x + WIDTH - MARGIN, middle, marks, fontsize=11, color=INK, va="center", ha="right", zorder=4
    )
    if box.rows:
        members(axes, box, middle - TITLE / 2)


def members(axes: Any, box: Box, top: float) -> None:
    """The members of a kind, row by row, and the steps between neighbours."""
    from matplotlib.patches import FancyBboxPatch

    head = HEAD if any(label for label, _ in box.rows) else 0.0
    width = (WIDTH - 2 * MARGIN - head) / max(len(row) for _, row in box.rows)
    spots = {}
    for i, (text, row) in enumerate(box.rows):
        y = top - (i + 0.5) * CELL
        axes.text(box.x + MARGIN, y, text, fontsize=7.5, va="center", color=SOFT, zorder=5)
        for k, member in enumerate(row):
            x = box.x + MARGIN + head + (k + 0.5) * width
            spots[f"{text},{member}" if text else member] = (x, y)
            corner = (x - width / 2 + IN, y - CELL / 2 + IN)
            axes.add_patch(
                FancyBboxPatch(
                    corner, width - 2 * IN, CELL - 2 * IN, boxstyle="round,pad=0,rounding_size=0.04",
                    facecolor="white", edgecolor=RULE, linewidth=0.8, zorder=4,
                )
            )  # fmt: skip
            axes.text(x, y, member, fontsize=7, ha="center", va="center", color=INK, zorder=6)
    for step in box.inside:
        neighbours(axes, spots[step.source[1]], spots[step.target[1]], width)


def neighbours(axes: Any, a: tuple[float, float], b: tuple[float, float], width: float) -> None:
    """A short arrow from one member to one beside or below it."""
    half = (width / 2 - IN, CELL / 2 - IN)
    sides = [float((q > p) - (q < p)) for p, q in zip(a, b, strict=True)]
    start = tuple(p + s * h for p, s, h in zip(a, sides, half, strict=True))
    end = tuple(q - s * h for q, s, h in zip(b, sides, half, strict=True))
    axes.annotate(
        "", end, xytext=start, zorder=5,
        arrowprops={"arrowstyle": "-|>", "mutation_scale": 5, "color": TREATED[0].colour, "linewidth": 0.9,
                    "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip


def arrow(axes: Any, a: Box, b: Box, text: str) -> None:
    """An arrow from one box to another with its name beside it."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Line

    points, codes, at = way(a, b)
    axes.add_patch(
        FancyArrowPatch(
            path=Line(points, codes), arrowstyle="-|>", mutation_scale=11, color=TREATED[0].colour, linewidth=1.5,
            zorder=2, shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
    level = at[1] == a.y
    lines = [line for part in text.split("\n") for line in textwrap.wrap(part, 17)]
    axes.text(
        at[0], at[1] + (0.06 if level else 0), "\n".join(lines), fontsize=8, color=SOFT, ha="center",
        va="bottom" if level else "center", zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85},
    )  # fmt: skip


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
