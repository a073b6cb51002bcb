"""What the vessel holds, day by day: shares of the median lot as stacked bands, and each with its lots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.lang.errors import RunError
from thymos.report import words
from thymos.report.canvas import drawing, panels, picture_kind, save, watermark
from thymos.report.palette import INK, TREATED

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """A share of the live cells and how it is drawn; parts differ in lightness and hatch, so also in grey."""

    name: str
    colour: str
    hatch: str = ""


# From the product upwards to what one does not want; together they are all live cells.
PARTS = {
    "cd34neg_cd7_percent": Part("CD34\N{MINUS SIGN}CD7+", "#0072B2"),
    "cd34_cd7_percent": Part("CD34+CD7+", "#6FB7E0"),
    "cd34_cd7neg_percent": Part("CD34+CD7\N{MINUS SIGN}", "#DDE6EC"),
    "nk_progenitor_percent": Part("NK progenitors", "#A9D8C4"),
    "nk_percent": Part("NK (CD56+CD3\N{MINUS SIGN})", "#3C8D6F", "...."),
    "myeloid_percent": Part("myeloid", "#E69F00", "////"),
    "b_percent": Part("B-lymphoid", "#F0E442", "\\\\\\\\"),
    "cd3_percent": Part("CD3+", "#8C2D04", "xxxx"),
}
ABSENT = 0.001  # percent
SEEN, ROOM = 3.0, 6.0
"""Percent of the axis that a band needs to carry its name, and that two names keep between them."""


def draw(found: dict[str, Any], path: Path) -> None:
    """What `culture_summary` found, into a picture file: shares as bands, then each of them with 95 % of lots."""
    picture_kind(path)
    if found["failed"] == found["lots"]:
        raise RunError("a picture", "a lot that was solved", "none", "a milder protocol")
    parts = {key: part for key, part in PARTS.items() if there(found["by_day"].get(key))}
    shown = [*parts, "fold"]
    with drawing(11, 5.6) as page:
        left, right = page.subfigures(1, 2, width_ratios=(1, 1.15))
        bands(left.subplots(), found, parts)
        grid = panels(right, len(shown), 3, sharex=True)
        for axes, key in zip(grid, shown, strict=True):
            small(axes, found["by_day"][key], parts.get(key))
        for axes in grid[-3:]:
            axes.tick_params(labelbottom=True)  # the lowest of each column, where the last row is not full
        right.supxlabel("day of culture; line: median lot, band: 95% of lots", fontsize=9)
        page.suptitle(title(found), x=0.01, ha="left", fontsize=12)
        save(page, path, title(found))


def title(found: dict[str, Any]) -> str:
    """What was simulated."""
    source = words.GRAFTS.get(found["source"], found["source"])
    return f"{found['protocol']}, {source}: live cells by day, {words.count(found['lots'])} simulated lots"


def there(readout: dict[str, Any] | None) -> bool:
    """Whether some lot holds such cells on some day: the T arm has no NK cells to show."""
    return readout is not None and bool(course(readout)[1]["high"].max() > ABSENT)


def course(readout: dict[str, Any]) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Days, and median, low and high by day."""
    days = np.array([float(day) for day in readout["days"]])
    ends = ("median", "low", "high")
    return days, {end: np.array([v[end] or 0.0 for v in readout["days"].values()]) for end in ends}


def bands(axes: Any, found: dict[str, Any], parts: dict[str, Part]) -> None:
    """Median shares on each other, scaled to 100 %: medians of shares need not add up."""
    watermark(axes)
    days = course(found["by_day"][next(iter(parts))])[0]
    shares = np.array([course(found["by_day"][key])[1]["median"] for key in parts])
    shares = 100 * shares / shares.sum(axis=0)
    edges = np.concatenate([np.zeros((1, len(days))), np.cumsum(shares, axis=0)])
    for i, part in enumerate(parts.values()):
        axes.fill_between(
            days,
            edges[i],
            edges[i + 1],
            facecolor=part.colour,
            edgecolor="white",
            hatch=part.hatch,
            linewidth=0.5,
        )
    names(axes, list(parts.values()), days, edges)
    axes.set_xlim(days[0], days[-1])
    axes.set_ylim(0, 100)
    axes.set_title("The median lot")
    axes.set_xlabel("day of culture")
    axes.set_ylabel("% of live cells")
    axes.grid(visible=False)


def names(axes: Any, parts: list[Part], days: NDArray[np.float64], edges: NDArray[np.float64]) -> None:
    """The name of each band, the widest first, where it is wide and no other name stands."""
    thick, middle = np.diff(edges, axis=0), (edges[1:] + edges[:-1]) / 2
    apart = 0.3 * (days[-1] - days[0])
    placed: list[tuple[float, float]] = []
    for i in np.argsort(-thick.max(axis=1)):
        for day in np.argsort(-thick[i], kind="stable"):
            x, y = days[day], middle[i, day]
            free = all(abs(x - u) > apart or abs(y - v) > ROOM for u, v in placed)
            if thick[i, day] >= SEEN and free:
                placed.append((x, y))
                name(axes, parts[i].name, x, y, (x - days[0]) / (days[-1] - days[0]))
                break


def name(axes: Any, text: str, x: float, y: float, along: float) -> None:
    """A name inside the picture; `along` is its place on the axis, 0 to 1."""
    side = "left" if along < 0.15 else "right" if along > 0.85 else "center"
    shift = {"left": 5, "right": -5, "center": 0}[side]
    axes.annotate(
        text, (x, y), xytext=(shift, 0), textcoords="offset points", ha=side, va="center", fontsize=9, color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )  # fmt: skip


def small(axes: Any, readout: dict[str, Any], part: Part | None) -> None:
    """One part of the cells, or the growth, with 95 % of lots."""
    from matplotlib.ticker import MaxNLocator

    watermark(axes)
    days, at = course(readout)
    colour = TREATED[0].colour
    axes.fill_between(days, at["low"], at["high"], color=colour, alpha=0.2, linewidth=0)
    axes.plot(days, at["median"], color=colour, linewidth=1.8)
    axes.set_xlim(days[0], days[-1])
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    if part is None:
        axes.set_yscale("log")
        axes.set_title("cells per CD34+", fontsize=9)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        return
    axes.set_ylim(0, max(1.0, 1.05 * float(at["high"].max())))
    axes.set_title(f"{part.name}, %", fontsize=9)
