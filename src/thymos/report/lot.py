"""The lot: what came out of the culture, over donors."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    n = words.count(len(stored.rows("lots").get("fold", [])))
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
    """Four histograms."""
    import numpy as np

    rows = stored.rows("lots")
    with drawing(9.2, 2.5) as page:
        for axes, (key, label) in zip(page.subplots(1, 4), SHOWN.items(), strict=True):
            values = np.asarray(rows[key], dtype=float)
            values = values[np.isfinite(values)]
            watermark(axes)
            if key == "cd3_per_kg" and (values > 0).any():
                low, high = np.log10(values[values > 0].min()), np.log10(values.max())
                axes.hist(
                    values,
                    bins=np.logspace(low, high + 1e-9, 25).tolist(),
                    color=TREATED[0].colour,
                    alpha=0.75,
                )
                axes.set_xscale("log")
            else:
                axes.hist(values, bins=25, color=TREATED[0].colour, alpha=0.75)
            axes.axvline(float(np.median(values)), color=INK, linewidth=1.4)
            axes.set_title(words.LOT[key], fontsize=9.5)
            axes.set_xlabel(label)
            axes.set_yticks([])
            axes.minorticks_off()
            axes.spines["left"].set_visible(False)
            axes.grid(visible=False)
        return as_svg(
            page, "lot-plot", "Attributes of the virtual lots", "Histograms; the table gives the medians."
        )
