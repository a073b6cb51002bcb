"""One virtual patient and its untreated twin, as a table or as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import count_axis, drawing, picture_kind, save, time_axis, watermark
from thymos.report.palette import REFERENCE, styles
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from thymos.io.summary_schema import Quantity

DAYS = ("30", "60", "100", "180", "365", "730")


def show(found: dict[str, Any], console: Console) -> None:
    """Print the counts of both twins."""
    from thymos.io.summary_schema import Quantity

    who = f"{words.number(found['age'])} years, {found['diagnosis']}, seed {found['seed']}"
    console.print(f"One virtual patient (simulated): {who}\n", style="bold", markup=False)
    table = plain("Per µL: median (95% of what is possible)", "", *(words.day_name(int(day)) for day in DAYS))
    for lineage, name in words.LINEAGES.items():
        for arm in found["arms"]:
            curve = arm["counts"].get(lineage, {})
            cells = (brief(Quantity(**curve[day])) if day in curve else "" for day in DAYS)
            table.add_row(f"{name}, {arm['name']}", *cells)
    console.print(table)


def brief(value: Quantity) -> str:
    """Median above its interval, without a unit."""
    return f"{seen(value.median)}\n({words.ends(value.low, value.high, seen)})"


def seen(value: float | None) -> str:
    """A count as far down as anyone could look."""
    return "<0.1" if value is not None and value < 0.1 else words.cells(value)


def draw(found: dict[str, Any], path: Path) -> None:
    """Curves of both twins with intervals and the reference of healthy people, into a picture file."""
    picture_kind(path)
    with drawing(10.5, 6.2) as page:
        for axes, lineage in zip(page.subplots(2, 3).flat, words.LINEAGES, strict=True):
            panel(axes, found, lineage)
        title = f"One virtual patient, {words.number(found['age'])} years, {found['diagnosis']} (simulated)"
        page.suptitle(title, x=0.01, ha="left", fontsize=12)
        save(page, path, title)


def panel(axes: Any, found: dict[str, Any], lineage: str) -> None:
    """One lineage of both twins."""
    watermark(axes)
    trec = lineage == "trec"
    band = found["reference_band"]["lineages"].get(lineage, [])
    if band:
        day = [point["day"] for point in band]
        ends = ([point["low"] for point in band], [point["high"] for point in band])
        axes.fill_between(
            day, *ends, facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, alpha=0.45
        )
    floor, last = (0.01 if trec else 0.1), 1.0
    for arm, style in zip(found["arms"], styles([a["name"] for a in found["arms"]]).values(), strict=True):
        curve = arm["counts"].get(lineage, {})
        days = [float(day) for day in curve]
        low, middle, high = (
            [max(v[end] or floor, floor) for v in curve.values()] for end in ("low", "median", "high")
        )
        axes.fill_between(days, low, high, color=style.colour, alpha=0.15, linewidth=0)
        axes.plot(
            days,
            middle,
            color=style.colour,
            linestyle=style.line,
            linewidth=2,
            zorder=style.above,
            label=arm["title"],
        )
        last = max(last, *days) if days else last
    count_axis(axes, *((0.1, 1000.0) if trec else (1.0, 10_000.0)))
    time_axis(axes, last)
    axes.set_title(words.LINEAGES[lineage])
    axes.set_ylabel("copies/µL" if trec else "cells/µL")
    axes.set_xlabel("days after transplant")
    if lineage == "cd3":
        axes.legend(frameon=False, fontsize=8, loc="lower right")
