"""One culture, shown: the lot at harvest, the composition by day, and for NK cells what others made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_DAYS = 8
DAY_WIDTH = 9
MOST = 12
CELLS = (
    "fold",
    "viability",
    "cd34_cd7neg_percent",
    "cd34_cd7_percent",
    "cd34neg_cd7_percent",
    "cd7_percent",
    "cd5_percent",
    "cd1a_percent",
    "locked_percent",
    "myeloid_percent",
    "b_percent",
    "cd3_percent",
)
BY_DAY = {
    "T": ("notch", *CELLS, "g0_percent", "cd7_per_cd34"),
    "NK": (
        "notch",
        "il15_effect",
        *CELLS,
        "nk_progenitor_percent",
        "nk_percent",
        "cd16_percent",
        "kir_percent",
        "nkg2d_percent",
        "nk_per_cd34",
    ),
}
TRANSGENE = ("marked_percent", "expressing_percent", "vcn", "vcn_measured")
MARKED = {"T": "cd7_marked_percent", "NK": "nk_marked_percent"}


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `culture_summary` found; `--json` holds every readout."""
    n = words.count(found["lots"])
    how = "".join(f", {setting}" for setting in found.get("set", ()))
    how += f", {vector(found['vector'])}" if "vector" in found else ""
    title = f"Culture {found['protocol']}, {found['source']}{how}  (simulated, {n} lots)\n"
    console.print(title, style="bold", markup=False)
    _harvest(found, console)
    days, readouts = found["by_day"], BY_DAY[found["arm"]]
    _by_day("By day: median", [labelled(days[name]) for name in readouts], console)
    if "vector" in found:
        carried = [labelled(days[name]) for name in (*TRANSGENE, MARKED[found["arm"]])]
        _by_day("Transgene by day: median", carried, console)
    genes = [
        (f"{name} ({gene['grade']}, {gene['evidence']})", days[f"expression[{name}]"])
        for name, gene in found["genes"].items()
    ]
    title = "Gene expression by day: median, 1 where every cell has the gene on (grade of its direction)"
    _by_day(title, genes, console)
    if found["published"]:
        _published(found, console)
    if "assumptions" in found:
        _carried(found["assumptions"][:MOST], console)
    if found["failed"]:
        console.print(f"{words.count(found['failed'])} of {n} lots failed; they stay in every denominator.")


def _harvest(found: dict[str, Any], console: Console) -> None:
    from thymos.io.summary_schema import Quantity

    table = plain("At harvest", "", "median (95% of lots)")
    for key, value in found["lot"].items():
        table.add_row(words.LOT.get(key, key.replace("_", " ")), words.quantity(Quantity(**value)))
    console.print(table)
    console.print()


def labelled(readout: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A readout with its meaning and unit."""
    unit = words.unit(readout["unit"]).strip()
    return f"{readout['text']} [{unit}]" if unit else readout["text"], readout


def _by_day(title: str, readouts: list[tuple[str, dict[str, Any]]], console: Console) -> None:
    # A narrow terminal shows fewer days rather than numbers of one digit a line.
    room = console.width - max(len(label) for label, _ in readouts) - 2
    days = every(list(readouts[0][1]["days"]), max(2, min(SHOWN_DAYS, room // DAY_WIDTH)))
    table = plain(title, "", *(f"day {day}" for day in days))
    for label, readout in readouts:
        table.add_row(label, *(brief(readout["days"][day]["median"]) for day in days))
    console.print(table)
    console.print()


def brief(value: float | None) -> str:
    """A number of a narrow column: what is below a thousandth is 0 to the eye, what is not there a dash."""
    if value is None:
        return "-"
    return "0" if abs(value) < 1e-3 else words.number(value, 2 if abs(value) < 1 else 3)


def _published(found: dict[str, Any], console: Console) -> None:
    """Published NK products beside the simulated median, where both are known."""
    table = plain("Beside published NK products", "", "published", "here, median", "product", "source")
    for row in found["published"]:
        ours = found["lot"].get(row["quantity"])
        unit = words.unit(row["unit"]).strip()
        name = words.LOT.get(row["quantity"], row["quantity"].replace("_", " "))
        table.add_row(
            f"{name} [{unit}]" if unit else name,
            stated(row["value"], row["low"], row["high"]),
            words.number(ours["median"]) if ours else "-",
            row["product"],
            row["source"],
        )
    console.print(table)
    console.print()


def _carried(rows: list[dict[str, Any]], console: Console) -> None:
    """What carries the lot, the strongest first."""
    watched = list(rows[0]["effects"])
    names = [words.LOT.get(name, name) for name in watched]
    table = plain("What carries it, for the typical donor", "", "moved from → to", *names, "grade")
    for row in rows:
        limits = (
            f"{words.value_or_name(row['from'])} → {words.value_or_name(row['to'])}{words.unit(row['unit'])}"
        )
        effects = (" → ".join(brief(x) for x in row["effects"][name]) for name in watched)
        table.add_row(words.spoken(row["name"]), limits, *effects, row["grade"])
    console.print(table)
    console.print()


def stated(value: float | None, low: float | None, high: float | None) -> str:
    """A published value with its range, or the range, or what it is more than."""
    if low is not None and high is None:
        return f"≥ {words.number(low)}"
    span = "" if low is None else f"{words.number(low)}–{words.number(high)}"
    return span if value is None else f"{words.number(value)} ({span})" if span else words.number(value)


def vector(used: dict[str, Any]) -> str:
    """How the cells were transduced, in words."""
    return f"{used['transgene']} by a vector on day {used['day']:g} at an MOI of {used['moi']:g}"


def every(days: list[str], most: int) -> list[str]:
    """At most so many days, evenly, the last among them."""
    step = -(-(len(days) - 1) // (most - 1))
    return days if step <= 1 else [*days[:-1:step], days[-1]]
