"""The study: what the registry says, what this run adds, and why each field has its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.element import Html, folded, join, section, table, tag

if TYPE_CHECKING:
    from thymos.report.stored import Stored


def protocol(stored: Stored) -> Html:
    """The section: registered facts, the virtual trial, the basis of its fields, the file itself."""
    study = stored.study
    facts = [(fact.text, fact.evidence or "", fact.source) for fact in study.registry.facts]
    basis = [
        (b.field, "assumed" if b.source == "assumed" else b.source, b.evidence or "", b.text)
        for b in study.basis
    ]
    link = tag("a", study.registry.id, href=study.registry.url)
    return section(
        "study",
        "The study",
        tag("p", join((link, f": {study.registry.title}.")), class_="lead"),
        table("Facts of the registered protocol", ("Fact", "Evidence", "Source"), facts),
        table("The virtual trial", ("Item", "Value"), virtual(stored)),
        folded(
            "Why the fields of the study have their values",
            table("Basis", ("Field", "Source", "Evidence", "Note"), basis),
        ),
        folded("The study file", tag("pre", stored.run.study_text(), tabindex=0)),
    )


def virtual(stored: Stored) -> list[tuple[str, str]]:
    """What was run."""
    study, summary = stored.study, stored.summary
    arms = [
        f"{arm.title or arm.name}: {words.number(arm.dose)}/kg"
        + (f" on day {span(arm.day.low, arm.day.high)}" if arm.day and arm.dose else "")
        for arm in study.arms
    ]
    visits = ", ".join(f"{day:g}" for day in study.visits.days)
    return [
        ("Virtual patients in each arm", f"{words.count(summary.patients)}, the same in every arm (twins)"),
        ("Draws of the uncertain values", words.count(summary.draws)),
        ("Arms", "; ".join(arms)),
        ("Blood taken on days", f"{visits} (± {study.visits.window:g})"),
        ("Follow-up", f"{study.follow_up:g} days"),
        ("Graft", f"{words.GRAFTS[study.graft.source]}, {words.GRAFTS[study.graft.depletion]}"),
        ("Conditioning", study.conditioning.intensity + (", ATG" if study.conditioning.atg else ", no ATG")),
    ]


def span(low: float, high: float) -> str:
    """A window of days."""
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
