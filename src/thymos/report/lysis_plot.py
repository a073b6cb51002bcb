"""Killing curves of a plate as a picture: wells, fit, and its interval."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import DataError
from thymos.report import words
from thymos.report.canvas import drawing, panels, picture_kind, save, watermark
from thymos.report.lysis import title
from thymos.report.palette import REFERENCE, TREATED, TWIN

if TYPE_CHECKING:
    from pathlib import Path

STYLES = (*TREATED, TWIN)
ACROSS, MOST = 3, 60
WIDE = 40
"""Letters of a title that fit above one panel."""


def draw(found: dict[str, Any], path: Path) -> None:
    """What `lysis_summary` found, one panel for each curve, into a picture file."""
    picture_kind(path)
    curves = found["curves"]
    if len(curves) > MOST:
        raise DataError(
            str(path), f"at most {MOST} curves in one picture", str(len(curves)), "split the file"
        )
    columns = min(len(curves), ACROSS)
    rows = -(-len(curves) // columns)
    with drawing(4.4 * columns, 3.4 * rows) as figure:
        axes = panels(figure, len(curves), columns)
        for panel, curve in zip(axes, curves, strict=True):
            _panel(panel, curve)
        if found["simulated"]:
            figure.draw_without_rendering()  # the word is sized by the panel, which has none before
            for panel in axes:
                watermark(panel)
        save(figure, path, "Specific lysis by effectors per target")


def _panel(axes: Any, curve: dict[str, Any]) -> None:
    axes.set_title(fill(title(curve), WIDE))
    axes.set_xscale("log", base=2)
    axes.axhline(20, color=REFERENCE, linewidth=0.8)
    for time, style in zip(curve["times"], STYLES * (1 + len(curve["times"]) // len(STYLES)), strict=False):
        _fit(axes, time, style, with_label=len(curve["times"]) > 1)
        _points(axes, [p for p in curve["points"] if p["hours"] == time["hours"]], style)
    ratios = sorted({p["ratio"] for p in curve["points"]})
    shown = ratios if len(ratios) <= 8 else ratios[:: -(-len(ratios) // 8)]
    axes.set_xticks(shown, [f"{words.number(r)}:1" for r in shown])
    axes.set_xlabel("effectors per target")
    axes.set_ylabel("specific lysis (%)")
    axes.set_ylim(min(0, axes.get_ylim()[0]), max(100, axes.get_ylim()[1]))
    if len(curve["times"]) > 1:
        axes.legend(frameon=False)


def _fit(axes: Any, time: dict[str, Any], style: Any, with_label: bool) -> None:
    """Line and 95 % interval."""
    ratio, value, low, high = (
        [point[key] for point in time["curve"]] for key in ("ratio", "value", "low", "high")
    )
    label = f"{words.number(time['hours'])} h" if with_label else None
    axes.fill_between(ratio, low, high, color=style.colour, alpha=0.15, linewidth=0)
    axes.plot(ratio, value, color=style.colour, linestyle=style.line, linewidth=1.8, label=label)


def _points(axes: Any, points: list[dict[str, Any]], style: Any) -> None:
    """Means with one standard error."""
    error = [p["se"] or 0.0 for p in points]
    axes.errorbar(
        [p["ratio"] for p in points], [p["percent"] for p in points], yerr=error,
        fmt=style.marker, color=style.colour, markersize=4.5, elinewidth=1, capsize=2,
    )  # fmt: skip
