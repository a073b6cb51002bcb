"""Plates of few cells, shown: how wells differ, and what limiting dilution makes of those without progeny."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `thymos wells` found."""
    from thymos.io.summary_schema import Proportion, Quantity

    source = words.GRAFTS.get(found["source"], found["source"])
    console.print(f"Wells {found['protocol']}, {source}, typical donor  (simulated)", style="bold")
    volume = f"{words.number(found['volume'])} mL each, CD34+ cells in them by chance (Poisson)"
    console.print(volume + "\n", style="dim")
    heads = ("wells", "mean", "ODE", "median (95% of wells)", "without any", "nothing alive")
    table = plain("CD7+CD3\N{MINUS SIGN} cells in a well at harvest", "CD34+ cells in a well", *heads)
    for plate in found["plates"]:
        table.add_row(
            words.number(plate["cells"]),
            words.count(plate["wells"]),
            words.number(plate["mean"]),
            words.number(plate["ode"]),
            words.quantity(Quantity(**plate["over_wells"] | {"unit": ""})),
            words.proportion(Proportion(**plate["without"])),
            words.proportion(Proportion(**plate["died_out"])),
        )
    console.print(table)
    console.print()
    for line in sentences(found):
        console.print(line)
    failed = sum(plate["failed"] for plate in found["plates"])
    if failed:
        console.print(f"{words.count(failed)} wells failed; they count as wells with progeny.")


def sentences(found: dict[str, Any]) -> list[str]:
    """The estimate, and the model's own answer."""
    e, true = found["estimate"], found["true"]
    f = f"{words.percent(e['f'])} ({words.percent(e['low'])}\N{EN DASH}{words.percent(min(e['high'], 1))})"
    alone, none = words.count(true["wells"]), true["without"]
    has, low, high = (words.percent(1 - none[key]) for key in ("p", "high", "low"))
    lines = [
        f"Limiting dilution: {f} of CD34+ cells have CD7+ progeny at harvest.",
        f"The model itself: {has} ({low}\N{EN DASH}{high}), from {alone} wells of exactly one cell.",
    ]
    if e["slope"] is not None:
        ends = f"{words.number(e['slope_low'])}\N{EN DASH}{words.number(e['slope_high'])}"
        lines.append(f"Slope {words.number(e['slope'])} ({ends}); 1 where one cell is enough.")
    return lines
