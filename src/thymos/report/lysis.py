"""Killing curves of a plate, shown in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `lysis_summary` found."""
    for i, curve in enumerate(found["curves"]):
        if i:
            console.print()
        mark = "  SIMULATED" if found["simulated"] else ""
        console.print(title(curve) + mark, style="bold", markup=False)
        console.print("Specific lysis in percent ± standard error", style="dim", markup=False)
        console.print(points(curve))
        console.print()
        console.print(estimates(curve))
        console.print(curve["saturation"], markup=False)
        if (note := misfit(curve)) is not None:
            console.print(note, markup=False)
        if curve["targets_per_well"] is None:
            console.print(
                "LU20 needs the target cells per well: a column `targets [cell]`, or --targets.", markup=False
            )


def title(curve: dict[str, Any]) -> str:
    """Killer, target and plate."""
    plate = f", plate {curve['plate']}" if curve["plate"] else ""
    return f"{curve['effector']} on {curve['target']}{plate}  ({curve['wells']} wells)"


def points(curve: dict[str, Any]) -> Any:
    """Specific lysis by ratio and time."""
    times = [time["hours"] for time in curve["times"]]
    table = plain("", "E:T", *(f"{words.number(t)} h" for t in times))
    seen = {(p["ratio"], p["hours"]): p for p in curve["points"]}
    for ratio in sorted({p["ratio"] for p in curve["points"]}, reverse=True):
        cells = (seen.get((ratio, t)) for t in times)
        table.add_row(f"{words.number(ratio)}:1", *(_percent(p) if p else "" for p in cells))
    return table


def estimates(curve: dict[str, Any]) -> Any:
    """What the fit says, with 95 % intervals."""
    table = plain("Fit", "", "value (95% interval)")
    table.add_row("killing rate, per hour and effector", estimate(curve["rate_per_hour"]))
    table.add_row("R50, effectors per target", estimate(curve["half_ratio"]))
    for time in curve["times"]:
        after = f" at {words.number(time['hours'])} h" if len(curve["times"]) > 1 else ""
        table.add_row(f"E:T for 20% lysis{after}", estimate(time["ratio_20_percent"]))
        table.add_row(f"E:T for 50% lysis{after}", estimate(time["ratio_50_percent"]))
        if time["lu20_per_million"]:
            table.add_row(f"LU20 per 10⁶ effectors{after}", estimate(time["lu20_per_million"]))
            table.add_row("  by the exponential fit", words.number(time["lu20_per_million_exponential"]))
    spread = (
        f"{words.number(curve['sd'])} points"
        if curve["sd_of"] == "percent lysis"
        else words.percent(curve["sd"])
    )
    table.add_row("spread of a well", spread)
    return table


def estimate(found: dict[str, float | None]) -> str:
    """Value and interval; an open end in words."""
    value, low, high = found["value"], found["low"], found["high"]
    if low is None and high is None:
        return "not identified"
    if low is None:
        inside = f"below {words.number(high)}"
    elif high is None:
        inside = f"above {words.number(low)}"
    else:
        inside = words.span(low, high)
    return f"{words.number(value)} ({inside})" if value is not None else inside


def misfit(curve: dict[str, Any]) -> str | None:
    """A warning where replicates agree better than the law fits."""
    p = curve["lack_of_fit_p"]
    if p is None or p >= 0.01:
        return None
    said = "p < 0.0001" if p < 1e-4 else f"p = {words.number(p, 2)}"
    return (
        f"The law does not fit these wells ({said}): intervals are too narrow. Look at the picture (--plot)."
    )


def _percent(point: dict[str, float | None]) -> str:
    value, se = point["percent"], point["se"]
    assert value is not None, "a mean of wells is a number"  # noqa: S101
    return words.signed(f"{value:.1f}") + (f" ± {se:.1f}" if se is not None else "")
