"""Counts after transplant, by arm: the median patient, where most patients lie, and healthy people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import as_svg, count_axis, drawing, time_axis, watermark
from thymos.report.element import Html, figure, folded, join, named, paragraph, section, table, tag
from thymos.report.palette import INK, REFERENCE, SOFT, styles

if TYPE_CHECKING:
    from thymos.io.summary_schema import Quantity
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
        f"band: 95% of them (predictive: donors, patients, uncertain values). Grey: {band.source}. "
        "Square-root time scale."
    )
    small = (
        "The other lineages, drawn alike. sjTREC counts recent thymic emigrants and has no reference band."
    )
    return section(
        "reconstitution",
        "Immune reconstitution",
        paragraph(cd4_sentence(stored), class_="lead"),
        figure(draw(stored, ("cd4",), (9.2, 4.3)), caption, curve_table(stored, "cd4")),
        figure(draw(stored, OTHERS, (9.2, 5.4)), small, *(curve_table(stored, name) for name in OTHERS)),
        counts_table(stored),
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
    columns = min(3, len(lineages))
    with drawing(*size) as page:
        grid = page.subplots(-(-len(lineages) // columns), columns, squeeze=False)
        for axes, lineage in zip(grid.flat, lineages, strict=False):
            panel(stored, axes, lineage)
        for empty in list(grid.flat)[len(lineages) :]:
            empty.set_axis_off()
        names = styles([arm.name for arm in stored.summary.arms])
        if len(lineages) > 1:
            key(list(grid.flat)[-1], stored)
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
        axes.plot(day, at["q50"], color=style.colour, linestyle=style.line, linewidth=2.2)
        last = max(last, *day)
    count_axis(axes, *LIMITS.get(lineage, USUAL))
    time_axis(axes, max(last, min(stored.study.follow_up, 731)))
    axes.set_title(words.LINEAGES[lineage])
    axes.set_ylabel("copies/µL" if lineage == "trec" else "cells/µL")
    axes.set_xlabel("days after transplant")
    if lineage == "cd4":
        thresholds(axes, last)
        labels(stored, axes)


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


def labels(stored: Stored, axes: Any) -> None:
    """Which line is which arm, beside the large panel."""
    axes.legend(
        handles=handles(stored), loc="lower right", frameon=False, fontsize=9, bbox_to_anchor=(1.0, 0.0)
    )


def key(axes: Any, stored: Stored) -> None:
    """Which line is which arm, in the empty place of the small panels."""
    axes.legend(handles=handles(stored), loc="center left", frameon=False, fontsize=9.5)


def handles(stored: Stored) -> list[Any]:
    """Legend entries: the arms, then the reference."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown = styles([arm.name for arm in stored.summary.arms])
    lines: list[Any] = [
        Line2D([], [], color=shown[a.name].colour, linestyle=shown[a.name].line, linewidth=2.2, label=a.title)
        for a in stored.summary.arms
    ]
    band = Patch(facecolor="none", edgecolor=REFERENCE, hatch="////", linewidth=0, label="healthy, same age")
    return [*lines, band]


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


def counts_table(stored: Stored) -> Html:
    """Median and 95 % of patients on the days of the protocol."""
    arms = stored.summary.arms
    days = sorted({int(day) for arm in arms for by_day in arm.counts.values() for day in by_day})
    body: list[tuple[str, ...]] = []
    for lineage in (name for name in words.LINEAGES if name in arms[0].counts):
        body.append((words.LINEAGES[lineage],))
        body.extend(
            (named(i, arm), *(cell(arm.counts[lineage].get(str(day))) for day in days))
            for i, arm in enumerate(arms)
        )
    head = ("Cells/µL", *(words.day_name(day) for day in days))
    numbers = table(
        "Counts on the days of the protocol: median (95% of patients)", head, body, class_="dense"
    )
    trec = [(named(i, arm), cell(arm.trec_month6)) for i, arm in enumerate(arms)]
    return join(
        (numbers, table("sjTREC at 6 months [copies/µL]: median (95% of patients)", ("Arm", "sjTREC"), trec))
    )


def cell(value: Quantity | None) -> Html:
    """Median above its interval."""
    if value is None:
        return Html("")
    interval = words.ends(value.low, value.high, words.cells)
    return join((words.cells(value.median), tag("span", f"({interval})", class_="ci")))
