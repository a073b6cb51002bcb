"""Which assumptions carry the result: each moved alone between its limits, the strongest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.canvas import as_svg, drawing, watermark
from thymos.report.element import Html, figure, join, paragraph, section, table, tag
from thymos.report.palette import INK, SOFT, TREATED, TWIN

if TYPE_CHECKING:
    from thymos.io.summary_schema import Assumption
    from thymos.report.stored import Stored

MOST = 12
ARROWS = {"raises": "raises the benefit", "lowers": "lowers the benefit", "none": "no effect"}


def tornado(stored: Stored) -> Html:
    """The section: a ranked picture, then what each assumption is."""
    found = stored.summary.assumptions
    title = "Assumptions that carry the result"
    if not found:
        return section("assumptions", title, paragraph("No sensitivity was computed in this run."))
    watched = words.endpoint(found[0].endpoint)
    lead = (
        f"The benefit in “{watched}” when one assumption alone moves from its lower to its upper limit (or "
        "from one choice to the other). A wide bar is a question for the next experiment."
    )
    head = ("Assumption", "Moved from → to", "Benefit", "Effect", "Grade", "Source")
    numbers = table(
        "Assumptions, ranked by the width of their effect", head, [row(a) for a in found], class_="dense"
    )
    caption = (
        "Filled: benefit with the assumption at its upper limit (or second choice); hollow: at its lower (or "
        "first). Dashed line: the benefit of this run."
    )
    return section(
        "assumptions", title, paragraph(lead), figure(draw(stored, found[:MOST]), caption), numbers
    )


def row(assumption: Assumption) -> tuple[str, ...]:
    """One line of the table."""
    name = join((words.spoken(assumption.name), tag("span", assumption.text, class_="meaning")))
    start, end = (words.value_or_name(value) for value in (assumption.from_, assumption.to))
    limits = f"{start} → {end}{words.unit(assumption.unit)}"
    benefits = (effect(assumption, value) for value in (assumption.effect_low, assumption.effect_high))
    return (
        name,
        limits,
        " → ".join(benefits),
        ARROWS[assumption.direction],
        assumption.grade,
        assumption.source,
    )


def effect(assumption: Assumption, value: float) -> str:
    """A benefit in the unit of its endpoint."""
    if assumption.effect_unit in words.SHARES:
        return words.points(value)
    plus = "+" if value > 0 else ""
    return plus + words.number(value) + words.unit(assumption.effect_unit)


def draw(stored: Stored, found: list[Assumption]) -> Html:
    """Bars around no benefit, widest on top."""
    scale = 100 if found[0].effect_unit in words.SHARES else 1
    with drawing(9.2, 0.62 + 0.36 * len(found)) as page:
        axes = page.subplots()
        watermark(axes)
        axes.axvline(0, color=INK, linewidth=1)
        middle = stored.summary.difference.get(found[0].endpoint)
        if middle is not None and middle.median is not None:
            axes.axvline(scale * middle.median, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        for i, assumption in enumerate(found):
            low, high = scale * assumption.effect_low, scale * assumption.effect_high
            colour = TWIN.colour if assumption.direction == "lowers" else TREATED[0].colour
            axes.plot([low, high], [i, i], color=colour, linewidth=7, alpha=0.35, solid_capstyle="butt")
            axes.plot(
                [low],
                [i],
                "o",
                markersize=7,
                markerfacecolor="white",
                markeredgecolor=colour,
                markeredgewidth=1.8,
            )
            axes.plot([high], [i], "o", markersize=7.5, color=colour)
        names = [f"{words.spoken(a.name)} ({a.grade})" for a in found]
        axes.set_yticks(range(len(found)), names, color=INK)
        axes.set_ylim(len(found) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        unit = words.axis(found[0].effect_unit)
        axes.set_xlabel(f"benefit: {words.endpoint(found[0].endpoint)} [{unit}]", color=SOFT)
        return as_svg(
            page, "tornado-plot", "Assumptions that carry the result", "The table below gives the numbers."
        )
