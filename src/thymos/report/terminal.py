"""The result of a run as tables in a terminal: what `thymos trial` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from thymos.report import words
from thymos.report.forest import HEADLINES
from thymos.report.stored import Stored
from thymos.report.tornado import ARROWS, effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from thymos.io.run_folder import RunFolder

MOST = 8


def show(run: RunFolder, console: Console) -> None:
    """Print a stored run."""
    stored = Stored(run)
    summary = stored.summary
    console.print(Text(f"{summary.title}  (simulated)", style="bold"))
    pairs = f"{words.count(summary.patients)} virtual patients in each arm, seed {summary.seed}"
    console.print(f"{stored.study.registry.id} · {pairs} · thymos {summary.version}", style="dim")
    for table in tables(stored):
        console.print()
        console.print(table)
    console.print()
    console.print(failed(stored))
    console.print(f"Stored in {run.path}, digest {run.digest[:16]}, {words.number(summary.seconds)} s.")


def tables(stored: Stored) -> Iterator[Table]:
    """The tables of the result, in the order in which they are read."""
    yield lot(stored)
    yield recovery(stored)
    yield counts(stored)
    yield outcomes(stored)
    summary = stored.summary
    if summary.difference:
        yield difference(stored)
    if summary.registered_size is not None:
        yield registered(stored)
    if summary.assumptions:
        yield assumptions(stored)


def plain(title: str, *columns: str) -> Table:
    """A table without walls; the first column is the name of the row."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False)
    table.show_header = any(columns)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right", no_wrap=i == 0, overflow="fold")
    return table


def lot(stored: Stored) -> Table:
    """What came out of the culture."""
    table = plain("The lot", "", "median (95% of lots)")
    for key, value in stored.summary.lot.items():
        table.add_row(words.LOT.get(key, key), words.quantity(value))
    return table


def recovery(stored: Stored) -> Table:
    """Recovery of CD4 and of thymic output, by arm."""
    arms = stored.summary.arms
    table = plain("Recovery", "", *(arm.title for arm in arms))
    table.add_row("CD4 > 50/µL twice by day 100", *(words.proportion(arm.cd4_ir_day100) for arm in arms))
    table.add_row("Day of CD4 > 200/µL", *(words.quantity(arm.day_cd4_200) for arm in arms))
    table.add_row("  ever within the follow-up", *(words.proportion(arm.day_cd4_200.reached) for arm in arms))
    table.add_row("sjTREC at 6 months", *(words.quantity(arm.trec_month6) for arm in arms))
    return table


def counts(stored: Stored) -> Table:
    """Counts of each lineage on the days of the protocol: medians, so that they fit a line."""
    arms = stored.summary.arms
    days = sorted({int(day) for arm in arms for by_day in arm.counts.values() for day in by_day})
    table = plain(
        "Median counts per µL (intervals: --json or the report)", "", *(f"day {day}" for day in days)
    )
    for lineage in (name for name in words.COUNTED if name in arms[0].counts):
        for arm in arms:
            values = (arm.counts[lineage].get(str(day)) for day in days)
            shown = (words.cells(value.median) if value else "" for value in values)
            table.add_row(f"{words.COUNTED[lineage]}, {arm.name}", *shown)
    return table


def outcomes(stored: Stored) -> Table:
    """Cumulative incidences and survival."""
    arms = stored.summary.arms
    days = sorted({int(day) for arm in arms for by_day in arm.outcomes.values() for day in by_day})
    table = plain("Outcomes (95% interval)", "", *(words.day_name(day) for day in days))
    for event in (name for name in words.EVENTS if name in arms[0].outcomes):
        for arm in arms:
            shown = (words.proportion(arm.outcomes[event][str(day)]) for day in days)
            table.add_row(f"{words.EVENTS[event]}, {arm.name}", *shown)
    return table


def difference(stored: Stored) -> Table:
    """Treated minus twin."""
    compared = stored.summary.compared
    names = f"{compared.arm} minus {compared.against}" if compared else "difference"
    table = plain("Difference between twins", "", f"{names} (95% interval)")
    for key in HEADLINES:
        if key in stored.summary.difference:
            table.add_row(words.endpoint(key), words.difference(stored.summary.difference[key]))
    return table


def registered(stored: Stored) -> Table:
    """What the trial would show at its registered size."""
    size = stored.summary.registered_size
    assert size is not None, "asked only where there is one"  # noqa: S101
    table = plain(f"At the registered size, n = {size.n}", "", "")
    rate = f"{words.percent(size.reference_rate)} for {words.endpoint(size.endpoint)}"
    possible = size.critical_value <= size.n
    table.add_row(
        "rejects", f"{rate}, from {size.critical_value} responders on" if possible else f"{rate}: never"
    )
    table.add_row(f"power, of {words.count(size.replicates)} trials", words.proportion(size.power))
    table.add_row("the same with untreated twins", words.proportion(size.untreated))
    table.add_row("type I error", words.percent(size.type_one_error))
    return table


def assumptions(stored: Stored) -> Table:
    """What carries the result, the strongest first."""
    found = stored.summary.assumptions[:MOST]
    watched = words.endpoint(found[0].endpoint)
    table = plain(
        f"What carries it: difference in {watched}", "", "moved from → to", "difference", "", "grade"
    )
    for a in found:
        limits = f"{words.value_or_name(a.from_)} → {words.value_or_name(a.to)}{words.unit(a.unit)}"
        moved = f"{effect(a, a.effect_low)} → {effect(a, a.effect_high)}"
        table.add_row(words.spoken(a.name), limits, moved, ARROWS[a.direction], a.grade)
    return table


def failed(stored: Stored) -> str:
    """How many could not be solved."""
    found = stored.summary.failed
    n, of = words.count(found.n), words.count(found.of)
    return f"{n} of {of} virtual patients failed; they stay in every denominator."
