"""The reconstitution chart of one patient as a picture: CD4 large, the other lineages small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import VISITS, count_axis, drawing, picture_kind, save, time_axis
from thymos.report.chart import LINEAGES, age, like, state, title
from thymos.report.palette import INK, REFERENCE, SOFT, TREATED
from thymos.report.reconstitution import thresholds

if TYPE_CHECKING:
    from pathlib import Path

COLOUR = TREATED[0].colour
MARKERS = "osDP"
BELOW: dict[str, Any] = {"marker": "v", "markerfacecolor": "white", "linewidth": 0}
DOSE: dict[str, Any] = {"color": SOFT, "linewidth": 0.9, "linestyle": (0, (4, 2))}
STEROIDS: dict[str, Any] = {"color": "#E69F00", "alpha": 0.9, "linewidth": 0}
HEALTHY = "healthy, same age: 5th to 95th centile"
YEARS = (365, 1826, 3652, 5479, 7305)
"""Ticks of a chart over many years [day]."""
FLOORS = {"trec": (0.01, 1000.0)}
FLOOR = (1.0, 10_000.0)


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the chart as the picture its file name asks for."""
    picture_kind(path)
    with drawing(12.4, 8.8) as page:
        compose(page, found)
        save(page, path, title(found))


def compose(page: Any, found: dict[str, Any]) -> None:
    """All panels and the lines below them."""
    extra = "cd4_naive" if own(found, "cd4_naive") else "lymphocytes"
    grid = [["cd4", "cd4", "cd3", "cd8"], ["cd4", "cd4", "cd19", "nk"], ["words", "words", "trec", extra]]
    axes = page.subplot_mosaic(grid, height_ratios=(1, 1, 1))
    markers = dict(zip(dict.fromkeys(row["assay"] for row in found["counts"]), 9 * MARKERS, strict=False))
    for lineage, one in axes.items():
        if lineage != "words":
            panel(one, found, lineage, markers)
    thresholds(axes["cd4"], found["expected"]["cd4"]["day"][-1])
    steroids(axes["cd4"], found)
    key(axes["words"], found, markers)
    milestone_words(axes["words"], found)
    who = found["patient"]
    head = f"{who['label']}, {age(who['age'])} at transplant, {who['diagnosis']}: counts after transplant"
    page.suptitle(head, x=0.01, ha="left", fontsize=13, weight="bold")
    page.supxlabel(footer(found), x=0.01, ha="left", fontsize=8.2, color=SOFT)


def own(found: dict[str, Any], lineage: str) -> list[dict[str, Any]]:
    """The patient's counts of a lineage after transplant."""
    return [row for row in found["counts"] if row["lineage"] == lineage and row["day"] >= 0]


def panel(axes: Any, found: dict[str, Any], lineage: str, markers: dict[str, str]) -> None:
    """One lineage: healthy people, patients like this one, and the patient's own counts."""
    low, high = FLOORS.get(lineage, FLOOR)
    healthy = found["reference"]["lineages"].get(lineage)
    if healthy:
        axes.fill_between(
            healthy["day"], healthy["p5"], healthy["p95"],
            facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, alpha=0.45,
        )  # fmt: skip
        axes.plot(healthy["day"], healthy["p50"], color=REFERENCE, linewidth=1.2)
    curve = found["expected"][lineage]
    at = {q: [max(v, low / 10) for v in curve[q]] for q in ("q025", "q10", "q50", "q90", "q975")}
    axes.fill_between(curve["day"], at["q025"], at["q975"], color=COLOUR, alpha=0.10, linewidth=0)
    axes.fill_between(curve["day"], at["q10"], at["q90"], color=COLOUR, alpha=0.17, linewidth=0)
    axes.plot(curve["day"], at["q50"], color=COLOUR, linewidth=2)
    points(axes, own(found, lineage), markers, low)
    for dose in found["doses"]:
        axes.axvline(dose["day"], **DOSE)
    count_axis(axes, low, high)
    time_axis(axes, curve["day"][-1])
    if curve["day"][-1] > VISITS[-1] + 365:
        ticks = [0, *(day for day in YEARS if day <= curve["day"][-1])]
        axes.set_xticks(ticks, [str(day) for day in ticks])
    axes.set_title(LINEAGES[lineage])
    axes.set_ylabel("copies/µL" if lineage == "trec" else "cells/µL")
    axes.set_xlabel("days after transplant")


def steroids(axes: Any, found: dict[str, Any]) -> None:
    """A bar along the days on which they were given."""
    last = found["expected"]["cd4"]["day"][-1]
    for course in found["steroids"]:
        start, end = max(course["from"], 0.0), min(last if course["to"] is None else course["to"], last)
        if start < end:
            axes.axvspan(start, end, ymax=0.018, **STEROIDS)


def points(axes: Any, rows: list[dict[str, Any]], markers: dict[str, str], low: float) -> None:
    """The patient's own counts; what was below a limit as an open mark that points down from it."""
    for assay, marker in markers.items():
        for below in (False, True):
            mine = [row for row in rows if (row["assay"], row["below"]) == (assay, below)]
            if mine:  # an empty line that may leave the axes has no size, and upsets the layout
                axes.plot(
                    [row["day"] for row in mine], [max(row["value"], low) for row in mine],
                    **(BELOW if below else {"marker": marker, "linewidth": 0.8}),
                    color=INK, markersize=6, zorder=5, clip_on=False,
                )  # fmt: skip


def key(axes: Any, found: dict[str, Any], markers: dict[str, str]) -> None:
    """Which mark is what."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        *(
            Line2D([], [], color=INK, marker=marker, linewidth=0.8, label=assay or "this patient, measured")
            for assay, marker in markers.items()
        ),
        Line2D([], [], color=INK, **BELOW, label="measured below this limit"),
        Patch(facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, label=HEALTHY),
        Line2D([], [], color=COLOUR, linewidth=2, label="patients like this one, simulated: median"),
        Patch(color=COLOUR, alpha=0.27, linewidth=0, label="80% of them"),
        Patch(color=COLOUR, alpha=0.10, linewidth=0, label="95% of them"),
    ]
    if found["doses"]:
        handles.append(Line2D([], [], **DOSE, label="dose of the product"))
    if found["steroids"]:
        handles.append(Patch(**STEROIDS, label="steroids"))
    place = {"loc": "lower left", "bbox_to_anchor": (-0.02, -0.12), "ncols": 2}
    axes.legend(handles=handles, **place, frameon=False, fontsize=8.6).set_in_layout(False)


def milestone_words(axes: Any, found: dict[str, Any]) -> None:
    """Milestones and alarms as lines of text: what this patient has reached, and how many like it do."""
    axes.set_axis_off()
    axes.set_title("Milestones")
    y = 0.97
    for row in (*found["milestones"], *found["alarms"]):
        line(axes, 0, y, row["text"].replace("uL", "µL"), fontsize=9.5)
        line(axes, 0.6, y, state(row), fontsize=9.5, weight="bold")
        if row in found["milestones"]:
            y -= 0.072
            line(axes, 0.02, y, f"patients like this one: {like(row['like'])}", fontsize=8.2, color=SOFT)
        else:
            others = f"like this one: {words.percent(row['like']['p'])}"
            line(axes, 0.75, y, others, fontsize=8.2, color=SOFT)
        y -= 0.098


def line(axes: Any, x: float, y: float, text: str, **options: Any) -> None:
    """Text in an empty panel, which makes no room for itself."""
    axes.text(x, y, text, va="top", **options).set_in_layout(False)


def footer(found: dict[str, Any]) -> str:
    """Sources of the reference, and what the figure is not."""
    sources = "; ".join(found["reference"]["by"])
    return (
        f"Healthy people of the same age: {sources}. Patients like this one: {words.count(found['simulated'])}, "
        f"simulated on the platform {found['platform']}. "
        "Research use only, not for decisions on a patient."
    )
