"""Treated minus untreated, twin by twin: the difference and its interval for every endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import as_svg, drawing, watermark
from thymos.report.element import Html, figure, folded, paragraph, section, table
from thymos.report.palette import INK, TREATED

if TYPE_CHECKING:
    from thymos.io.summary_schema import Difference
    from thymos.report.stored import Stored

HEADLINES = (
    "cd4_ir_day100",
    "agvhd_2_4_day100",
    "agvhd_3_4_day100",
    "relapse_day730",
    "serious_infection_day365",
    "nrm_day365",
    "overall_survival_day730",
    "day_cd4_200",
    "cd4_day60",
    "cd4_day100",
    "cd4_day180",
    "cd8_day100",
    "trec_month6",
)


def forest(stored: Stored) -> Html:
    """The section: one forest for each unit, then the numbers."""
    summary = stored.summary
    if summary.compared is None or not summary.difference:
        return section("difference", "Difference between twins", paragraph("This study has one arm only."))
    arm, twin = stored.arm(summary.compared.arm).title, stored.arm(summary.compared.against).title
    caption = (
        f"“{arm}” minus “{twin}”, patient by patient, with 95% interval. The vertical line is no difference."
    )
    shown = {key: summary.difference[key] for key in HEADLINES if key in summary.difference}
    rest = {key: value for key, value in summary.difference.items() if key not in shown}
    lead = "Every treated patient has an untreated twin who differs in nothing else, chance included."
    return section(
        "difference",
        "Difference between twins",
        paragraph(lead),
        figure(draw(shown), caption),
        listed(shown),
        folded(f"{len(rest)} more endpoints", listed(rest)),
    )


def listed(differences: dict[str, Difference]) -> Html:
    """Endpoints and their differences."""
    body = [(words.endpoint(key), words.difference(value)) for key, value in differences.items()]
    return table("Difference between twins (95% interval)", ("Endpoint", "Difference"), body)


def draw(differences: dict[str, Difference]) -> Html:
    """Endpoints of one unit share one axis."""
    by_unit: dict[str, dict[str, Difference]] = {}
    for key, value in differences.items():
        by_unit.setdefault(value.unit, {})[key] = value
    heights = [len(group) + 1.8 for group in by_unit.values()]
    with drawing(9.2, 0.34 * sum(heights)) as page:
        grid = page.subplots(len(by_unit), 1, squeeze=False, height_ratios=heights)
        watermark(grid.flat[0])
        for axes, (unit, group) in zip(grid.flat, by_unit.items(), strict=True):
            panel(axes, unit, group)
        return as_svg(
            page, "forest-plot", "Differences between twins", "Points with intervals; the table repeats them."
        )


def panel(axes: Any, unit: str, group: dict[str, Difference]) -> None:
    """Points and intervals of one unit."""
    scale = 100 if unit in words.SHARES else 1
    axes.axvline(0, color=INK, linewidth=1)
    for row, value in enumerate(group.values()):
        if value.median is None or value.low is None or value.high is None:
            continue
        ends = [scale * value.low, scale * value.high]
        axes.plot(ends, [row, row], color=TREATED[0].colour, linewidth=2)
        axes.plot([scale * value.median], [row], "o", color=TREATED[0].colour, markersize=6.5)
    axes.set_yticks(range(len(group)), [words.endpoint(key) for key in group], color=INK)
    axes.set_ylim(len(group) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.08)
    axes.set_xlabel(words.axis(unit))
