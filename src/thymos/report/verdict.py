"""The answer in a box: four numbers, two sentences, and what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.element import Html, paragraph, tag
from thymos.report.tornado import effect

if TYPE_CHECKING:
    from thymos.io.summary_schema import Assumption
    from thymos.report.stored import Stored

MAIN = "cd4_ir_day100"


def verdict(stored: Stored) -> Html:
    """The box under the title."""
    boxes = [card for card in (recovery(stored), days(stored), registered(stored), survival(stored)) if card]
    return tag(
        "section",
        tag("h2", "What this run says", id="verdict-title"),
        paragraph(sentence(stored), class_="answer"),
        tag("div", *boxes, class_="cards"),
        paragraph(rests_on(stored), class_="rests"),
        id="verdict",
        aria_labelledby="verdict-title",
    )


def sentence(stored: Stored) -> str:
    """The main difference, and whether its interval leaves room for none."""
    summary = stored.summary
    difference = summary.difference.get(MAIN)
    if summary.compared is None or difference is None or difference.low is None or difference.high is None:
        return "This study has one arm; the numbers below describe it."
    arm, twin = stored.arm(summary.compared.arm), stored.arm(summary.compared.against)
    verb = "raises" if difference.low > 0 else "lowers" if difference.high < 0 else "may or may not change"
    return (
        f"In these virtual patients the product {verb} the chance of CD4 recovery by day 100: "
        f"{words.percent(arm.cd4_ir_day100.p)} against {words.percent(twin.cd4_ir_day100.p)} in their "
        f"untreated twins, a difference of {words.difference(difference)}."
    )


def rests_on(stored: Stored) -> str:
    """The assumption that moves the answer most."""
    summary = stored.summary
    if not summary.assumptions:
        return ""
    first = summary.assumptions[0]
    ends = sorted((first.effect_low, first.effect_high))
    return (
        f"The answer rests most on {words.spoken(first.name)}, {graded(first)}: within its limits the "
        f"difference in “{words.endpoint(first.endpoint)}” goes "
        f"from {effect(first, ends[0])} to {effect(first, ends[1])}."
    )


def graded(assumption: Assumption) -> str:
    """How well the assumption is known, in words."""
    return {"parameter": f"a value graded “{assumption.grade}”", "switch": "an open question"}[
        assumption.kind
    ]


def card(title: str, value: str, note: str) -> Html:
    """One number with its name above and its interval below."""
    return tag(
        "div",
        tag("div", title, class_="name"),
        tag("div", value, class_="value"),
        tag("div", note, class_="note"),
        class_="card",
    )


def recovery(stored: Stored) -> Html | None:
    """CD4 recovery of the last arm, against the first."""
    difference = stored.summary.difference.get(MAIN)
    if difference is None:
        return None
    return card(
        "CD4 recovery by day 100",
        words.points(difference.median),
        f"95%: {words.gain(difference.low)} to {words.gain(difference.high)}",
    )


def days(stored: Stored) -> Html | None:
    """How much earlier CD4 passes 200/µL."""
    difference = stored.summary.difference.get("day_cd4_200")
    if difference is None or difference.median is None:
        return None
    earlier = "earlier" if difference.median < 0 else "later"
    note = f"95%: {words.cells(difference.low)} to {words.cells(difference.high)} days"
    return card("CD4 above 200/µL", f"{words.cells(abs(difference.median))} days {earlier}", note)


def registered(stored: Stored) -> Html | None:
    """How often the registered trial would show it."""
    size = stored.summary.registered_size
    if size is None:
        return None
    value = f"{words.percent(size.power.p)} of trials"
    return card(
        f"Shown by n = {size.n}",
        value,
        f"95%: {words.proportion(size.power).partition('(')[2].removesuffix(')')}%",
    )


def survival(stored: Stored) -> Html | None:
    """Overall survival at two years."""
    difference = stored.summary.difference.get("overall_survival_day730")
    if difference is None:
        return None
    return card(
        "Survival at 2 years",
        words.points(difference.median),
        f"95%: {words.gain(difference.low)} to {words.gain(difference.high)}",
    )
