"""The lot: what came out of the culture, over donors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import as_svg, drawing, watermark
from thymos.report.element import Html, figure, section, table
from thymos.report.palette import INK, TREATED

if TYPE_CHECKING:
    from thymos.report.stored import Stored

SHOWN = {
    "fold": "live cells per CD34+ seeded",
    "cd7_percent": "% of live cells",
    "cd7_per_cd34": "cells per CD34+ seeded",
    "cd3_per_kg": "cells/kg",
}


def lot(stored: Stored) -> Html:
    """The section: histograms over virtual lots, then medians."""
    n = words.count(stored.count("lots"))
    body = [(words.LOT.get(key, key), *cells(stored, key)) for key in stored.summary.lot]
    numbers = table("The lot at harvest (95% of lots)", ("Attribute", "Median", "Low", "High", "Unit"), body)
    caption = (
        f"Attributes of {n} virtual lots; the line marks the median. Residual CD3+ on a logarithmic scale."
    )
    return section("lot", "The lot", figure(draw(stored), caption) if n != "0" else Html(""), numbers)


def cells(stored: Stored, key: str) -> tuple[str, ...]:
    """One row of the table."""
    value = stored.summary.lot[key]
    return (
        *(words.number(v) for v in (value.median, value.low, value.high)),
        words.unit(value.unit).strip() or "-",
    )


def draw(stored: Stored) -> Html:
    """A histogram of each attribute."""
    found = {key: values for key in SHOWN if len(values := finite(stored, key))}
    with drawing(9.2, 2.5) as page:
        for axes, (key, values) in zip(
            page.subplots(1, len(found), squeeze=False).flat, found.items(), strict=True
        ):
            watermark(axes)
            histogram(axes, values, logarithmic=key == "cd3_per_kg" and bool((values > 0).all()))
            axes.set_title(words.LOT[key], fontsize=9.5)
            axes.set_xlabel(SHOWN[key])
        return as_svg(
            page, "lot-plot", "Attributes of the virtual lots", "Histograms; the table gives the medians."
        )


def finite(stored: Stored, key: str) -> Any:
    """Values of an attribute; what depends on the dose stands with the patients of the last arm."""
    import numpy as np

    values = stored.column("lots", key)
    if not values.size:
        values = stored.column("patients", key, arm=stored.study.arms[-1].name)
    return values[np.isfinite(values)]


def histogram(axes: Any, values: Any, logarithmic: bool) -> None:
    """Counts of lots without an axis of their own: the shape is what is looked at."""
    import numpy as np

    bins = (
        np.geomspace(values.min(), values.max() * (1 + 1e-9), 26)
        if logarithmic
        else np.histogram_bin_edges(values, 25)
    )
    axes.hist(values, bins=bins.tolist(), color=TREATED[0].colour, alpha=0.75)
    axes.axvline(float(np.median(values)), color=INK, linewidth=1.4)
    if logarithmic:
        axes.set_xscale("log")
    axes.set_yticks([])
    axes.minorticks_off()
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)
