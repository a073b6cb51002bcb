"""The forecast of one patient as a picture: CD4 large, the other lineages small."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import count_axis, drawing, picture_kind, save, time_axis, watermark
from thymos.report.palette import INK, REFERENCE, SOFT, TREATED, TWIN
from thymos.report.reconstitution import thresholds

if TYPE_CHECKING:
    from pathlib import Path

GRID = [["cd4", "cd4", "cd3", "cd8"], ["cd4", "cd4", "cd19", "nk"], ["words", "words", "cd4_naive", "trec"]]
FLOORS = {"trec": (0.01, 1000.0)}
FLOOR = (1.0, 10_000.0)
COLOUR = TREATED[0].colour
OUTSIDE = "#b3261e"
WIDE = 210  # letters in a line below the picture
NAMES = words.LINEAGES | {"cd4_naive": "Naive CD4+ T cells"}


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture that the file name asks for."""
    picture_kind(path)
    who = found["patient"]
    title = (
        f"{who['label']}, {words.number(who['age']['value'])} years, {who['diagnosis']}: forecast after "
        f"{len(found['counts'])} counts until day {found['today']:g} (simulated)"
    )
    with drawing(12.4, 8.6) as page:
        axes = page.subplot_mosaic(GRID, height_ratios=(1, 1, 0.95))
        for name, one in axes.items():
            if name != "words":
                panel(one, found, name)
        thresholds(axes["cd4"], found["until"])
        key(axes["words"], found)
        said(axes["words"], found)
        page.suptitle(title, x=0.01, ha="left", fontsize=13, weight="bold")
        page.supxlabel(footer(found), x=0.01, ha="left", fontsize=8, color=SOFT)
        save(page, path, title)


def panel(axes: Any, found: dict[str, Any], name: str) -> None:
    """One lineage: healthy people, the course so far, the band of counts to come, and the patient's own counts."""
    watermark(axes)
    low, high = FLOORS.get(name, FLOOR)
    healthy(axes, found["reference"]["lineages"].get(name, []))
    band, inside = found["bands"][name], found["domain"]["inside"]
    colour = COLOUR if inside else OUTSIDE
    shade(axes, band["reported"], colour, low, None if inside else "xx")
    line(axes, band["course"], colour, low)
    if found["what_if"]:
        line(axes, found["what_if"]["bands"][name]["course"], TWIN.colour, low, TWIN.line, found["today"])
    axes.axvline(found["today"], color=SOFT, linewidth=0.8)
    points(axes, [row for row in found["counts"] if row["lineage"] == name], low)
    count_axis(axes, low, high)
    time_axis(axes, found["until"])
    axes.set_title(NAMES[name])
    axes.set_ylabel("copies/µL" if name == "trec" else "cells/µL")
    axes.set_xlabel("days after transplant")


def healthy(axes: Any, points: list[dict[str, float]]) -> None:
    """Healthy people of the same age, hatched."""
    if points:
        day, ends = [p["day"] for p in points], ([p["low"] for p in points], [p["high"] for p in points])
        axes.fill_between(
            day, *ends, facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, alpha=0.45
        )


def shade(axes: Any, band: dict[str, list[float]], colour: str, low: float, hatch: str | None) -> None:
    """The central 80 and 95 % of counts to come."""
    at = {q: [max(v, low / 10) for v in band[q]] for q in ("q025", "q10", "q90", "q975")}
    axes.fill_between(band["day"], at["q025"], at["q975"], color=colour, alpha=0.12, linewidth=0, hatch=hatch)
    axes.fill_between(band["day"], at["q10"], at["q90"], color=colour, alpha=0.2, linewidth=0)


def line(
    axes: Any, band: dict[str, list[float]], colour: str, low: float, style: Any = "-", since: float = 0.0
) -> None:
    """The median course."""
    kept = [(day, max(v, low / 10)) for day, v in zip(band["day"], band["q50"], strict=True) if day >= since]
    axes.plot(*zip(*kept, strict=True), color=colour, linestyle=style, linewidth=2, zorder=3)


def points(axes: Any, rows: list[dict[str, Any]], low: float) -> None:
    """The patient's own counts; what was below a limit as an open mark that points down from it."""
    for below, marker, face in ((False, "o", INK), (True, "v", "white")):
        mine = [row for row in rows if row["below"] == below]
        if mine:  # an empty line that may leave the axes has no size, and upsets the layout
            axes.plot(
                [row["day"] for row in mine], [max(row["value"], low) for row in mine],
                marker=marker, markerfacecolor=face, color=INK, linewidth=0, markersize=5.5, zorder=5, clip_on=False,
            )  # fmt: skip


def key(axes: Any, found: dict[str, Any]) -> None:
    """Which mark is what."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    colour = COLOUR if found["domain"]["inside"] else OUTSIDE
    handles = [
        Line2D([], [], color=INK, marker="o", linewidth=0, label="measured"),
        Line2D([], [], color=INK, marker="v", markerfacecolor="white", linewidth=0, label="below this limit"),
        Line2D([], [], color=colour, linewidth=2, label="median course"),
        Patch(color=colour, alpha=0.32, linewidth=0, label="80% of counts to come"),
        Patch(color=colour, alpha=0.12, linewidth=0, label="95% of counts to come"),
        Patch(
            facecolor="none",
            edgecolor=REFERENCE,
            hatch="////",
            linewidth=0,
            label="healthy, same age (5–95%)",
        ),
    ]
    if found["what_if"]:
        handles.append(
            Line2D(
                [], [], color=TWIN.colour, linestyle=TWIN.line, linewidth=2, label="median course, what if"
            )
        )
    axes.set_axis_off()
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.02, -0.12), ncols=3, frameon=False, fontsize=8.4
    )


def said(axes: Any, found: dict[str, Any]) -> None:
    """Milestones as lines of text, and whether the model knows such a patient."""
    axes.set_title("Milestones")
    y = 0.97
    for name, one in found["milestones"].items():
        text = f"{words.percent(one['p'])} ± {100 * one['error']:.2g}"
        other = found["what_if"]
        if other:
            text += f"   what if: {words.percent(other['milestones'][name]['p'])}"
        axes.text(0, y, one["text"].replace("uL", "µL"), va="top", fontsize=9).set_in_layout(False)
        axes.text(0.02, y - 0.075, text, va="top", fontsize=9, weight="bold").set_in_layout(False)
        y -= 0.16
    for reason in found["domain"]["outside"]:
        axes.text(
            0, y, f"Outside the model's experience: {reason}", va="top", fontsize=9, color=OUTSIDE, wrap=True
        ).set_in_layout(False)
        y -= 0.105


def footer(found: dict[str, Any]) -> str:
    """Sources of the reference, and what the figure is not."""
    source = fill(f"Healthy people of the same age: {found['reference']['source']}.", WIDE)
    return f"{source}\nResearch use only, not for decisions on a patient."
