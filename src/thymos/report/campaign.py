"""A campaign, shown: how lots spread, which may be given, and what a trial needs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.culture import vector
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

LEVELS = ("knowledge", "donors", "runs")


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `campaign_summary` found."""
    n, donors = words.count(found["lots"]), words.count(found["donors"])
    source = words.GRAFTS.get(found["source"], found["source"])
    how = f", {vector(found['vector'])}" if "vector" in found else ""
    title = f"Campaign {found['protocol']}, {source}{how}  (simulated)"
    console.print(title, style="bold")
    console.print(
        f"{n} lots of {donors} donors under each of {found['draws']} draws of what is not known, "
        f"{words.number(found['plan']['seeded_cd34'])} CD34+ cells seeded for each lot",
        style="dim",
    )
    for table in (attributes(found), release(found), dose_by_weight(found), needed(found)):
        console.print()
        console.print(table)
    if found["failed"]:
        every = words.count(found["lots"] * found["draws"])
        console.print(
            f"\n{words.count(found['failed'])} of {every} lots failed; they stay in every denominator."
        )


def attributes(found: dict[str, Any]) -> Table:
    """How lots spread, and which level carries it."""
    heads = ("median (95% of lots)", "median lot (95% of draws)", "SD of", *LEVELS)
    table = plain("Lots: in the bag, and what their spread is made of", "", *heads)
    for key, value in found["attributes"].items():
        spread = (
            words.number(value["sd"][level]) if value["sd"][level] is not None else "" for level in LEVELS
        )
        table.add_row(
            name_of(key),
            *(quantity(value[which]) for which in ("lots", "median_lot")),
            value["sd"]["scale"],
            *spread,
        )
    return table


def release(found: dict[str, Any]) -> Table:
    """Shares of lots that miss a limit, all limits, the dose."""
    table = plain("Share of lots (95%: what is not known)", "", "", "source")
    for limit in found["specification"]:
        table.add_row(f"out: {limit_text(limit)}", proportion(limit["out"]), limit["source"])
    table.add_row("out of specification", proportion(found["out_of_specification"]), "")
    table.add_row("holds the dose", proportion(found["holds_the_dose"]), "")
    table.add_row("both, so can be given", proportion(found["can_be_given"]), "")
    return table


def dose_by_weight(found: dict[str, Any]) -> Table:
    """The dose curve at a few body weights."""
    curve = found["dose_curve"][::4]
    dose = f"{words.number(found['plan']['dose'])} {words.signed(found['product'])}/kg"
    table = plain(f"A lot holds {dose} for", "", *(f"{words.number(p['weight'], 2)} kg" for p in curve))
    table.add_row("share of lots", *(words.percent(p["p"]) for p in curve))
    table.add_row("  95%, low", *(words.percent(p["low"]) for p in curve))
    table.add_row("  95%, high", *(words.percent(p["high"]) for p in curve))
    return table


def needed(found: dict[str, Any]) -> Table:
    """Lots, starting cells and collections."""
    plan, need = found["plan"], found["needed"]
    sure = words.percent(plan["assurance"])
    title = f"So that all {plan['patients']} patients of {words.number(plan['weight'])} kg get their dose, {sure} sure"
    table = plain(title, "", "needed", "under one draw (95% of draws)")
    own = need["own_donor"]
    tries = whole(own["lots"]) if own["lots"] is not None else f"more than {own['most_tried']}"
    table.add_row("lots for each patient, own donor, at most", tries, by_draw(own))
    table.add_row("  lots to be expected in all", "", quantity(own["lots_expected"]))
    table.add_row(
        f"  all served by at most {whole(own['lots'] or own['most_tried'])}",
        "",
        chance(own["chance_at_most"]),
    )
    for key, text in (
        ("any_donor", "lots, any donor, one patient a lot"),
        ("shared_lots", "lots, any donor, patients share a lot"),
    ):
        table.add_row(text, whole(need[key]["lots"]), by_draw(need[key]))
    start, units = need["starting_cells"], need["collections"]
    table.add_row(
        "CD34+ cells to seed for a lot to hold the dose", words.number(start["per_lot"]), by_draw(start)
    )
    table.add_row("  one collection gives them", proportion(units["one_is_enough"]), "")
    table.add_row("  collections for a lot", whole(units["per_lot"]), "")
    return table


def name_of(key: str) -> str:
    """An attribute in words."""
    return words.LOT.get(key, key.replace("_", " "))


def limit_text(limit: dict[str, Any]) -> str:
    """A limit as a sentence would have it."""
    return f"{name_of(limit['attribute'])} {limit['side']} {words.number(limit['limit'])}{words.unit(limit['unit'])}"


def quantity(value: dict[str, Any]) -> str:
    """Median and interval."""
    from thymos.io.summary_schema import Quantity

    return words.quantity(Quantity(**value))


def proportion(value: dict[str, Any]) -> str:
    """Share and interval."""
    from thymos.io.summary_schema import Proportion

    return words.proportion(Proportion(**value))


def chance(value: dict[str, Any]) -> str:
    """A probability and its interval over draws."""
    low, high = (words.percent(value[end]) for end in ("low", "high"))
    return f"{words.percent(value['median'])} ({low}\N{EN DASH}{high})"


def whole(number: float | None) -> str:
    """A number of things to be made; none where no number is enough."""
    return words.count(number) if number is not None else "no number"


def by_draw(value: dict[str, Any]) -> str:
    """Median and interval over draws of a number that may not exist under some of them."""
    found = value["by_draw"]
    write = words.number if found["unit"] else whole
    low, middle, high = (
        write(found[end]) if found[end] is not None else "none" for end in ("low", "median", "high")
    )
    return f"{middle} ({low} to {high})"
