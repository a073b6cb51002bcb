"""Thymic selection as one HTML file that stands alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import resources
from typing import TYPE_CHECKING, Any

from thymos.evidence.bibliography import reference
from thymos.io.atomic import write_text
from thymos.report import selection as shown
from thymos.report.canvas import as_svg, drawing
from thymos.report.element import Html, figure, paragraph, section, table, tag
from thymos.report.selection_picture import TITLE, compose

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = (
    "Simulated. For research and development; thymos is not a medical device, and nothing here is advice on "
    "treatment."
)
CAPTION = (
    "One host. Above, the chance that a cell which survives recognises one peptide; below, what becomes of "
    "receptors. The band was counted in people: naive CD8+ cells for six epitopes."
)
SECTIONS: tuple[tuple[str, str, Callable[[dict[str, Any]], Iterable[tuple[str, ...]]]], ...] = (
    ("shares", "Shares", shown.shares),
    ("recognition", "Recognition", shown.recognition),
    ("holes", "Holes", shown.holes),
    ("pathogens", "Pathogens", shown.pathogens),
    ("checks", "Beside counts", shown.checks),
)
SOURCES = ("kosmrlj2008", "george2017", "miyazawa1996", "yin2024", "butler2013", "chao2005", "mayer2023")


def write_page(found: dict[str, Any], path: Path) -> None:
    """Write the page, whole or not at all."""
    write_text(path, page(found))


def page(found: dict[str, Any]) -> str:
    """The whole document."""
    style = (resources.files("thymos.report") / "page.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", shown.title(found)),
        tag("style", Html(style)),
    )
    tables = [sheet(found, *part) for part in SECTIONS]
    main = tag("main", picture(found), *tables, notes(found), sources(found), id="main")
    body = tag("body", header(found), main, tag("footer", NOTICE))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def header(found: dict[str, Any]) -> Html:
    """What this is, and of how many."""
    return tag(
        "header",
        tag("p", tag("span", "Simulated", class_="stamp"), " Thymic selection by affinity", class_="over"),
        tag("h1", shown.title(found).removesuffix("  (simulated)")),
        tag("p", shown.facts(found), class_="facts"),
        paragraph(NOTICE, class_="notice"),
    )


def picture(found: dict[str, Any]) -> Html:
    """Recognition and shares over the threshold."""
    with drawing(8.6, 6.4) as canvas:
        compose(canvas, found)
        drawn = as_svg(canvas, "selection", TITLE, CAPTION)
    return section("threshold", "Over the threshold", figure(drawn, CAPTION))


def sheet(
    found: dict[str, Any], key: str, name: str, rows: Callable[[dict[str, Any]], Iterable[tuple[str, ...]]]
) -> Html:
    """One table as a section."""
    (caption, *head), *body = rows(found)
    return section(key, name, table(caption, head, body))


def notes(found: dict[str, Any]) -> Html:
    """What to know when reading it."""
    return section("notes", "Notes", *(paragraph(line) for line in shown.notes(found)))


def sources(found: dict[str, Any]) -> Html:
    """Who counted, and whose models these are."""
    keys = [*dict.fromkeys((*SOURCES, *(row["source"] for row in found["checks"] if row["source"])))]
    entries = [tag("li", tag("code", key), " ", reference(key)) for key in keys]
    return section("sources", "Sources", tag("ol", *entries, class_="sources"))
