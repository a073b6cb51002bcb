"""Expected killing by the NK cells of a culture, shown in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.summary_schema import Quantity
from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `killing_summary` found."""
    n = words.count(found["lots"])
    console.print(
        f"NK cells of {found['protocol']}, {found['source']}, on {found['target']}  (simulated, {n} lots)\n",
        style="bold",
        markup=False,
    )
    table = plain("", "", "median (95% of lots)")
    table.add_row("strength of a killer", words.quantity(Quantity(**found["strength"])))
    table.add_row("CD16+ NK cells", words.quantity(Quantity(**found["cd16_percent"])))
    for time in found["times"]:
        for point in time["lysis"]:
            lysis = {key: value for key, value in point.items() if key != "ratio"}
            name = f"specific lysis at {words.number(point['ratio'])}:1, {words.number(time['hours'])} h"
            table.add_row(name, words.quantity(Quantity(**lysis)))
        units = words.quantity(Quantity(**time["lu20_per_million"]))
        table.add_row(f"LU20 per 10⁶ NK cells, {words.number(time['hours'])} h", units)
    console.print(table)
    console.print(
        "\nRate, saturation and gain by maturity are assumed or borrowed: fit your own plate (thymos fit lysis).",
        markup=False,
    )
    if found["failed"]:
        console.print(f"{words.count(found['failed'])} of {n} lots failed; they stay in every denominator.")
