"""The repertoire that a patient may have: tables for a terminal and for a page, with and without the product."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.canvas import as_svg, drawing, panels, watermark
from thymos.report.diversity import title
from thymos.report.diversity_picture import SHARES, legend, panel
from thymos.report.element import Html, figure, folded, paragraph, section, table
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

DRAWN = ("receptors", "hill1", "families", "infused", "virus", "lineages")
ARMS = {"alone": "transplant alone", "product": "transplant and product"}
KINDS = {"virus": "viruses", "fungus": "fungi (model-based)", "tumour": "mutants of self (model-based)"}
CAPTION = "Line: median of patients like this one; band: 95% of them. Ten specific naive cells are a quorum."
RESPONSE = "First day on which half of the epitopes probably have their quorum"


def show(found: dict[str, Any], console: Console) -> None:
    """Print what may become of the repertoire of patients like this one."""
    days = [words.day_name(int(day)) for day in found["days"]]
    count, depth = words.count(found["patients"]), words.count(found["depth"])
    console.print(
        f"{count} patients like {found['label'] or 'this one'}, simulated; {depth} cells sequenced\n"
    )
    for name, text in found["measures"].items():
        rows = plain(title(text), "", *days)
        for arm, bands in found["arms"].items():
            rows.add_row(ARMS[arm], *cells(bands[name], name))
        console.print(rows)
        console.print()
    waiting = plain(f"{RESPONSE} (95% of patients)", "", *KINDS.values())
    for arm, kinds in found["response"].items():
        waiting.add_row(ARMS[arm], *(day(kinds[kind]) for kind in KINDS))
    console.print(waiting)
    console.print()


def cells(band: dict[str, list[float | None]], name: str) -> Iterator[str]:
    """Median and 95 % of patients, day by day."""
    write = words.percent if name in SHARES else words.number
    for low, middle, high in zip(band["low"], band["middle"], band["high"], strict=True):
        if low is None or middle is None or high is None:
            yield "–"
        else:
            yield f"{write(middle)} ({write(low)}–{write(high)})"


def day(waiting: dict[str, float | None]) -> str:
    """A day with its interval."""
    middle, low, high = (waiting[end] for end in ("middle", "low", "high"))
    shown = ["never" if x is None else f"{x:.0f}" for x in (middle, low, high)]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def patient_section(found: dict[str, Any]) -> Html:
    """The same on a page, with its picture."""
    days = [words.day_name(int(one)) for one in found["days"]]
    tables = [
        table(
            title(text),
            ("", *days),
            [(ARMS[arm], *cells(bands[name], name)) for arm, bands in found["arms"].items()],
            class_="dense",
        )
        for name, text in found["measures"].items()
    ]
    waiting = [(ARMS[arm], *(day(kinds[kind]) for kind in KINDS)) for arm, kinds in found["response"].items()]
    count, depth = words.count(found["patients"]), words.count(found["depth"])
    return section(
        "patient",
        "What may become of it",
        paragraph(
            f"{count} simulated patients like {found['label'] or 'this one'}; {depth} T cells sequenced."
        ),
        figure(draw(found), CAPTION),
        table(f"{RESPONSE} (95% of patients)", ("", *KINDS.values()), waiting),
        folded("Numbers by arm and day", *tables),
    )


def draw(found: dict[str, Any]) -> Html:
    """One panel for each of the measures that say most."""
    arms = {arm: ARMS[arm] for arm in found["arms"]}
    with drawing(12.4, 6.6) as page:
        for axes, name in zip(panels(page, len(DRAWN), 3), DRAWN, strict=True):
            watermark(axes)
            bands = {arm: {name: numbers(found["arms"][arm][name])} for arm in arms}
            panel(axes, found["days"], bands, name)
        page.legend(handles=legend(list(arms), arms), loc="outside lower left", ncols=2, frameon=False)
        return as_svg(page, "patient-repertoire", "Diversity over time", "The tables give the numbers.")


def numbers(band: dict[str, list[float | None]]) -> dict[str, list[float]]:
    """A band for drawing: not a number where nothing can be said."""
    return {end: [math.nan if x is None else x for x in values] for end, values in band.items()}
