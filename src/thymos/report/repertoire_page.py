"""Sequenced repertoires as one HTML file that stands alone."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from thymos.io.atomic import write_text
from thymos.report import clone_tracking_picture, words
from thymos.report.canvas import as_svg, drawing
from thymos.report.element import Html, figure, folded, paragraph, section, table, tag
from thymos.report.patient_repertoire import patient_section
from thymos.report.repertoire import (
    INDICES,
    KNOWN,
    alarm,
    known_rows,
    left_out,
    match,
    published,
    title,
    unpublished,
    value,
)
from thymos.report.repertoire_picture import compose, height

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
    parts = (picture(found), diversity(found), spectratypes(found), clones(found), others(found))
    ahead = (patient_section(found["patient"]),) if "patient" in found else ()
    main = tag("main", *ahead, *(part for part in parts if part), id="main")
    body = tag("body", header(found), main, tag("footer", NOTICE))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def header(found: dict[str, Any]) -> Html:
    """What this is, and what it is not."""
    facts = " · ".join(
        f"{sample['name']}: {words.count(sample['indices']['cells']['value'])} cells in "
        f"{words.count(sample['indices']['richness']['value'])} clones"
        for sample in found["samples"]
    )
    kind = (
        "Simulated samples of T-cell receptors"
        if found.get("simulated_samples")
        else "Sequenced T-cell receptors"
    )
    return tag(
        "header",
        tag("p", kind, class_="over"),
        tag("h1", title(found)),
        tag("p", facts, class_="facts"),
        paragraph(NOTICE, class_="notice"),
    )


def picture(found: dict[str, Any]) -> Html:
    """The picture, and what to know when reading it."""
    with drawing(12.4, height(found)) as drawn:
        compose(drawn, found)
        text = "Clones by size, V genes, diversity and spectratypes; the tables below give the numbers."
        svg = as_svg(drawn, "repertoire", title(found), text)
    caption = (
        "Shares are of productive cells of the locus. A spectratype panel is one V family; red, a family whose "
        "lengths are skewed or that has no cell."
    )
    return section("picture", "At a glance", figure(svg, caption), *tracked(found))


def tracked(found: dict[str, Any]) -> list[Html]:
    """The largest clones from sample to sample, in the order of their days where these are known."""
    tracking = found["tracking"]
    if tracking is None:
        return []
    days = [sample["day"] for sample in found["samples"]]
    order = sorted(range(len(days)), key=lambda i: days[i]) if None not in days else range(len(days))
    times = [days[i] if days[i] is not None else tracking["samples"][i] for i in order]
    shares = [[row[i] for i in order] for row in tracking["shares"]]
    names = [f"{clone['junction_aa']} {clone['v']}" for clone in tracking["clones"]]
    with drawing(9.4, 4.2) as drawn:
        clone_tracking_picture.compose(drawn.subplots(), times, shares, names)
        text = "Stacked shares of the largest clones in each sample."
        svg = as_svg(drawn, "tracking", "Clone tracking", text)
    return [figure(svg, "The largest clones of all samples: their shares of the cells of each.")]


def diversity(found: dict[str, Any]) -> Html:
    """Indices as sequenced and at one depth."""
    names = [sample["name"] for sample in found["samples"]]
    body = [
        (text, *(value(sample["indices"][name]) for sample in found["samples"]))
        for name, text in INDICES.items()
    ]
    parts = [table("As sequenced, with the 95% interval of sampling", ("", *names), body)]
    if found["depth"]:
        body = [
            (text, *(value(sample["rarefied"][name]) for sample in found["samples"]))
            for name, text in INDICES.items()
            if name != "cells"
        ]
        caption = f"At {words.count(found['depth'])} cells: mean, and 95% of subsamples"
        parts.append(table(caption, ("", *names), body))
    body = [(row["text"], published(row), row["source"]) for row in found["references"]]
    if body:
        parts.append(table("Published, of healthy people", ("", "Clones", "Source"), body))
    elif found["locus"] == "TRB":
        parts.append(paragraph(unpublished(found)))
    parts.append(paragraph(found["comparable"], class_="fine"))
    return section("diversity", "Diversity", *parts)


def spectratypes(found: dict[str, Any]) -> Html | None:
    """The score of each sample, and each family."""
    if any(sample["spectratype"] is None for sample in found["samples"]):
        return None
    body = [
        (
            sample["name"],
            f"{one['normal']} of {one['of']}",
            f"{one['score']} of {8 * one['of']}",
            "" if one["divergence"] is None else f"{words.number(one['divergence'])} bits",
            alarm(one),
        )
        for sample in found["samples"]
        for one in (sample["spectratype"],)
    ]
    head = ("", "Normal families", "Score", "Divergence from the reference", "")
    return section(
        "spectratype",
        "Spectratype",
        table("V-beta families", head, body),
        paragraph(found["spectratype_text"]),
    )


def clones(found: dict[str, Any]) -> Html:
    """The largest clones of each sample."""
    head = ("Junction", "V", "J", "Cells", "Share")
    tables = []
    for sample in found["samples"]:
        body = [
            (
                tag("code", clone["junction_aa"]),
                clone["v_call"],
                clone["j_call"],
                words.count(clone["count"]),
                words.percent(clone["share"]),
            )
            for clone in sample["top"]
        ]
        tables.append(folded(sample["name"], table(f"Largest clones of {sample['name']}", head, body)))
    return section("clones", "Largest clones", *tables)


def shared(pair: dict[str, Any]) -> tuple[str, ...]:
    """What two samples share."""
    who = f"{pair['a']}, {pair['b']}"
    return (
        who,
        words.count(pair["shared"]),
        words.number(pair["jaccard"]),
        words.number(pair["morisita_horn"]),
    )


def others(found: dict[str, Any]) -> Html:
    """Overlap, matches with known receptors, and what was left out."""
    parts: list[Html] = []
    if found["overlap"]:
        body = [shared(pair) for pair in found["overlap"]]
        parts.append(table("Shared clonotypes", ("", "Shared", "Jaccard", "Morisita-Horn"), body))
    if rows := known_rows(found):
        caption = f"Similar to receptors of {found['known']['table']}, at most one residue apart"
        parts.append(table(caption, KNOWN, [(name, *match(row)) for name, row in rows]))
        parts += [paragraph(note, class_="fine") for note in found["known"]["notes"]]
    for sample in found["samples"]:
        said = (*left_out(sample, found["locus"]), *sample["notes"])
        parts.append(paragraph(f"{sample['name']}: {'; '.join(said)}."))
    return section("rest", "What else is in the files", *parts)
