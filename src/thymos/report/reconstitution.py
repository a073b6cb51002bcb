"""Counts after transplant, by arm: the median patient, where most patients lie, and healthy people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import arm_lines, as_svg, count_axis, drawing, panels, time_axis, watermark
from thymos.report.counts import counts
from thymos.report.element import Html, figure, folded, paragraph, section, table, tag
from thymos.report.palette import INK, REFERENCE, SOFT, styles

if TYPE_CHECKING:
    from thymos.report.stored import Stored

THRESHOLDS = ((50, "50/µL: early recovery"), (200, "200/µL: infection risk falls"))
LIMITS = {"trec": (0.1, 1000.0)}
USUAL = (1.0, 10_000.0)
OTHERS = ("cd3", "cd8", "cd19", "nk", "trec")


def reconstitution(stored: Stored) -> Html:
    """The section: CD4 large, the other lineages small, then the numbers."""
    band = stored.summary.reference_band
    caption = (
        "CD4+ T cells in blood. Line: median patient; dark band: middle half of the patients; light "
        "band: 95% of them (predictive: donors, patients, uncertain values). Hatched: healthy people of "
        "the same age. Square-root time scale."
    )
    small = (
        "The other lineages, drawn alike. sjTREC counts recent thymic emigrants and has no reference band."
    )
    source = tag("p", f"Healthy people of the same age: {band.source}", class_="fine")
    return section(
        "reconstitution",
        "Immune reconstitution",
        paragraph(cd4_sentence(stored), class_="lead"),
        figure(draw(stored, ("cd4",), (9.2, 4.3)), caption, source, curve_table(stored, "cd4")),
        figure(draw(stored, OTHERS, (9.2, 5.4)), small, *(curve_table(stored, name) for name in OTHERS)),
        counts(stored),
    )


def cd4_sentence(stored: Stored) -> str:
    """CD4 recovery of each arm in one sentence."""
    parts = [
        f"{words.proportion(arm.cd4_ir_day100)} with {arm.title}; "
        f"median day above 200/µL: {words.quantity(arm.day_cd4_200)}"
        for arm in stored.summary.arms
    ]
    return f"CD4 above 50/µL on two consecutive visits by day 100: {'. '.join(parts)}."


def draw(stored: Stored, lineages: tuple[str, ...], size: tuple[float, float]) -> Html:
    """One panel for each lineage."""
    with drawing(*size) as page:
        for axes, lineage in zip(panels(page, len(lineages), min(3, len(lineages))), lineages, strict=True):
            panel(stored, axes, lineage)
        names = styles([arm.name for arm in stored.summary.arms])
        if len(lineages) > 1:
            key(page.axes[-1], stored, "center left")
        title = f"{', '.join(words.LINEAGES[name] for name in lineages)} after transplant, by arm"
        return as_svg(
            page, f"curves-{lineages[0]}", title, f"Curves of {len(names)} arms; the tables give the numbers."
        )


def panel(stored: Stored, axes: Any, lineage: str) -> None:
    """Bands and medians of one lineage."""
    watermark(axes)
    reference(stored, axes, lineage)
    last = 1.0
    for arm, style in styles([arm.name for arm in stored.summary.arms]).items():
        rows = stored.rows("curves", arm=arm, lineage=lineage)
        if not rows:
            continue
        day, floor = rows["day"], LIMITS.get(lineage, USUAL)[0] / 10
        at = {q: [max(v, floor) for v in rows[q]] for q in ("q025", "q25", "q50", "q75", "q975")}
        axes.fill_between(day, at["q025"], at["q975"], color=style.colour, alpha=0.06, linewidth=0)
        for edge in ("q025", "q975"):  # edges keep apart two bands that lie on each other
            axes.plot(day, at[edge], color=style.colour, linestyle=style.line, linewidth=0.7, alpha=0.7)
        axes.fill_between(day, at["q25"], at["q75"], color=style.colour, alpha=0.2, linewidth=0)
        axes.plot(day, at["q50"], color=style.colour, linestyle=style.line, linewidth=2.2, zorder=style.above)
        last = max(last, *day)
    count_axis(axes, *LIMITS.get(lineage, USUAL))
    time_axis(axes, max(last, min(stored.study.follow_up, 731)))
    axes.set_title(words.LINEAGES[lineage])
    axes.set_ylabel("copies/µL" if lineage == "trec" else "cells/µL")
    axes.set_xlabel("days after transplant")
    if lineage == "cd4":
        thresholds(axes, last)
        key(axes, stored, "lower right")


def reference(stored: Stored, axes: Any, lineage: str) -> None:
    """Healthy people of the same age, behind the patients."""
    points = stored.summary.reference_band.lineages.get(lineage, [])
    if not points:
        return
    day = [point.day for point in points]
    axes.fill_between(
        day, [p.low for p in points], [p.high for p in points],
        facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, alpha=0.45,
    )  # fmt: skip
    axes.plot(day, [point.median for point in points], color=REFERENCE, linewidth=1.2)


def thresholds(axes: Any, last: float) -> None:
    """The two counts at which clinicians look."""
    for level, text in THRESHOLDS:
        axes.axhline(level, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
        axes.annotate(
            text,
            (last, level),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            fontsize=8.5,
            color=SOFT,
        )


def key(axes: Any, stored: Stored, place: str) -> None:
    """Which line is which arm."""
    from matplotlib.patches import Patch

    band = Patch(facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, label="healthy, same age")
    axes.legend(handles=[*arm_lines(stored.summary.arms), band], loc=place, frameon=False, fontsize=9.2)


def curve_table(stored: Stored, lineage: str) -> Html:
    """The numbers behind one panel."""
    body = []
    for arm in stored.summary.arms:
        rows = stored.rows("curves", arm=arm.name, lineage=lineage)
        for i, day in enumerate(rows.get("day", [])):
            cells = (words.cells(rows[q][i]) for q in ("q025", "q25", "q50", "q75", "q975"))
            body.append((arm.title, f"{day:g}", *cells))
    head = ("Arm", "Day", "2.5%", "25%", "Median", "75%", "97.5%")
    unit = "copies/µL" if lineage == "trec" else "cells/µL"
    title = f"{words.LINEAGES[lineage]}: numbers behind the curves"
    return folded(title, table(f"{words.LINEAGES[lineage]} [{unit}], share of patients below", head, body))
