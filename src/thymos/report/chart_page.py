"""The reconstitution chart of one patient as one HTML file that stands alone."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from thymos.io.atomic import write_text
from thymos.report import words
from thymos.report.canvas import as_svg, drawing
from thymos.report.chart import LINEAGES, PLACES, age, centile, legend, like, proportion, score, state, title
from thymos.report.chart_picture import compose
from thymos.report.element import Html, figure, paragraph, section, table, tag

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = (
    "For research and development; thymos is not a medical device, and nothing here is advice on treatment."
)


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
        tag("title", title(found)),
        tag("style", Html(style)),
    )
    main = tag("main", chart(found), counts(found), milestones(found), sources(found), id="main")
    body = tag("body", header(found), main, tag("footer", NOTICE))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def header(found: dict[str, Any]) -> Html:
    """What this is, of whom, and what it is not."""
    who = found["patient"]
    facts = f"{age(who['age'])} at transplant · {who['diagnosis']} · platform {found['platform']}"
    return tag(
        "header",
        tag("p", "Reconstitution chart: measured counts, simulated expectation", class_="over"),
        tag("h1", who["label"]),
        tag("p", facts, class_="facts"),
        paragraph(NOTICE, class_="notice"),
    )


def chart(found: dict[str, Any]) -> Html:
    """The picture, and what to know when reading it."""
    with drawing(12.4, 8.4) as page:
        compose(page, found)
        text = "Curves of seven lineages; the tables below give the numbers."
        picture = as_svg(page, "chart", title(found), text)
    notes = [paragraph(f"Note: {note}.") for note in found["notes"]]
    return section("chart", "Counts after transplant", figure(picture, legend(found)), *notes)


def counts(found: dict[str, Any]) -> Html:
    """The numbers behind the points."""
    body: list[tuple[str, ...]] = []
    for lineage, name in LINEAGES.items():
        rows = [row for row in found["counts"] if row["lineage"] == lineage]
        body += [(name,)] if rows else []
        for row in rows:
            written = ("<" if row["below"] else "") + words.cells(row["value"]) + words.unit(row["unit"])
            expected = "" if row["expected"] is None else words.cells(row["expected"])
            place = PLACES[row["place"]]
            body.append(
                (f"day {row['day']:g}", row["assay"], written, score(row), centile(row), expected, place)
            )
    head = ("Day", "Assay", "Count", "z", "Centile", "Expected", "Course")
    return section(
        "counts", "Counts", table("Counts against healthy people and patients like this one", head, body)
    )


def milestones(found: dict[str, Any]) -> Html:
    """What was reached, beside patients like this one."""
    body = [(row["text"], state(row), like(row["like"])) for row in found["milestones"]]
    body += [(row["text"], state(row), words.proportion(proportion(row["like"]))) for row in found["alarms"]]
    head = ("Milestone", "This patient", "Patients like this one (simulated)")
    return section("milestones", "Milestones", table("Milestones and alarms", head, body))


def sources(found: dict[str, Any]) -> Html:
    """Who measured the healthy people, and who found the milestones."""
    entries = [tag("li", tag("code", s["key"]), " ", s["text"]) for s in found["sources"]]
    return section("sources", "Sources", tag("ol", *entries, class_="sources"))
