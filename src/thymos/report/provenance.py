"""Where it all came from: failures, sources, bare assumptions, and how to run it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from thymos.report import words
from thymos.report.element import Html, paragraph, section, table, tag

if TYPE_CHECKING:
    from thymos.io.summary_schema import Knowledge, SwitchShare
    from thymos.report.stored import Stored


def failures(stored: Stored) -> Html:
    """Virtual patients whose equations could not be solved."""
    failed = stored.summary.failed
    text = (
        f"{words.count(failed.n)} of {words.count(failed.of)} virtual patients could not be computed. "
        "They stay in every denominator."
    )
    body = [(status.replace("_", " "), words.count(n)) for status, n in failed.by_status.items() if n]
    rows = (table("Failures by reason", ("Reason", "Patients"), body),) if body else ()
    return section("failures", "Failures", paragraph(text), *rows)


def sources(stored: Stored) -> Html:
    """Every source used, as stored with the run."""
    entries = [
        tag("li", tag("code", s.key), " ", s.text, id=f"source-{s.key}") for s in stored.summary.sources
    ]
    return section("sources", "Sources", tag("ol", *entries, class_="sources"))


def assumed(stored: Stored) -> Html:
    """Every value that no source supports."""
    body = [
        (words.spoken(a.name), words.value_or_name(a.value) + words.unit(a.unit), a.where)
        for a in stored.summary.assumed
    ]
    text = (
        f"{words.count(len(body))} values rest on no source. Each has a wide interval, and those that matter "
        "stand among the assumptions above."
    )
    rows = table("Values graded “assumed”", ("Name", "Value", "Why this value, and its limits"), body)
    return section("assumed", "Assumed values", paragraph(text), rows)


def drawn_from(knowledge: Knowledge) -> str:
    """What typical values and switches were drawn from, in words."""
    told = [
        f"{s.name.rpartition('.')[2]} {s.choice} " + _how_often(s)
        for s in knowledge.switches
        if not (s.pinned and s.share == 0)
    ]
    if knowledge.typical == "prior":
        return "; ".join(["each row's own range", *told])
    joint = f"{words.count(knowledge.joint_draws)} joint draws given published patients without product"
    return "; ".join([joint, *told])


def _how_often(switch: SwitchShare) -> str:
    return "as the study says" if switch.pinned else f"in {words.percent(switch.share)} of the draws"


def again(stored: Stored) -> Html:
    """The command, the digest, and what the numbers were made from."""
    manifest = stored.run.manifest
    made = manifest.identity
    body = [
        ("Digest of all numbers", manifest.digest),
        ("thymos", made.code),
        ("Study", made.study),
        ("Parameter values", made.values),
        ("Models", made.model),
        ("Seed", str(made.seed)),
        ("Computed", f"{manifest.created}, in {words.number(stored.summary.seconds)} s"),
        ("Machine", ", ".join(f"{key} {value}" for key, value in manifest.machine.items())),
    ]
    if stored.summary.knowledge is not None:
        body.insert(4, ("Typical values and switches", drawn_from(stored.summary.knowledge)))
    command = tag("pre", tag("code", stored.command()), class_="command", tabindex=0)
    check = paragraph(
        "or ", tag("code", "thymos reproduce RUN"), ", which says what differs, if anything does."
    )
    return section(
        "again",
        "Run it again",
        command,
        check,
        table("What this report was made from", ("Item", "Value"), body, class_="hashes"),
    )
