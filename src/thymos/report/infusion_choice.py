"""The infusion that was chosen: what to give, what is expected of it, what else is as good, or why none serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import infusion_words, words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


TIMES = {1: "one infusion", 2: "two infusions"}


def show(found: dict[str, Any], console: Console) -> None:
    """Print the choice."""
    console.print(f"{found['title']}  (simulated)", style="bold")
    pairs = f"{words.count(found['pairs'])} pairs of twins, {found['draws']} draws of what is not known"
    console.print(
        " · ".join((found["study"], aim(found), limits(found), pairs, f"seed {found['seed']}")), style="dim"
    )
    console.print()
    for line in LINES[found["verdict"]](found):
        console.print(line)
    if found.get("could"):
        console.print()
        console.print(could(found))


def aim(found: dict[str, Any]) -> str:
    """What is wanted, in words."""
    said = found["aim"]
    if said["kind"] == "reach":
        return f"aim: {level(said)} in {words.percent(said['at_least'])} of patients, with the fewest cells"
    if said["kind"] == "gain":
        return f"aim: the largest gain, {infusion_words.value(said['value'])}"
    return f"aim: the first day with ATG low enough, then the largest gain, {infusion_words.value(said['value'])}"


def level(said: dict[str, Any]) -> str:
    """What a patient shall reach."""
    if "level" not in said:
        return infusion_words.value(said["value"])
    sign = "by" if said["value"] == "days" else "above"
    name = "CD4 > 200/µL" if said["value"] == "days" else infusion_words.value(said["value"])
    unit = words.unit(said["unit"]) if said["value"] != "days" else ""
    return f"{name} {sign} {'day ' if said['value'] == 'days' else ''}{words.number(said['level'])}{unit}"


def limits(found: dict[str, Any]) -> str:
    """Within what was chosen."""
    said, days = found["limits"], found["choices"]["day"]
    parts = [f"day {days['low']:g} to {days['high']:g}"]
    if said["lot"]:
        parts.append("the cells of a lot")
    if "cells" in said:
        parts.append(f"{words.number(said['cells'])} cells")
    if "dose" in said:
        parts.append(f"at most {words.number(said['dose'])}/kg")
    if "atg" in said:
        parts.append(f"ATG at most {said['atg']:g} AU/mL in {words.percent(said['atg_share'])}")
    return ", ".join(parts)


def infusion(one: dict[str, Any]) -> str:
    """What to give."""
    dose = f"{words.number(one['dose'])} cells/kg on day {one['day']:g}"
    return dose if one["doses"] == 1 else f"{dose} and again on day {one['day'] + one['gap']:g}"


def score(one: dict[str, Any]) -> str:
    """Share or gain with its interval."""
    s = one["score"]
    if s["unit"] == "1" and s["value"] is not None and s["low"] >= 0:
        return words.proportion(_Share(s["value"], s["low"], s["high"]))  # type: ignore[arg-type]  # it has their names
    middle, low, high = (infusion_words.gain(s[k], s["unit"]) for k in ("value", "low", "high"))
    return f"{middle}{infusion_words.unit(s['unit'])} ({low} to {high})"


class _Share:
    def __init__(self, p: float, low: float, high: float) -> None:
        self.p, self.low, self.high = p, low, high


def _found(found: dict[str, Any]) -> list[str]:
    one, reach = found["chosen"], found["aim"]["kind"] == "reach"
    what = level(found["aim"]) if reach else f"mean gain, {infusion_words.value(found['aim']['value'])}"
    lines = [
        f"Give {infusion(one)}: {words.number(one['cells'])} cells in all.",
        f"  {what}: {score(one)}" + (f"; untreated {words.percent(found['untreated'])}" if reach else ""),
        *_expected(one),
        *_sure(found),
        _as_good(found),
    ]
    return list(filter(None, lines))


def _expected(one: dict[str, Any]) -> list[str]:
    """What else the choice brings, and what it meets."""
    v = one["values"]["cd4"]
    middle, low, high = (infusion_words.gain(v[k], "cell/uL") for k in ("median", "low", "high"))
    cap = one["niche_cap"]
    niches = (
        f"; that fills the free niches {words.number(one['dose'] / cap, 2)} times over (median)"
        if cap
        else ""
    )
    gain = f"median gain of pairs {middle}/µL ({low} to {high})"
    lines = [
        f"  CD4+ at day 100: {words.cells(v['twin'])} untreated, {gain}{niches}",
        f"  ATG at the infusion: {words.number(one['atg_at_infusion'], 2)} AU/mL (median)",
    ]
    if one["short"] > 0:
        lines.append(
            f"  {words.percent(one['short'])} of lots hold fewer cells: those patients get what there is"
        )
    return lines


def _sure(found: dict[str, Any]) -> list[str]:
    again = f"{words.percent(found['again'])} of resampled simulations choose it or one as good"
    best, loss = words.percent(found["best"]), found["regret"]
    if found["aim"]["kind"] == "reach":
        short = f"fall short by {words.gain(loss).lstrip('+')} points on average"
        missed = short if loss >= 0.0005 else "hardly fall short"
        return [
            f"How sure: {best} of resampled simulations reach the aim with it, and they {missed}; {again}."
        ]
    unit = found["aim"]["unit"]
    most = infusion_words.gain(loss, unit).lstrip("+") + infusion_words.unit(unit)
    known = f"under {best} of the draws of what is not known; knowing the truth would add at most {most}"
    return [f"How sure: the best, or as good, {known}; {again}."]


def _as_good(found: dict[str, Any]) -> str:
    """The flat part of the optimum, in a line."""
    others = found["as_good"]
    if len(others) < 2:
        return "As good: nothing else on the grid."
    days, each = [o["day"] for o in others], [o["dose"] for o in others]
    times = " or ".join(TIMES[n] for n in sorted({o["doses"] for o in others}))
    limit = words.percent(found["equivalent"])
    doses = f"{words.number(min(each))} to {words.number(max(each))} cells/kg at each of {times}"
    span = f"{doses}, days {min(days):g} to {max(days):g}"
    less = (
        f"within {limit} of the largest gain"
        if found["aim"]["kind"] != "reach"
        else f"for at most {limit} more cells"
    )
    return f"As good ({less}): {len(others)} of {len(found['looked_at'])} choices looked at, {span}."


def _out_of_reach(found: dict[str, Any]) -> list[str]:
    one = found["chosen"]
    if found["aim"]["kind"] != "reach":
        return [
            "The product gains nothing here, whatever is chosen.",
            f"  Least bad: {infusion(one)}, {score(one)}",
        ]
    most = words.percent(found["aim"]["at_least"])
    lines = [
        f"The product cannot reach {most} here, as things are known.",
        f"  Nearest to it: {infusion(one)}, {score(one)}; untreated {words.percent(found['untreated'])}",
        *_expected(one),
    ]
    able = [row for row in found["could"] if row["reaches"]]
    by_product = [
        row for row in able if row["untreated"] is not None and row["untreated"] < found["aim"]["at_least"]
    ]
    if not able:
        return [*lines, "No assumption that was tried would bring it there, alone or together."]
    if not by_product:
        return [*lines, "Where it would be reached, it would be reached without the product too."]
    names = ", or ".join(infusion_words.assumption(row["assumption"]).lower() for row in by_product)
    return [*lines, f"It could, if: {names}."]


def _untreated(found: dict[str, Any]) -> list[str]:
    share, least = words.percent(found["untreated"]), words.percent(found["aim"]["at_least"])
    return [f"No product is needed: {share} of untreated patients reach it, and {least} were asked for."]


def _no_day(found: dict[str, Any]) -> list[str]:
    last = found["atg"][-1]
    return [
        f"No day that may be chosen has ATG low enough in {words.percent(found['limits']['atg_share'])} of patients.",
        f"  On day {last['day']:g} it is {words.number(last['median'], 2)} AU/mL (median), low enough in "
        f"{words.percent(last['low_enough'])}: allow later days, or a higher level.",
    ]


LINES = {"found": _found, "out_of_reach": _out_of_reach, "untreated": _untreated, "no_day": _no_day}


def could(found: dict[str, Any]) -> Any:
    """What the largest doses would bring under each assumption."""
    reach = found["aim"]["kind"] == "reach"
    unit = "share" if reach else "gain"
    table = plain("Were this so, the largest doses would bring", "", unit, "untreated", "with", "")
    for row in found["could"]:
        value = (
            words.percent(row["score"]) if reach else infusion_words.gain(row["score"], found["aim"]["unit"])
        )
        untreated = "" if row["untreated"] is None else words.percent(row["untreated"])
        times = "" if row["doses"] == 1 else " twice"
        given = f"{words.number(row['dose'])}/kg{times}, day {row['day']:g}"
        table.add_row(
            infusion_words.assumption(row["assumption"]),
            value,
            untreated,
            given,
            "reaches it" if row["reaches"] else "",
        )
    return table
