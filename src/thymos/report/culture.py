"""One culture, shown: the lot at harvest and the composition by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_DAYS = 8


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `culture_summary` found."""
    from thymos.io.summary_schema import Quantity

    n = words.count(found["lots"])
    title = f"Culture {found['protocol']}, {found['source']}  (simulated, {n} lots)\n"
    console.print(title, style="bold", markup=False)
    table = plain("At harvest", "", "median (95% of lots)")
    for key, value in found["lot"].items():
        table.add_row(words.LOT.get(key, key.replace("_", " ")), words.quantity(Quantity(**value)))
    console.print(table)
    console.print()
    days = every(list(next(iter(found["by_day"].values()))["days"]))
    table = plain("By day: median", "", *(f"day {day}" for day in days))
    for readout in found["by_day"].values():
        unit = words.unit(readout["unit"]).strip()
        cells = (words.number(readout["days"][day]["median"]) for day in days)
        table.add_row(f"{readout['text']} [{unit}]" if unit else readout["text"], *cells)
    console.print(table)
    if found["failed"]:
        console.print(f"\n{words.count(found['failed'])} of {n} lots failed; they stay in every denominator.")


def every(days: list[str]) -> list[str]:
    """As many days as fit a line, the last among them."""
    step = -(-len(days) // SHOWN_DAYS)
    return days if step <= 1 else [*days[:-1:step], days[-1]]
