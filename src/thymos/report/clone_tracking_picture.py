"""Clone tracking: the shares of the largest clones over time, stacked; all others make up the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.lang.errors import StudyError
from thymos.report.canvas import drawing, picture_kind, save, time_axis
from thymos.report.palette import INK, SOFT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#5a6672")
"""Those of Okabe and Ito, neighbours told apart in grey as well; further clones begin again, hatched."""
MOST = 16


def draw(
    times: Sequence[float] | Sequence[str], shares: ArrayLike, clones: Sequence[str], path: Path, title: str
) -> None:
    """Write the picture that the file name asks for.

    times  : days after transplant, or names of samples in their order (time,)
    shares : of all cells (clone, time), at most `MOST` clones
    clones : what they are called (clone,)
    """
    picture_kind(path)
    with drawing(9.4, 4.6) as page:
        compose(page.subplots(), times, shares, clones)
        page.suptitle(title, x=0.01, ha="left", fontsize=12, weight="bold")
        save(page, path, title)


def compose(
    axes: Any, times: Sequence[float] | Sequence[str], shares: ArrayLike, clones: Sequence[str]
) -> None:
    """The stacked areas, with a legend beside them in the order of the stack."""
    import numpy as np

    part = np.asarray(shares, dtype=np.float64)
    if part.shape != (len(clones), len(times)) or not 1 <= len(clones) <= MOST:
        raise StudyError("clone tracking", f"shares of 1 to {MOST} clones at each time", f"{part.shape}")
    named = any(isinstance(time, str) for time in times)
    x = np.arange(len(times)) if named else np.asarray(times, dtype=np.float64)
    if len(x) == 1:  # an area needs two edges
        x, part = np.array([x[0] - 0.3, x[0] + 0.3]), np.repeat(part, 2, axis=1)
    areas = axes.stackplot(x, part, colors=_colours(len(clones)), edgecolor="white", linewidth=0.6, zorder=2)
    for i, area in enumerate(areas):
        if i >= len(COLOURS):
            area.set_hatch("///")
    if not named and len(times) > 1:
        time_axis(axes, float(x[-1]))
        axes.set_xlim(float(x[0]), float(x[-1]))
        axes.set_xlabel("days after transplant")
    else:
        axes.set_xticks(range(len(times)), [str(time) for time in times])
        axes.set_xlim(x[0], x[-1])
    _shares(axes, float(part.sum(axis=0).max()))
    axes.legend(
        areas[::-1], list(clones)[::-1], loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False,
        fontsize=7.5, prop={"family": "DejaVu Sans Mono", "size": 7.5}, title=f"the {len(clones)} largest",
        title_fontproperties={"size": 8.5},
    )  # fmt: skip


def _colours(number: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(number)]


def _shares(axes: Any, top: float) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_ylim(0, min(1.0, 1.08 * top) if top else 1.0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
    axes.set_ylabel("share of all cells", color=SOFT)
    axes.tick_params(labelcolor=INK)
