"""The lineage of a model's cells as a picture: kinds as boxes, what they become as arrows."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from thymos.report.canvas import drawing, picture_kind, save, watermark
from thymos.report.lineage_layout import (
    CELL,
    HEAD,
    MARGIN,
    TITLE,
    WIDTH,
    Box,
    between,
    label,
    laid_out,
    way,
)
from thymos.report.palette import INK, RULE, SOFT, TREATED

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.lang.lineage import Lineage

MARKS = "\u21bb divides    \u2020 dies    thick frame: there on day 0"
IN = 0.055  # inch around a member


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
        save(page, path, title)


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
