"""The whole chain in one picture, from graft to outcome, with this run's medians on it."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.element import Html, figure, join, section, tag
from thymos.report.palette import styles

if TYPE_CHECKING:
    from collections.abc import Callable

    from thymos.io.summary_schema import Arm
    from thymos.report.stored import Stored

WIDTH, STEP, TOP = 980, 140, 34
Line = tuple[str, str]
"""Text and class of one line under a station."""


def chain(stored: Stored) -> Html:
    """The section with the picture."""
    arms = (tag("span", arm.title, class_=f"arm{i} named") for i, arm in enumerate(stored.summary.arms))
    caption = join(
        ("Medians of this run. Where numbers stand above each other: ", join(arms, ", then "), ".")
    )
    return section("chain", "The chain in one picture", figure(picture(stored), caption))


def picture(stored: Stored) -> Html:
    """Seven stations on one line."""
    stations = (
        ("graft", "Graft", graft(stored)),
        ("culture", "Culture", culture(stored)),
        ("lot", "Lot", lot(stored)),
        ("dose", "Dose", dose(stored)),
        (
            "thymus",
            "Thymus",
            by_arm(stored, "sjTREC/µL, 6 months", lambda arm: words.cells(arm.trec_month6.median)),
        ),
        (
            "counts",
            "Counts",
            by_arm(stored, "CD4/µL, day 100", lambda arm: words.cells(arm.counts["cd4"]["100"].median)),
        ),
        ("outcome", "Outcome", by_arm(stored, "alive at 2 years", alive)),
    )
    icons = Html((resources.files("thymos.report") / "icons.svg").read_text(encoding="utf-8"))
    drawn = [station(i, *parts) for i, parts in enumerate(stations)]
    arrows = [arrow(i) for i in range(len(stations) - 1)]
    title = "Chain of the model: graft, culture, lot, dose, thymus, counts, outcome"
    described = "; ".join(f"{name}: {', '.join(text for text, _ in lines)}" for _, name, lines in stations)
    mark = tag("text", "SIMULATED", x=WIDTH / 2, y=78, class_="mark")
    names = (tag("title", title, id="chain-t"), tag("desc", described, id="chain-d"))
    return tag(
        "svg", *names, icons, mark, *arrows, *drawn,
        viewBox=f"0 0 {WIDTH} 196", role="img", class_="chain", aria_labelledby="chain-t chain-d",
    )  # fmt: skip


def station(i: int, icon: str, name: str, lines: list[Line]) -> Html:
    """Icon, name and numbers of one station."""
    x = STEP * i + STEP / 2
    symbol = tag("use", href=f"#icon-{icon}", x=x, y=TOP + 10, class_="icon")
    texts = [
        tag("text", text, x=x, y=130 + 17 * row, class_=class_) for row, (text, class_) in enumerate(lines)
    ]
    return tag("g", symbol, tag("text", name, x=x, y=104, class_="station"), *texts)


def arrow(i: int) -> Html:
    """From one station to the next."""
    x = STEP * (i + 1)
    return Html(f'<path class="arrow" d="M{x - 18} {TOP + 10}h32m-7 -5l7 5l-7 5"/>')


def graft(stored: Stored) -> list[Line]:
    """Where the cells come from."""
    study = stored.study
    return [(words.GRAFTS[study.graft.source], "plain"), (words.GRAFTS[study.graft.depletion], "faint")]


def culture(stored: Stored) -> list[Line]:
    """What they are grown on, and for how long."""
    recipe = stored.study.culture
    return [
        (f"{recipe.days:g} days", "strong"),
        (f"DL4 {recipe.dl4:g} µg/mL", "plain"),
        (f"TNF {recipe.tnf:g} ng/mL", "faint"),
    ]


def lot(stored: Stored) -> list[Line]:
    """What comes out."""
    found = stored.summary.lot
    return [
        (f"{words.number(found['fold'].median)}-fold", "strong"),
        (f"{words.number(found['cd7_percent'].median, 2)}% CD7+CD3\u2212", "plain"),
    ]


def dose(stored: Stored) -> list[Line]:
    """What is given, when, and what comes with it."""
    arm = stored.study.arms[-1]
    when = f"day {arm.day.low:g} to {arm.day.high:g}" if arm.day and arm.day.low < arm.day.high else ""
    when = when or (f"day {arm.day.low:g}" if arm.day else "not given")
    carried = stored.summary.lot.get("cd3_per_kg")
    rest = [(f"CD3+ {words.number(carried.median, 2)}/kg", "faint")] if carried else []
    return [(f"{words.number(arm.dose)}/kg", "strong"), (when, "plain"), *rest]


def by_arm(stored: Stored, label: str, value: Callable[[Arm], str]) -> list[Line]:
    """One number for each arm, then what it is."""
    order = list(styles([arm.name for arm in stored.summary.arms]))
    lines = [(value(arm), f"strong arm{order.index(arm.name)}") for arm in stored.summary.arms[:3]]
    return [*lines, (label, "faint")]


def alive(arm: Arm) -> str:
    """Two-year survival of one arm."""
    return words.percent(arm.outcomes["overall_survival"]["730"].p)
