"""Predictions beside what was published, with a verdict on each."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from rich.text import Text

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from thymos.therapy.targets.target import Target


USES = {"calibrate": "fitted", "check": "checked"}


def show(rows: Sequence[tuple[Target, float]], console: Console) -> None:
    """Print every target with its prediction, then the count."""
    table = plain(
        "Predictions and published numbers", "", "predicted", "published (range)", "evidence", "", ""
    )
    for target, predicted in rows:
        verdict = Text("met", style="green") if target.met(predicted) else Text("missed", style="bold red")
        unit = words.unit(target.unit)
        published = f"{words.number(target.published)} ({words.span(target.low, target.high)})"
        shown = (words.number(predicted) + unit, published, target.evidence, USES[target.use], verdict)
        table.add_row(target.text, *shown)
    for column in (*table.columns[:3], *table.columns[4:]):
        column.no_wrap = True
    console.print(table)
    met = sum(target.met(predicted) for target, predicted in rows)
    console.print(f"\n{met} of {len(rows)} targets met. What is “checked” was not fitted, only compared.")


def as_json(target: Target, predicted: float) -> dict[str, Any]:
    """The same as an object (docs/reference/json.md)."""
    return {
        "name": target.name,
        "text": target.text,
        "predicted": predicted if isfinite(predicted) else None,
        "published": target.published,
        "low": target.low,
        "high": target.high,
        "unit": target.unit,
        "evidence": target.evidence,
        "use": target.use,
        "verdict": "met" if target.met(predicted) else "missed",
    }
