"""A campaign as one picture: lots against their limits, and whom a lot can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.report import words
from thymos.report.campaign import name_of
from thymos.report.canvas import drawing, picture_kind, save, watermark
from thymos.report.palette import INK, REFERENCE, SOFT, TREATED, TWIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

PANELS = ("fold", "cd7_percent", "cd7_per_cd34", "viability", "cd3_per_kg")
UNITS = {
    "fold": "live cells per CD34+ seeded",
    "cd7_percent": "% of live cells",
    "cd7_per_cd34": "CD7+CD3\N{MINUS SIGN} cells per CD34+ seeded",
    "viability": "% of all cells",
    "cd3_per_kg": "cells/kg with the dose",
}
LOGARITHMIC = ("cd3_per_kg",)


def draw(found: dict[str, Any], attributes: Mapping[str, NDArray[np.float64]], path: Path) -> None:
    """Histograms with their limits, and the chance of the dose by weight, into a picture file.

    found      : what `campaign_summary` found
    attributes : every lot's values by name (lot,)
    """
    picture_kind(path)
    limited = [limit["attribute"] for limit in found["specification"]]
    shown = [name for name in dict.fromkeys((*PANELS, *limited)) if name in attributes]
    rows = -(-(len(shown) + 1) // 3)
    with drawing(10.5, 2.9 * rows + 0.4) as page:
        panels = list(page.subplots(rows, 3, squeeze=False).flat)
        for axes, name in zip(panels, shown, strict=False):
            limits = [limit for limit in found["specification"] if limit["attribute"] == name]
            histogram(axes, name, attributes[name], limits)
        dose_curve(panels[len(shown)], found)
        for empty in panels[len(shown) + 1 :]:
            empty.set_axis_off()
        page.suptitle(title(found), x=0.01, ha="left", fontsize=12)
        save(page, path)


def title(found: dict[str, Any]) -> str:
    """What was simulated, and how many lots cannot be given."""
    lots, out = words.count(found["lots"] * found["draws"]), found["out_of_specification"]
    source = words.GRAFTS.get(found["source"], found["source"])
    share = f"{words.percent(out['p'])} ({words.percent(out['low'])} to {words.percent(out['high'])})"
    return f"{found['protocol']}, {source}: {lots} simulated lots, {share} out of specification"


def histogram(axes: Any, name: str, values: NDArray[np.float64], limits: list[dict[str, Any]]) -> None:
    """Lots by one attribute; what lies beyond a limit is hatched."""
    watermark(axes)
    values = values[np.isfinite(values)]
    logarithmic = name in LOGARITHMIC and bool((values > 0).all())
    low, high = np.quantile(values, (0.001, 0.999))
    ends = [limit["limit"] for limit in limits]
    low, high = min([low, *ends]), max([high, *ends])
    bins = np.geomspace(low, high, 41) if logarithmic else np.linspace(low, high, 41)
    # Lots beyond the ends of the axis stand in its first and last bar: none is left out.
    inside = np.clip(values, bins[0], bins[-1])
    axes.hist(inside, bins=bins, color=TREATED[0].colour, alpha=0.75)
    for limit in limits:
        beyond = inside[values < limit["limit"] if limit["side"] == "at least" else values > limit["limit"]]
        axes.hist(beyond, bins=bins, facecolor=TWIN.colour, edgecolor="white", hatch="////", linewidth=0)
        axes.axvline(limit["limit"], color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
        out = limit["out"]
        said = f"{limit['side']} {words.number(limit['limit'])}\nout: {words.percent(out['p'])}"
        left = limit["limit"] > (np.sqrt(low * high) if logarithmic else (low + high) / 2)
        axes.annotate(
            said, (limit["limit"], 0.97), xycoords=("data", "axes fraction"), xytext=(-4 if left else 4, 0),
            textcoords="offset points", ha="right" if left else "left", va="top", fontsize=8, color=INK,
        )  # fmt: skip
    axes.axvline(float(np.median(values)), color=INK, linewidth=1.2)
    if logarithmic:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_title(name_of(name))
    axes.set_xlabel(UNITS.get(name, limits[0]["unit"] if limits else ""))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)


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
