"""A campaign as one picture: lots against their limits, and whom a lot can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.report import words
from thymos.report.campaign import name_of
from thymos.report.canvas import drawing, panels, picture_kind, save, watermark
from thymos.report.palette import INK, REFERENCE, SOFT, TREATED, TWIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

UNITS = {
    "fold": "live cells per CD34+ seeded",
    "cd7_percent": "% of live cells",
    "cd7_per_cd34": "CD7+CD3\N{MINUS SIGN} cells per CD34+ seeded",
    "viability": "% of all cells",
    "nk_percent": "% of live cells",
    "nk_per_cd34": "CD56+CD3\N{MINUS SIGN} cells per CD34+ seeded",
    "nk_cells": "cells",
    "cd7_cells": "cells",
    "cd3_per_kg": "cells/kg with the dose",
}
READ_AS = (
    "Solid line: median lot. Dashed: limit; hatched: lots beyond it. All draws of what is not known together."
)
BINS = 40
CLEAR = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
LOGARITHMIC = ("cd3_per_kg", "cd7_cells", "nk_cells", "nk_per_cd34")


def draw(found: dict[str, Any], attributes: Mapping[str, NDArray[np.float64]], path: Path) -> None:
    """Histograms with their limits, and the chance of the dose by weight, into a picture file.

    found      : what `campaign_summary` found
    attributes : every lot's values by name (lot,)
    """
    picture_kind(path)
    limited = [limit["attribute"] for limit in found["specification"]]
    # Cells in the bag say what yield and dose say already; with a limit of their own they are drawn too.
    usual = [name for name in found["attributes"] if not name.endswith("_cells")]
    shown = list(dict.fromkeys((*usual, *limited)))
    rows = -(-(len(shown) + 1) // 3)
    with drawing(10.5, 2.9 * rows + 0.4) as page:
        *small, last = panels(page, len(shown) + 1, 3)
        for axes, name in zip(small, shown, strict=True):
            limits = [limit for limit in found["specification"] if limit["attribute"] == name]
            histogram(axes, name, attributes[name], limits)
        dose_curve(last, found)
        page.suptitle(title(found), x=0.01, ha="left", fontsize=12)
        page.supxlabel(READ_AS, x=0.01, ha="left", fontsize=8.5, color=SOFT)
        save(page, path, title(found))


def title(found: dict[str, Any]) -> str:
    """What was simulated, and how many lots cannot be given."""
    lots, out = words.count(found["lots"] * found["draws"]), found["out_of_specification"]
    source = words.GRAFTS.get(found["source"], found["source"])
    share = f"{words.percent(out['p'])} ({words.percent(out['low'])} to {words.percent(out['high'])})"
    return f"{found['protocol']}, {source}: {lots} simulated lots, {share} out of specification"


def histogram(axes: Any, name: str, values: NDArray[np.float64], limits: list[dict[str, Any]]) -> None:
    """Lots by one attribute; what lies beyond a limit is hatched."""
    watermark(axes)
    axes.set_title(name_of(name))
    values = values[np.isfinite(values)]
    if not values.size:
        axes.text(0.5, 0.5, "no lot to show", transform=axes.transAxes, ha="center", color=SOFT)
        return
    logarithmic = name in LOGARITHMIC and bool((values > 0).all())
    bins = bin_edges(values, [limit["limit"] for limit in limits], logarithmic)
    # Lots beyond the ends of the axis stand in its first and last bar: none is left out.
    inside = np.clip(values, bins[0], bins[-1])
    axes.hist(inside, bins=bins, color=TREATED[0].colour, alpha=0.75)
    for limit in limits:
        beyond = inside[values < limit["limit"] if limit["side"] == "at least" else values > limit["limit"]]
        axes.hist(beyond, bins=bins, facecolor=TWIN.colour, edgecolor="white", hatch="////", linewidth=0)
        axes.axvline(limit["limit"], color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
        out = limit["out"]
        said = f"{limit['side']} {words.number(limit['limit'])}\nout: {words.percent(out['p'])}"
        left = limit["limit"] > bins[len(bins) // 2]
        axes.annotate(
            said, (limit["limit"], 0.97), xycoords=("data", "axes fraction"), xytext=(-4 if left else 4, 0),
            textcoords="offset points", ha="right" if left else "left", va="top", fontsize=8, color=INK, bbox=CLEAR,
        )  # fmt: skip
    axes.axvline(float(np.median(values)), color=INK, linewidth=1.2)
    if logarithmic:
        axes.set_xscale("log")
        plain_ticks(axes)
    axes.set_xlabel(UNITS.get(name, limits[0]["unit"] if limits else ""))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)


def plain_ticks(axes: Any) -> None:
    """Numbers on a logarithmic axis; 1, 2 and 5 where it spans too little for three powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    low, high = axes.get_xlim()
    if high < 1e3 * low:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value)))
    axes.minorticks_off()


def bin_edges(values: NDArray[np.float64], limits: list[float], logarithmic: bool) -> NDArray[np.float64]:
    """Edges of equal bins over nearly all values and every limit, one of them at the first limit."""
    low, high = np.quantile(values, (0.001, 0.999))
    ends = np.array([min([low, *limits]), max([high, *limits]), *limits[:1]])
    low, high, *limit = np.log(ends) if logarithmic else ends
    step = max(high - low, 1e-9) / BINS
    start = limit[0] - step * np.ceil((limit[0] - low) / step) if limit else low
    edges = start + step * np.arange(BINS + 2)
    return np.asarray(np.exp(edges) if logarithmic else edges)


def dose_curve(axes: Any, found: dict[str, Any]) -> None:
    """Chance that a lot holds the dose, by body weight, with its band over what is not known."""
    watermark(axes)
    curve, plan = found["dose_curve"], found["plan"]
    weight = [point["weight"] for point in curve]
    p, low, high = ([100 * point[key] for point in curve] for key in ("p", "low", "high"))
    axes.fill_between(weight, low, high, color=TREATED[0].colour, alpha=0.2, linewidth=0)
    axes.plot(weight, p, color=TREATED[0].colour, linewidth=2)
    axes.axvline(plan["weight"], color=REFERENCE, linewidth=1.2, linestyle=(0, (1, 2)))
    axes.annotate(
        "as planned", (plan["weight"], 4), xytext=(3, 0), textcoords="offset points", fontsize=8, color=SOFT
    )
    axes.set_xscale("log")
    axes.set_xticks([3, 5, 10, 20, 40, 80], ["3", "5", "10", "20", "40", "80"])
    axes.minorticks_off()
    axes.set_xlim(weight[0], weight[-1])
    axes.set_ylim(0, 102)
    axes.set_title(f"A lot holds {words.number(plan['dose'])} cells/kg")
    axes.set_xlabel("body weight [kg]")
    axes.set_ylabel("% of lots; band: 95% of what is not known", fontsize=8)
