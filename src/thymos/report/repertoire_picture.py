"""Sequenced repertoires as one picture: clones by size, V genes, diversity, spectratype."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import diversity, diversity_picture, rank_abundance_picture, spectratype_picture, words
from thymos.report.canvas import drawing, picture_kind, save
from thymos.report.palette import INK, SOFT, TREATED, TWIN, Style
from thymos.report.repertoire import INDICES, NOTICE, alarm, shown_of, title, value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STYLES = (*TREATED[:1], TWIN, *TREATED[1:])
MOST = 4
"""Samples that one picture tells apart; the tables have all."""
GENES = 14
CLONES = 6
COLUMNS = 6
UPPER = 3.5
PANEL = 1.27
FRAME = {"left": 0.042, "right": 0.995, "top": 0.93, "bottom": 0.075, "hspace": 0.42, "wspace": 0.06}
"""Where the small histograms stand in their part of the picture."""


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture that the file name asks for."""
    picture_kind(path)
    with drawing(12.4, height(found)) as page:
        compose(page, found)
        save(page, path, title(found))


def height(found: dict[str, Any]) -> float:
    """Height of the picture [inch]."""
    return UPPER + 0.7 + PANEL * rows(found)


def rows(found: dict[str, Any]) -> int:
    """Rows of spectratype panels."""
    first = found["samples"][0]["spectratype"]
    return 0 if first is None else -(-len(first["families"]) // COLUMNS)


def compose(page: Any, found: dict[str, Any]) -> None:
    """All panels."""
    samples = found["samples"][:MOST]
    shown = STYLES[: len(samples)]
    lines = rows(found)
    parts = page.subfigures(2, 1, height_ratios=(UPPER, max(PANEL * lines, 0.01))) if lines else [page]
    axes = parts[0].subplots(1, 3)
    rank_abundance_picture.compose(axes[0], samples, shown)
    v_genes(axes[1], samples, shown)
    if found["expected"]:
        expected(axes[2], found, samples, shown)
    else:
        numbers(axes[2], samples, shown)
    if lines:
        spectratype(parts[1], samples, shown, found["spectratype_reference"], lines)
    page.suptitle(title(found), x=0.01, ha="left", fontsize=13, weight="bold")
    page.supxlabel(shown_of(found, MOST) + NOTICE, x=0.01, ha="left", fontsize=8, color=SOFT)


def v_genes(axes: Any, samples: Sequence[dict[str, Any]], shown: Sequence[Style]) -> None:
    """The V genes that the first sample uses most: bars for it, marks for the others."""
    from matplotlib.ticker import PercentFormatter

    names = [name for name in samples[0]["v_usage"] if name][:GENES]
    places = range(len(names))
    axes.barh(
        places, [samples[0]["v_usage"][name] for name in names], color=shown[0].colour, height=0.72, zorder=2
    )
    for sample, style in zip(samples[1:], shown[1:], strict=True):
        axes.plot(
            [sample["v_usage"].get(name, 0.0) for name in names], places, color=style.colour,
            marker=style.marker, markersize=4.5, linewidth=0, zorder=3,
        )  # fmt: skip
    axes.set_yticks(list(places), names, fontsize=7.5)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_title("V genes")
    axes.set_xlabel("share of the cells")


def numbers(axes: Any, samples: Sequence[dict[str, Any]], shown: Sequence[Style]) -> None:
    """The indices of each sample in words, in its colour."""
    axes.set_axis_off()
    axes.set_title("Diversity")
    y = 1.0
    size = 8.8 if len(samples) < 3 else 7.2
    for sample, style in zip(samples, shown, strict=True):
        _line(axes, 0, y, sample["name"][:46], fontsize=size, color=style.colour, weight="bold")
        y -= 0.011 * size * 0.95
        lines = [(INDICES[name], value(sample["indices"][name])) for name in INDICES if name != "simpson"]
        if sample["spectratype"]:
            one = sample["spectratype"]
            lines.append(("normal V families", f"{one['normal']} of {one['of']}: {alarm(one)}"))
        for text, said in lines if len(samples) < 3 else lines[1:3]:
            _line(axes, 0.01, y, text, fontsize=size - 0.6, color=SOFT)
            _line(axes, 1.0, y, said, fontsize=size - 0.6, color=INK, ha="right")
            y -= 0.0095 * size * 0.72
        y -= 0.03
    if len(samples) == 1:
        _line(axes, 0, y, "Largest clones", fontsize=size, color=INK, weight="bold")
        for clone in samples[0]["top"][:CLONES]:
            y -= 0.0095 * size * 0.72
            text = f"{clone['junction_aa'][:24]}  {clone['v_call'].partition('*')[0]}"
            _line(axes, 0.01, y, text, fontsize=size - 1.2, color=SOFT, family="DejaVu Sans Mono")
            _line(axes, 1.0, y, words.percent(clone["share"]), fontsize=size - 0.6, color=INK, ha="right")


def _line(axes: Any, x: float, y: float, text: str, **options: Any) -> None:
    axes.text(x, y, text, va="top", transform=axes.transAxes, **options).set_in_layout(False)


def expected(
    axes: Any, found: dict[str, Any], samples: Sequence[dict[str, Any]], shown: Sequence[Style]
) -> None:
    """The course that was simulated, with each sample on its day."""
    course = found["expected"]
    name = course["index"]
    diversity_picture.panel(
        axes, course["day"], {arm: {name: band} for arm, band in course["arms"].items()}, name
    )
    where = "rarefied" if found["depth"] else "indices"
    for sample, style in zip(samples, shown, strict=True):
        if sample["day"] is not None:
            axes.plot(
                sample["day"], sample[where][name]["value"], color=INK, markerfacecolor=style.colour,
                marker=style.marker, markersize=8, zorder=6,
            )  # fmt: skip
    if course.get("depth"):
        name_of = diversity.title(INDICES[name])
        axes.set_title(f"{name_of}, of {words.count(course['depth'])} cells", fontsize=8.5)
    axes.legend(
        handles=diversity_picture.legend(list(course["arms"]), course.get("titles")),
        frameon=False, fontsize=7.5, loc="lower right", title="simulated", title_fontsize=7.5,
    )  # fmt: skip


def spectratype(
    part: Any, samples: Sequence[dict[str, Any]], shown: Sequence[Style], reference: str, lines: int
) -> None:
    """The small histograms, and which mark is what."""
    grid = part.subplots(lines, COLUMNS, squeeze=False, gridspec_kw=FRAME).ravel()
    for axes in grid:
        axes.set_in_layout(False)  # placed by hand: the layout of two dozen axes takes seconds
    spectratype_picture.compose(list(grid), COLUMNS, [sample["spectratype"] for sample in samples], shown)
    part.supxlabel("CDR3 length with both ends [amino acids]", fontsize=8.5, color=SOFT)
    part.supylabel("share of the family's cells", fontsize=8.5, color=SOFT)
    names = [sample["name"] for sample in samples]
    part.legend(
        handles=spectratype_picture.handles(names, shown, reference), loc="outside upper left",
        ncols=5, frameon=False, fontsize=8.5, labelcolor=INK,
    )  # fmt: skip
