"""What happened to the patients: cumulative incidences with competing risks, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import arm_lines, as_svg, drawing, watermark
from thymos.report.element import Html, figure, folded, named, section, table
from thymos.report.palette import SOFT, styles

if TYPE_CHECKING:
    from thymos.report.stored import Stored

MONTH = 30.4375
LEAST = 0.05
"""Height of a panel in which hardly anything happens."""


def incidences(stored: Stored) -> Html:
    """The section: one panel for each event, then the numbers."""
    caption = (
        "Cumulative incidence with death (and, where it applies, relapse) as competing event; overall "
        "survival is the share alive. Line and 95% interval. Scales differ between panels."
    )
    return section(
        "outcomes", "Outcomes", figure(draw(stored), caption, behind(stored)), summary_table(stored)
    )


def draw(stored: Stored) -> Html:
    """Six small panels."""
    with drawing(9.2, 5.5) as page:
        lines = arm_lines(stored.summary.arms)
        page.legend(handles=lines, loc="outside upper left", ncols=len(lines), frameon=False, fontsize=9.2)
        for axes, event in zip(page.subplots(2, 3).flat, words.EVENTS, strict=True):
            panel(stored, axes, event)
        return as_svg(
            page, "outcomes-plot", "Cumulative incidences by arm", "The table below gives the numbers."
        )


def panel(stored: Stored, axes: Any, event: str) -> None:
    """Step curves of one event."""
    watermark(axes)
    top, seen = LEAST, 0.0
    for arm, style in styles([arm.name for arm in stored.summary.arms]).items():
        rows = stored.rows("incidence", arm=arm, event=event)
        if not rows or not rows["day"]:
            continue
        month = [day / MONTH for day in rows["day"]]
        axes.fill_between(
            month, rows["low"], rows["high"], step="post", color=style.colour, alpha=0.1, linewidth=0
        )
        for edge in ("low", "high"):  # edges keep apart two bands that lie on each other
            axes.step(
                month,
                rows[edge],
                where="post",
                color=style.colour,
                linestyle=style.line,
                linewidth=0.7,
                alpha=0.7,
            )
        axes.step(
            month,
            rows["p"],
            where="post",
            color=style.colour,
            linestyle=style.line,
            linewidth=2,
            zorder=style.above,
        )
        top, seen = max(top, *rows["high"]), max(seen, *rows["p"])
    if seen == 0:
        axes.text(0.5, 0.75, "none in this run", transform=axes.transAxes, ha="center", color=SOFT)
    survival = event == "overall_survival"
    axes.set_ylim(0, 1 if survival or top > 0.6 else top * 1.25)
    axes.set_xlim(0, 24)
    axes.set_xticks([0, 3, 6, 12, 18, 24])
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.set_title(words.EVENTS[event])
    axes.set_xlabel("months after transplant")


def summary_table(stored: Stored) -> Html:
    """Incidence at 100 days, one and two years."""
    arms = stored.summary.arms
    days = sorted({int(day) for arm in arms for by_day in arm.outcomes.values() for day in by_day})
    body: list[tuple[str, ...]] = []
    for event in (name for name in words.EVENTS if name in arms[0].outcomes):
        body.append((words.EVENTS[event],))
        body.extend(
            (named(i, arm), *(words.proportion(arm.outcomes[event][str(day)]) for day in days))
            for i, arm in enumerate(arms)
        )
    n = words.count(arms[0].cd4_ir_day100.n)
    title = f"Outcomes: share of {n} virtual patients in each arm (95% interval)"
    return table(title, ("Event", *(words.day_name(day) for day in days)), body)


def behind(stored: Stored) -> Html:
    """The numbers behind the curves."""
    body = []
    for arm in stored.summary.arms:
        for event, name in words.EVENTS.items():
            rows = stored.rows("incidence", arm=arm.name, event=event)
            for i, day in enumerate(rows.get("day", [])):
                cells = (words.percent(rows[column][i]) for column in ("p", "low", "high"))
                body.append((f"{name}, {arm.title}", f"{day:g}", *cells))
    head = ("Event", "Day", "Incidence", "Low", "High")
    return folded("Numbers behind the curves", table("Cumulative incidence with 95% interval", head, body))
