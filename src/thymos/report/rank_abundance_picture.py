"""Rank-abundance: the share of each clone against its rank, both on logarithmic axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.report.palette import Style


def compose(axes: Any, samples: Sequence[dict[str, Any]], shown: Sequence[Style]) -> None:
    """A line for each sample; `rank` with `rank` and `share` (of the cells), from the largest clone on."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    for sample, style in zip(samples, shown, strict=True):
        curve = sample["rank"]
        axes.plot(
            curve["rank"], curve["share"], color=style.colour, linestyle=style.line, linewidth=1.8,
            marker=style.marker if len(curve["rank"]) == 1 else None, zorder=style.above,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(LogLocator(10, numticks=8))
    axes.yaxis.set_major_locator(LogLocator(10, numticks=8))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.set_title("Clones by size")
    axes.set_xlabel("rank of the clone")
    axes.set_ylabel("share of the cells")
