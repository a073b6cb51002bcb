"""The reconstitution chart of one patient as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

LINEAGES = {"lymphocytes": "Lymphocytes"} | words.LINEAGES | {"cd4_naive": "Naive CD4+ T cells"}
PLACES = {"behind": "behind", "on": "on course", "ahead": "ahead", None: ""}
STATES = {
    "reached": "reached, day {day}",
    "once": "once so far, day {day}",
    "not yet": "not yet",
    "missed": "not in time",
    "no counts": "no counts",
    "alarm": "ALARM",
    "clear": "clear",
    "due": "due",
    "no count": "no count near day 100",
}
EXTREME = 4.0
"""A score beyond it is a tail of the reference that nobody measured."""


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `trial.chart` found."""
    console.print(title(found) + "\n", style="bold")
    console.print(counts(found))
    console.print()
    console.print(milestones(found))
    for note in found["notes"]:
        console.print(f"Note: {note}")
    console.print()
    console.print(legend(found), style="dim")


def title(found: dict[str, Any]) -> str:
    """Who it is, as far as anybody may know."""
    who = found["patient"]
    return f"Reconstitution chart of {who['label']}: {age(who['age'])} at transplant, {who['diagnosis']}"


def age(years: float) -> str:
    """An age as a clinic says it: months up to two years."""
    if years >= 90:
        return "90 years or older"
    return f"{12 * years:.0f} months" if years < 2 else f"{words.number(years)} years"


def counts(found: dict[str, Any]) -> Any:
    """Each count beside healthy people of the same age, and beside patients like this one."""
    table = plain("Counts", "", "day", "count", "z", "centile", "expected", "course")
    for lineage, name in LINEAGES.items():
        for row in (row for row in found["counts"] if row["lineage"] == lineage):
            table.add_row(
                name + (f", {row['assay']}" if row["assay"] else ""),
                words.number(row["day"], 4),
                ("<" if row["below"] else "") + words.cells(row["value"]) + words.unit(row["unit"]),
                score(row),
                centile(row),
                "" if row["expected"] is None else words.cells(row["expected"]),
                PLACES[row["place"]],
            )
    return table


def score(row: dict[str, Any]) -> str:
    """A z-score with its sign; no further out than the reference is known."""
    if row["z"] is None:
        return ""
    if abs(row["z"]) > EXTREME:
        return words.signed(f"< -{EXTREME:g}") if row["z"] < 0 else f"> {EXTREME:g}"
    return ("< " if row["below"] else "") + words.signed(f"{row['z']:+.1f}")


def centile(row: dict[str, Any]) -> str:
    """Percent of healthy people of the age with less."""
    value = row["centile"]
    if value is None:
        return ""
    if not 0.1 <= value <= 99.9:
        return "<0.1" if value < 1 else ">99.9"
    return ("<" if row["below"] else "") + words.number(value, 2 if value < 10 else 3)


def milestones(found: dict[str, Any]) -> Any:
    """What the patient has reached, and how many patients like this one do."""
    table = plain("Milestones", "", "this patient", "patients like this one (simulated)")
    for row in found["milestones"]:
        table.add_row(row["text"].replace("uL", "µL"), state(row), like(row["like"]))
    for row in found["alarms"]:
        table.add_row(row["text"].replace("uL", "µL"), state(row), words.proportion(proportion(row["like"])))
    return table


def state(row: dict[str, Any]) -> str:
    """Where the patient stands."""
    return STATES[row["state"]].format(day=words.number(row.get("day"), 4))


def like(row: dict[str, Any]) -> str:
    """The share that reaches it, and when the median patient does."""
    share = f"{words.proportion(proportion(row['reached']))} by day {row['by']:g}"
    middle = row["day"]["median"]
    return share if middle is None else f"{share}, median day {middle:.0f}"


def proportion(row: dict[str, Any]) -> Any:
    """A share with its interval, as the other reports have it."""
    from thymos.io.summary_schema import Proportion

    return Proportion(**row)


def legend(found: dict[str, Any]) -> str:
    """What the columns compare with."""
    sources = ", ".join(found["reference"]["by"])
    return (
        f"z and centile: against healthy people of the same age, {sources}. Expected: median of "
        f"{words.count(found['simulated'])} simulated patients like this one on the platform {found['platform']}; "
        "on course: within their 80% band."
    )
