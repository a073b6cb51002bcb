"""Matplotlib figures as SVG inside a page: no font file, no fixed size, names that do not collide."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from thymos.io.atomic import check_place, write_atomically
from thymos.lang.errors import StudyError
from thymos.report.element import Html
from thymos.report.palette import INK, RULE, SOFT, styles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from thymos.io.summary_schema import Arm

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "svg.hashsalt": "thymos",  # the same run gives the same file
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titlecolor": INK,
    "axes.titleweight": "bold",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.solid_capstyle": "round",
}
VISITS = (0, 30, 60, 100, 180, 365, 730)


@contextmanager
def drawing(width: float, height: float) -> Iterator[Any]:
    """A new figure of so many inches, in the style of the report."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(SETTINGS):
        yield Figure(figsize=(width, height), layout="constrained")


def panels(figure: Any, count: int, columns: int, **options: Any) -> list[Any]:
    """`count` axes in rows of `columns`; the places that the last row has left stay empty.

    options : of matplotlib's `subplots`
    """
    grid = list(figure.subplots(-(-count // columns), columns, squeeze=False, **options).flat)
    for empty in grid[count:]:
        empty.set_axis_off()
    return grid[:count]


PICTURES = ("png", "svg", "pdf")


def picture_kind(path: Path) -> str:
    """Which picture a file name asks for; raises `StudyError` for another ending."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in PICTURES:
        raise StudyError("a picture", f"a name that ends in {', '.join(PICTURES)}", str(path))
    check_place(path)
    return kind


def save(figure: Any, path: Path, title: str) -> None:
    """Write a figure as the picture its file name asks for, whole or not at all.

    title : what the picture shows, for programs that read it aloud
    """
    out, kind = io.BytesIO(), picture_kind(path)
    # Without a date, so that the same numbers give the same file.
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[kind]
    figure.savefig(out, format=kind, dpi=160, metadata={"Title": title, **undated})
    write_atomically(path, lambda file: file.write(out.getvalue()))


def watermark(axes: Any) -> None:
    """The word SIMULATED behind the data: a figure that is cut out keeps it."""
    box = axes.get_window_extent()
    word = axes.text(
        0.5, 0.5, "SIMULATED", transform=axes.transAxes, ha="center", va="center", clip_on=True,
        fontsize=min(box.width / 11, box.height / 3), color="#eef1f4", zorder=0, weight="bold",
    )  # fmt: skip
    word.set_in_layout(False)


def as_svg(figure: Any, name: str, title: str, description: str) -> Html:
    """The figure as inline SVG with a title and a description for those who cannot see it."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    size = re.search(r'viewBox="([^"]+)"', text)
    assert size is not None, "matplotlib always writes a viewBox"  # noqa: S101
    body = text[text.index(">") + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # Several figures share one page, and matplotlib numbers its elements from 1 in each.
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font: ([^;\"]*?)px '[^;\"]*", r"font: \g<1>px var(--sans)", body)
    body = re.sub(r"font-family: [^;\"]*", "font-family: var(--sans)", body)
    opening = (
        f'<svg viewBox="{size[1]}" role="img" aria-labelledby="{name}-t {name}-d" class="plot">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
    )
    return Html(opening + body)


def time_axis(axes: Any, last: float) -> None:
    """Days after transplant on a square-root scale, so that the first hundred days can be seen."""
    import numpy as np

    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), lambda y: np.square(y)))
    crowded = axes.get_window_extent().width < 300
    ticks = [day for day in VISITS if day <= last and not (crowded and day in (60, 180))]
    axes.set_xticks(ticks, [str(day) for day in ticks])
    axes.set_xlim(0, last)


def count_axis(axes: Any, low: float, high: float) -> None:
    """A logarithmic axis with plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(LogLocator(10))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    )
    axes.yaxis.set_minor_locator(NullLocator())


def arm_lines(arms: list[Arm]) -> list[Any]:
    """Legend entries of the arms."""
    from matplotlib.lines import Line2D

    shown = styles([arm.name for arm in arms])
    return [
        Line2D([], [], color=shown[a.name].colour, linestyle=shown[a.name].line, linewidth=2.2, label=a.title)
        for a in arms
    ]
