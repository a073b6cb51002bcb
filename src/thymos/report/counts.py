"""Counts of each lineage on the days of the protocol, by arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.element import Html, join, named, table, tag

if TYPE_CHECKING:
    from thymos.io.summary_schema import Quantity
    from thymos.report.stored import Stored

MONTH_6 = 180


def counts(stored: Stored) -> Html:
    """Median and 95 % of patients on the days of the protocol."""
    arms = stored.summary.arms
    days = sorted({int(day) for arm in arms for by_day in arm.counts.values() for day in by_day})
    body: list[tuple[str, ...]] = []
    for lineage in (name for name in words.COUNTED if name in arms[0].counts):
        body.append((words.COUNTED[lineage],))
        body.extend(
            (named(i, arm), *(cell(arm.counts[lineage].get(str(day))) for day in days))
            for i, arm in enumerate(arms)
        )
    body.append(("sjTREC [copies/µL], at 6 months",))
    body.extend(
        (named(i, arm), *(cell(arm.trec_month6) if day == MONTH_6 else "" for day in days))
        for i, arm in enumerate(arms)
    )
    head = ("Cells/µL", *(words.day_name(day) for day in days))
    return table("Counts on the days of the protocol: median (95% of patients)", head, body, class_="dense")


def cell(value: Quantity | None) -> Html:
    """Median above its interval."""
    if value is None:
        return Html("")
    interval = words.ends(value.low, value.high, words.cells)
    return join((words.cells(value.median), tag("span", f"({interval})", class_="ci")))
