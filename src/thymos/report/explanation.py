"""A parameter, shown: its row, its source, and the equations in which it acts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rich.text import Text

from thymos.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from thymos.evidence.explain import Explanation


def show(
    found: list[Explanation],
    console: Console,
    learnt: Mapping[str, tuple[float, float]] = MappingProxyType({}),
) -> None:
    """Print each parameter of that name.

    learnt : 95 % interval given published patients, by full name
    """
    for explanation in found:
        value = explanation.value
        low, high = value.interval
        console.print(Text(f"{value.name} = {value.value:g} {value.unit}".rstrip(), style="bold"))
        console.print(f"{value.text} ({explanation.model})\n")
        table = plain("")
        table.show_header = False
        table.add_column()
        table.add_column()
        table.add_row(
            "95% of what the typical value may be", f"{low:.3g} to {high:.3g} {value.unit}".rstrip()
        )
        if value.name in learnt:
            below, above = learnt[value.name]
            table.add_row(
                "the same, given published patients", f"{below:.3g} to {above:.3g} {value.unit}".rstrip()
            )
        if value.range:
            table.add_row("limits in a fit", f"{value.range[0]:g} to {value.range[1]:g}")
        table.add_row("uncertainty", str(value.uncertainty))
        table.add_row("between people", str(value.variability))
        table.add_row("grade", str(value.grade))
        table.add_row("source", explanation.reference)
        table.add_row("where", value.where)
        if value.reason:
            table.add_row("reason", value.reason)
        console.print(table)
        if explanation.uses:  # an assay has values and no transitions
            console.print("\nIt acts in")
        for use in explanation.uses:
            console.print(f"  {use.kind} “{use.name}”:  {use.expression}", markup=False)
        console.print()


def as_json(
    explanation: Explanation, learnt: Mapping[str, tuple[float, float]] = MappingProxyType({})
) -> dict[str, Any]:
    """The same as an object (docs/reference/json.md)."""
    value = explanation.value
    low, high = value.interval
    known = learnt.get(value.name)
    return {
        "name": value.name,
        "model": explanation.model,
        "text": value.text,
        "value": value.value,
        "low": low,
        "high": high,
        "learnt": None if known is None else {"low": known[0], "high": known[1]},
        "unit": value.unit,
        "uncertainty": str(value.uncertainty),
        "variability": str(value.variability),
        "grade": str(value.grade),
        "source": value.source,
        "reference": explanation.reference,
        "where": value.where,
        "reason": value.reason,
        "uses": [
            {"kind": use.kind, "name": use.name, "expression": use.expression, "latex": use.latex}
            for use in explanation.uses
        ],
    }
