"""A culture fit, shown: what was free, what the data say of it, and how the sampling went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

CONVERGED = 1.05  # R-hat above it: the chains have not met
NARROWED = 0.8  # a posterior interval wider than so much of the prior's, on a log scale, has learnt little


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `thymos fit culture` found."""
    kind = "relative yields" if found["relative"] else "absolute yields"
    count = f"{words.count(found['readings'])} readings of {len(found['donors'])} donors, {found['graft']}, {kind}"
    console.print(f"Fit of the culture to {count}", style="bold", markup=False)
    if found["left_out"]:
        console.print(f"{words.count(found['left_out'])} readings are excluded and only predicted.")
    console.print()
    _parameters(found["parameters"], console)
    console.print()
    table = plain("Spread (standard deviation of the logarithm)", "", "median (95%)")
    for name, x in found["spreads"].items():
        table.add_row(SPREADS.get(name, name.replace("noise_sd.", "reading, ")), _interval(x))
    console.print(table)
    console.print()
    table = plain("Donors, factor on the typical donor", "", *found["donors"])
    names = dict.fromkeys(key.partition("@")[0] for key in found["donor_factors"])
    for name in names:
        table.add_row(name, *(_interval(found["donor_factors"][f"{name}@{d}"]) for d in found["donors"]))
    console.print(table)
    console.print()
    _sampling(found["sampling"], console)


SPREADS = {
    "effect_sd": "cytokine losses, between donors",
    "donor_sd": "scale, between donors",
    "plate_sd": "scale, between plates of a donor",
    "well_sd": "wells of a plate",
}


def _parameters(parameters: dict[str, dict[str, Any]], console: Console) -> None:
    table = plain("Parameters", "", "median (95%)", "prior 95%", "unit", "the data say")
    for name, p in parameters.items():
        prior = words.span(p["prior_low"], p["prior_high"])
        table.add_row(name, _interval(p), prior, p["unit"], verdict(p))
    for column in table.columns:
        column.no_wrap = True
    console.print(table)


def verdict(p: dict[str, Any]) -> str:
    """What the profile likelihood, or without one the width of the posterior, says of a parameter."""
    from math import log

    if "profile" not in p:
        width = log(p["high"] / p["low"]) / log(p["prior_high"] / p["prior_low"])
        return "little beyond the prior" if width > NARROWED else "narrower than the prior"
    found = p["profile"]
    if found["verdict"] == "identified":
        if found["low"] < p["prior_low"] and found["high"] > p["prior_high"]:
            return f"less than the prior, {words.span(found['low'], found['high'])}"
        return f"identified, {words.span(found['low'], found['high'])}"
    if found["verdict"] == "not identified":
        return "not identified"
    end, number = ("below", found["high"]) if found["low"] is None else ("above", found["low"])
    return f"one-sided: {end} {words.number(number)}"


def _interval(x: dict[str, float]) -> str:
    return f"{words.number(x['median'])} ({words.span(x['low'], x['high'])})"


def _sampling(s: dict[str, Any], console: Console) -> None:
    met = (
        "the chains met" if s["rhat"] < CONVERGED else "the chains have NOT met: sample longer with --pieces"
    )
    console.print(
        f"{words.count(s['draws'])} draws; R-hat at most {s['rhat']:.3f}, {met}; effective size at least "
        f"{words.count(int(s['effective']))}; the correction of the stand-in leaves {words.percent(s['corrected'])}."
    )
