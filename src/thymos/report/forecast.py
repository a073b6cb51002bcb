"""The forecast of one patient: as tables in a terminal, and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.forecast_picture import draw
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["draw", "show"]

LINEAGES = words.LINEAGES | {"cd4_naive": "Naive CD4+ T cells"}
SHOWN = 4
OUTSIDE = "Outside the model's experience"


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `thymos forecast` found."""
    who, ends = found["patient"], found["counts"]
    head = f"Forecast of {who['label']} (simulated): {words.number(who['age']['value'])} years, {who['diagnosis']}"
    console.print(f"{head}, after {len(ends)} counts until day {found['today']:g}", style="bold")
    worth, n = words.count(found["worth"]), words.count(found["simulated"])
    console.print(
        f"{n} patients like this one, worth {worth} independent ones given its counts; seed {found['seed']}",
        style="dim",
    )
    for reason in found["domain"]["outside"]:
        console.print(f"{OUTSIDE}: {reason}.", style="bold red")
    for warning in found["domain"]["warnings"]:
        console.print(f"Warning: {warning}.", style="yellow")
    for table in (milestones(found), counts(found), updates(found), what_if(found), drivers(found)):
        if table is not None:
            console.print()
            console.print(table)
    console.print("\nResearch use only, not for decisions on a patient.", style="dim")


def milestones(found: dict[str, Any]) -> Any:
    """Probabilities and days, with Monte Carlo error."""
    other = found["what_if"]
    heads = ("as treated", "day: median (95%)") + (("what if", "difference") if other else ())
    table = plain("Milestones (± Monte Carlo error)", "", *heads)
    for key, one in found["milestones"].items():
        cells = [chance(one), when(one["day"])]
        if other:
            apart = other["difference_of_chances"].get(key)
            cells += [chance(other["milestones"][key]), gain(apart) if apart else ""]
        table.add_row(one["text"].replace("uL", "µL"), *cells)
    return table


def chance(one: dict[str, float]) -> str:
    """A probability and its error, both in percent."""
    return f"{words.percent(one['p'])} ± {100 * one['error']:.2g}"


def gain(one: dict[str, float]) -> str:
    """A difference of probabilities and its error, in percentage points."""
    return f"{words.points(one['difference'])} ± {100 * one['error']:.2g}"


def when(day: dict[str, Any]) -> str:
    """A day with its interval."""
    if day["median"] is None and day["low"] is None:
        return "not reached"
    return f"{words.cells(day['median'])} ({words.ends(day['low'], day['high'], words.cells)})"


def counts(found: dict[str, Any]) -> Any:
    """What the laboratory will report, on a few days."""
    ahead = found["bands"]["cd4"]["reported"]["day"]
    marks = [day for day in (100, 183, 365, 730) if ahead and ahead[0] <= day <= ahead[-1]] or ahead[-1:]
    places = [ahead.index(day) for day in marks]
    title = "Reported per µL: median (95%); for 80% see --json or the picture"
    table = plain(title, "", *(f"day {day:g}" for day in marks))
    for name, text in LINEAGES.items():
        band = found["bands"][name]["reported"]
        table.add_row(text, *(cell(band, i) for i in places))
    return table


def cell(band: dict[str, list[float]], i: int) -> str:
    """Median and the central 95 %."""
    return f"{words.cells(band['q50'][i])} ({words.ends(band['q025'][i], band['q975'][i], words.cells)})"


def updates(found: dict[str, Any]) -> Any:
    """How the forecast changed as counts came in."""
    table = plain("As the counts came in", "day", "counts", "worth", "> 50 twice by 100", "> 200 by 6 months")
    for one in found["updates"]:
        chances = one["milestones"]
        shown = [
            words.percent(chances[key]["p"]) if key in chances else ""
            for key in ("cd4_50_twice_day100", "cd4_200_month6")
        ]
        moved = " moved" if one["moved"] else ""
        table.add_row(f"{one['day']:g}", f"{one['counts']}", f"{words.count(one['worth'])}{moved}", *shown)
    return table


def what_if(found: dict[str, Any]) -> Any:
    """What the other treatment would change in the same simulated patients."""
    other = found["what_if"]
    if other is None:
        return None
    days = other["difference"]["cd4"]["day"]
    table = plain(
        f"What if: {treatment(other)}", "mean difference per µL (95%)", *(f"day {day:g}" for day in days)
    )
    for name, text in LINEAGES.items():
        apart = other["difference"][name]
        cells = []
        for i in range(len(days)):
            ends = words.ends(apart["q025"][i], apart["q975"][i], small)
            cells.append(f"{small(apart['mean'][i])} ({ends})")
        table.add_row(text, *cells)
    return table


def treatment(other: dict[str, Any]) -> str:
    """The other treatment in words."""
    doses = [
        f"{words.number(one['dose']['value'])} cells/kg on day {one['day']:g}" for one in other["infusions"]
    ]
    stop = [f"steroids until day {other['steroid_end']:g}"] if other["steroid_end"] is not None else []
    return ", ".join(doses + stop) or "no product"


def small(value: float | None) -> str:
    """A difference, which may be next to nothing."""
    return "0" if value is not None and abs(value) < 0.05 else words.cells(value)


def drivers(found: dict[str, Any]) -> Any:
    """What the counts taught, and what the forecast turns on."""
    table = plain(
        "What the counts taught, and what the forecast turns on",
        "", "before", "after", "moved (SD)", "carries",
    )  # fmt: skip
    for row in found["drivers"]:
        table.add_row(
            words.spoken(row["name"]),
            span(row["prior"], row["unit"]),
            span(row["posterior"], row["unit"]),
            words.signed(f"{row['shift_sd']:+.1f}"),
            words.percent(row["explains"]),
        )
    return table


def span(x: dict[str, float | None], unit: str) -> str:
    """Median and 95 %."""
    return f"{words.number(x['median'])}{words.unit(unit)} ({words.span(x['low'], x['high'])})"
