"""Spectratypes: how long the CDR3 are in each V family, as a small histogram for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report.palette import INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.report.palette import Style

SHORTEST, LONGEST = 8, 21
"""Residues between which a histogram is drawn; longer and shorter ones are few."""
ALARM = "#b3261e"


def compose(
    grid: Sequence[Any], columns: int, samples: Sequence[dict[str, Any]], shown: Sequence[Style]
) -> None:
    """One panel for each family of the first sample: bars for it, a line for each further sample.

    grid    : axes in rows of `columns`, at least as many as families
    samples : each with `families`: `name`, `cells`, `lengths` (residues), `shares` (of the family's cells), `normal`,
              and `reference`, the shares of a healthy repertoire at the same lengths, or None
    shown   : a style for each sample
    """
    first = samples[0]["families"]
    most = max((max(family["shares"], default=0) for family in first), default=0)
    for axes, family in zip(grid, first, strict=False):
        _bars(axes, family, shown[0].colour)
        for sample, style in zip(samples[1:], shown[1:], strict=True):
            other = next((one for one in sample["families"] if one["name"] == family["name"]), None)
            if other is not None:
                axes.step(
                    other["lengths"],
                    other["shares"],
                    where="mid",
                    color=style.colour,
                    linestyle=style.line,
                    linewidth=1.3,
                )
        _frame(axes, family, max(0.4, min(1.0, 1.12 * most)))
    for i, axes in enumerate(grid[len(first) :], start=len(first)):
        axes.set_axis_off()
        grid[i - columns].tick_params(labelbottom=True)  # nothing below it carries the labels


def _bars(axes: Any, family: dict[str, Any], colour: str) -> None:
    axes.bar(family["lengths"], family["shares"], width=0.82, color=colour, linewidth=0, zorder=2)
    if family["reference"]:
        axes.step(family["lengths"], family["reference"], where="mid", color=INK, linewidth=0.9, zorder=3)


def _frame(axes: Any, family: dict[str, Any], top: float) -> None:
    axes.set_xlim(SHORTEST - 0.5, LONGEST + 0.5)
    axes.set_ylim(0, top)
    axes.set_xticks((9, 12, 15, 18, 21))
    axes.set_yticks((0, 0.2, 0.4) if top < 0.6 else (0, 0.5, 1))
    axes.tick_params(labelsize=6.5, length=2)
    axes.grid(visible=False)
    axes.label_outer()
    axes.set_title(family["name"].replace("TRBV", "BV"), fontsize=8, pad=2)
    said = "no cell" if not family["cells"] else "" if family["normal"] else "skewed"
    if said:
        axes.set_title(said, loc="right", fontsize=7, weight="normal", color=ALARM, pad=2)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(ALARM)


def handles(samples: Sequence[str], shown: Sequence[Style], reference: str) -> list[Any]:
    """Entries of a legend: each sample, and what the thin line is."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries: list[Any] = [Patch(color=shown[0].colour, linewidth=0, label=samples[0])]
    entries += [
        Line2D([], [], color=style.colour, linestyle=style.line, label=name)
        for name, style in zip(samples[1:], shown[1:], strict=True)
    ]
    if reference:
        entries.append(Line2D([], [], color=INK, linewidth=0.9, label=reference))
    return entries
