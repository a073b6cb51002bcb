"""The report: one HTML file that stands alone, asks nothing of the network and prints on paper."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from thymos.io.atomic import write_text
from thymos.report import words
from thymos.report.chain import chain
from thymos.report.diversity import diversity
from thymos.report.element import Html, join, paragraph, tag
from thymos.report.forest import forest
from thymos.report.incidence import incidences
from thymos.report.lot import lot
from thymos.report.palette import styles
from thymos.report.power import power
from thymos.report.protocol import protocol
from thymos.report.provenance import again, assumed, failures, sources
from thymos.report.reconstitution import reconstitution
from thymos.report.stored import Stored
from thymos.report.tornado import tornado
from thymos.report.verdict import verdict

if TYPE_CHECKING:
    from pathlib import Path

    from thymos.io.run_folder import RunFolder

SECTIONS = (
    chain,
    protocol,
    lot,
    reconstitution,
    diversity,
    incidences,
    forest,
    power,
    tornado,
    failures,
    sources,
    assumed,
    again,
)
CONTENTS = {
    "chain": "Chain",
    "study": "Study",
    "lot": "Lot",
    "reconstitution": "Reconstitution",
    "diversity": "Diversity",
    "outcomes": "Outcomes",
    "difference": "Difference",
    "power": "Registered size",
    "assumptions": "Assumptions",
    "sources": "Sources",
    "again": "Run it again",
}
NOTICE = (
    "Simulated patients. For research and development; thymos is not a medical device, and nothing here is "
    "advice on the treatment of a person."
)


def write_report(run: RunFolder, path: Path | None = None) -> Path:
    """Write the report of a stored run, by default as report.html in its folder; returns where it is."""
    target = path or run.path / "report.html"
    write_text(target, page(run))
    return target


def page(run: RunFolder) -> str:
    """The whole document."""
    stored = Stored(run)
    title = f"{stored.summary.title}: virtual trial report"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", title),
        tag("style", Html(style(stored))),
    )
    main = tag("main", verdict(stored), *(part(stored) for part in SECTIONS), id="main")
    skip = tag("a", "Skip to the results", href="#main", class_="skip")
    body = tag("body", skip, header(stored), contents(), main, footer(stored))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def style(stored: Stored) -> str:
    """The style sheet, with a colour for each arm."""
    sheet = (resources.files("thymos.report") / "page.css").read_text(encoding="utf-8")
    shown = styles([arm.name for arm in stored.summary.arms])
    for i, arm in enumerate(shown.values()):
        sheet += f".arm{i}, .chain .arm{i} {{ fill: {arm.colour}; color: {arm.colour}; }}\n"
        dashed = "dashed" if arm.dashes else "solid"
        sheet += f".mark{i} {{ border-top: 2.5px {dashed} {arm.colour}; }}\n"
    return sheet


def header(stored: Stored) -> Html:
    """Title, what kind of thing this is, and the few facts that name it."""
    study, summary = stored.study, stored.summary
    facts = (
        study.registry.id,
        f"{words.count(summary.patients)} {'twin pairs' if len(summary.arms) > 1 else 'patients'}",
        f"follow-up {words.number(study.follow_up / 365.25, 2)} years",
        f"seed {summary.seed}",
        f"thymos {summary.version}",
    )
    return tag(
        "header",
        tag("p", tag("span", "Simulated", class_="stamp"), " Virtual trial report", class_="over"),
        tag("h1", summary.title),
        tag("p", join(facts, " · "), class_="facts"),
        paragraph(NOTICE, class_="notice"),
    )


def contents() -> Html:
    """Where to find what."""
    links = [tag("a", name, href=f"#{key}") for key, name in CONTENTS.items()]
    return tag("nav", *links, aria_label="Contents")


def footer(stored: Stored) -> Html:
    """The digest, so that a printed page can be traced."""
    return tag("footer", f"thymos {stored.summary.version} · digest {stored.run.digest[:16]} · {NOTICE}")
