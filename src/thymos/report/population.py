"""A weighted population as tables: published figures before and after, and how many patients the weights are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


def show(found: dict[str, Any], console: Console) -> None:
    """Print the figures, then what the weights are worth."""
    console.print(f"{found['title']}, by {found['study']} (simulated, seed {found['seed']})\n", style="bold")
    if found["figures"]:
        table = plain("Untreated patients", "", "published", "before", "after", "source")
        for f in found["figures"]:
            seen = (figure(f[name], f["unit"]) for name in ("published", "before", "after"))
            table.add_row(f["text"], *seen, f["source"])
        console.print(table)
    console.print(worth(found))


def figure(value: float, unit: str) -> str:
    """A share in percent, anything else with its unit."""
    return f"{value:.1%}" if unit == "1" else f"{words.number(value)} {words.unit(unit).strip()}"


def worth(found: dict[str, Any]) -> str:
    """How many patients there are, and how many equal ones they are worth."""
    taken, effective = found["within_limits"], found["effective"]
    failed = f" {found['failed']:,} could not be solved." if found["failed"] else ""
    return (
        f"\n{found['candidates']:,} candidates, {taken:,} within the limits;{failed} their weights are worth"
        f" {effective:,.0f} equal patients ({effective / taken:.0%}); the heaviest is"
        f" {found['largest_weight'] * taken:.1f} times the average. Of the draws of what nobody knows they keep"
        f" {found['effective_draws']:.0f}."
    )
