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
ORIGINS = {
    "I": "infused progenitors",
    "H": "graft stem cells",
    "G": "mature cells of the graft",
    "R": "host",
}
RECOGNISED = {
    "self": "self, in the thymus",
    "hidden": "self, not in it",
    "virus": "a virus",
    "fungus": "a fungus (model-based)",
    "tumour": "a tumour (model-based)",
}
RECOGNITION = "Sampled cells that recognise any peptide of"
ALLO = (
    "By strings: the patient's self peptides, and as many pathogens as `thymos selection` takes. Mature cells of the "
    "graft were selected by a donor who shares no self peptide, an upper limit of what they attack."
)
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
    if "recognition" in found:
        table_ = plain(RECOGNITION, "", *RECOGNISED.values())
        for row in recognition(found):
            table_.add_row(*row)
        console.print(table_)
        console.print(ALLO + "\n", style="dim")


def recognition(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """By origin, the share of cells that recognise any peptide of a kind."""
    for origin, name in ORIGINS.items():
        if shares := found["recognition"].get(origin):
            yield name, *(words.percent(shares[kind]) for kind in RECOGNISED)


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
        *known(found),
        folded("Numbers by arm and day", *tables),
    )


def known(found: dict[str, Any]) -> tuple[Html, ...]:
    """Whom the cells of the drawn samples recognise, where samples were drawn."""
    if "recognition" not in found:
        return ()
    head = ("", *RECOGNISED.values())
    return table(RECOGNITION, head, list(recognition(found))), paragraph(ALLO, class_="fine")


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
