"""A weighted population as a picture: what was published, over the candidates before and after they were weighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report.canvas import drawing, panels, picture_kind, save, watermark
from thymos.report.palette import INK, REFERENCE, TREATED

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "cd3": "T cells (CD3+)",
    "cd4": "CD4+ T cells",
    "cd8": "CD8+ T cells",
    "cd4_naive": "naive CD4+ T cells",
    "cd19": "B cells (CD19+)",
    "nk": "NK cells",
    "trec": "sjTREC",
    "cmv_recipient": "CMV-positive patient",
    "cmv_donor": "CMV-positive donor",
}
SIGNS = {"cell/uL": "cells/µL", "copy/uL": "copies/µL", "year": "years", "kg": "kg"}
AFTER = TREATED[0].colour


def draw(found: dict[str, Any], path: Path) -> None:
    """One panel for each quantity of the targets, into a picture file."""
    picture_kind(path)
    shown = found["quantities"]
    columns = min(3, max(1, len(shown)))
    with drawing(3.9 * columns + 0.3, 3.4 * -(-max(1, len(shown)) // columns) + 0.9) as page:
        for axes, quantity in zip(panels(page, len(shown), columns), shown, strict=True):
            watermark(axes)
            figures = [f for f in found["figures"] if _key(f, "of") == _key(quantity, "name")]
            (_curve if "quantiles" in quantity["before"] else _bars)(axes, quantity, figures)
            axes.set_title(_title(quantity))
        title = f"{found['title']} (simulated, worth {found['effective']:,.0f} of {found['within_limits']:,} patients)"
        page.suptitle(title, x=0.01, ha="left", fontsize=11.5)
        _legend(page, any(f["kind"] == "mean" for f in found["figures"]))
        save(page, path, title)


def _key(row: dict[str, Any], name: str) -> tuple[str, float | None]:
    return row[name], row["day"]


def _title(quantity: dict[str, Any]) -> str:
    name = NAMES.get(quantity["name"], str(quantity["name"]).replace("_", " "))
    return name if quantity["day"] is None else f"{name}, day {quantity['day']:g}"


def _curve(axes: Any, quantity: dict[str, Any], figures: list[dict[str, Any]]) -> None:
    """Share of patients below each value; published quantiles as points, with their distance to the curve."""
    counted = quantity["day"] is not None
    for when, colour, line in (("before", REFERENCE, (0, (5, 2))), ("after", AFTER, "-")):
        law = quantity[when]
        x = [max(v, 0.1) for v in law["quantiles"]] if counted else law["quantiles"]
        axes.plot(x, [100 * level for level in law["levels"]], color=colour, linestyle=line, linewidth=2)
    for f in figures:
        if f["kind"] in ("median", "quantile"):
            axes.plot(f["published"], 100 * f["level"], "o", color=INK, markersize=6.5, zorder=5)
        elif f["kind"] == "mean":
            axes.axvline(f["published"], color=INK, linewidth=1, linestyle=(0, (1, 1.5)))
        else:
            axes.plot(f["having"], 100 * (1 - f["published"]), "o", color=INK, markersize=6.5, zorder=5)
    if counted:
        _count_scale(axes)
    axes.set_ylim(0, 100)
    axes.set_ylabel("% of patients below")
    axes.set_xlabel(SIGNS.get(quantity["unit"], quantity["unit"]))


def _count_scale(axes: Any) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(10))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}"))
    axes.xaxis.set_minor_locator(NullLocator())


def _bars(axes: Any, quantity: dict[str, Any], figures: list[dict[str, Any]]) -> None:
    """Share of each value before and after; published shares as points."""
    before, after = (quantity[when]["shares"] for when in ("before", "after"))
    levels = list(before)
    for i, level in enumerate(levels):
        axes.barh(
            i + 0.19, 100 * before[level], height=0.34, facecolor="none", edgecolor=REFERENCE, hatch="////"
        )
        axes.barh(i - 0.19, 100 * after[level], height=0.34, color=AFTER, alpha=0.75)
    for f in figures:
        level = f["having"] or "yes"
        if level in levels:
            axes.plot(100 * f["published"], levels.index(level), "o", color=INK, markersize=6.5, zorder=5)
    axes.set_yticks(range(len(levels)), levels)
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of patients")
    axes.grid(axis="y", visible=False)


def _legend(page: Any, means: bool) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=INK, marker="o", linestyle="none", label="published"),
        Line2D([], [], color=REFERENCE, linestyle=(0, (5, 2)), linewidth=2, label="candidates"),
        Line2D([], [], color=AFTER, linewidth=2, label="weighted"),
    ]
    if means:
        mean = Line2D([], [], color=INK, linewidth=1, linestyle=(0, (1, 1.5)), label="published mean")
        lines.insert(1, mean)
    page.legend(handles=lines, loc="outside lower left", ncols=4, frameon=False, fontsize=9)
