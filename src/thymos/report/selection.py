"""Thymic selection by affinity, shown: shares of receptors, what survivors recognise, and counts to compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

Spread = dict[str, float | None]
OUTCOMES = {"deleted": "deleted", "neglected": "neglected", "survives": "survive"}
CHANCES = {
    "foreign": "a foreign peptide",
    "neoantigen": "a neo-antigen, self with one residue changed",
    "hidden_self": "a self peptide that the thymus does not present",
}
OTHERS = {
    "ratio": "neo-antigen over foreign",
    "autoreactive": "cells that recognise some hidden self peptide",
    "autoreactive_primed": "  and would once primed, by weaker bonds",
    "mimics": "foreign peptides that look like self in the thymus",
    "important_contacts": "important contacts of a bond, of {contacts}",
    "narrowing": "foreign peptides per cell, before deletion over after it",
    "detectors_lost": "cells able to recognise a foreign peptide, lost to neglect",
}
FEW = 100
UNKNOWN = "Hardly any receptor survives: what survivors recognise is not known. More receptors, or other thresholds."
SHARES = ("autoreactive", "autoreactive_primed", "mimics", "detectors_lost")
PATHOGENS = {
    "virus": "virus",
    "fungus": "fungus (model-based)",
    "tumour": "tumour, neo-antigens of this host",
}
CHECKS = {
    "deleted_of_selectable": "deleted, of those not neglected",
    "deleted_per_survivor": "deleted per survivor",
    "foreign_recognition": "recognition of a foreign peptide",
    "shift_length": "shift of CDR3 lengths by selection [bit]",
    "shift_v": "shift of V genes [bit]",
    "shift_residues": "shift of CDR3 residues [bit]",
}
NOTES = (
    "Hosts differ by their self set and energies; receptors and foreign peptides are the same for all.",
    "Strings are a mechanism of tolerance, cross-reactivity and holes. They do not set residue statistics of a"
    " repertoire, and a chance here is no measured frequency.",
    "The two counts of deletion were made in different mice and disagree. The default recognition was chosen, inside"
    " its counted range, so that deletion is near the first; a narrower window moves it towards the second.",
)


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `survey` found."""
    console.print(title(found), style="bold")
    console.print(facts(found), style="dim")
    for table in (shares, recognition, holes, pathogens, checks):
        console.print()
        rows = list(table(found))
        sheet = plain(*rows[0])
        for row in rows[1:]:
            sheet.add_row(*row)
        console.print(sheet)
    console.print()
    for line in notes(found):
        console.print(line)


def title(found: dict[str, Any]) -> str:
    """What was done."""
    number = len(found["hosts"])
    return f"Thymic selection in {number} {'host' if number == 1 else 'hosts'}  (simulated)"


def facts(found: dict[str, Any]) -> str:
    """How many of what, and where the thresholds stand."""
    at = found["thresholds"]
    positive = (
        "no neglect" if at["positive"] is None else f"neglected above {words.number(at['positive'], 4)} kT"
    )
    set_by = "as asked" if at["target"] is None else f"from a recognition of {words.number(at['target'], 2)}"
    return " · ".join(
        (
            f"energies: {found['energies']}",
            f"{words.count(found['receptors'])} receptors",
            f"{words.count(found['self_peptides'])} self peptides, {words.percent(found['presented'])} in the thymus",
            f"{words.count(found['foreign_peptides'])} foreign peptides",
            f"deleted at or below {words.number(at['negative'], 4)} kT ({set_by}), {positive}",
            f"seed {found['seed']}",
        )
    )


def shares(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Title and heads, then the share of receptors for each outcome."""
    yield "What becomes of receptors", "", "of all (SD over hosts)"
    for key, name in OUTCOMES.items():
        yield name, share(found["summary"][key])


def recognition(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Title and heads, then what a survivor recognises."""
    yield "Chance that one surviving cell recognises", "", "mean (SD over hosts)"
    for key, name in CHANCES.items():
        yield name, spread(found["summary"][key])
    for key, name in OTHERS.items():
        write = share if key in SHARES else spread
        yield name.format(contacts=found["contacts"]), write(found["summary"][key])


def holes(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Title and heads, then the share of foreign peptides that nobody answers, by number of clones."""
    yield (
        "Holes: foreign peptides that none of so many clones recognises",
        "clones",
        "of peptides (SD over hosts)",
    )
    for row in found["holes"]:
        yield words.count(row["clones"]), share(row)


def pathogens(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Title and heads, then cells that answer to any peptide of a pathogen."""
    yield "Cells that answer", "to", "peptides", "of cells (SD over hosts)", "a quorum in one tissue"
    for row in found["pathogens"]:
        chance = row["response"]["mean"]
        quorum = "" if chance is None else words.percent(chance)
        yield PATHOGENS[row["kind"]], words.count(row["peptides"]), spread(row["answering"]), quorum


def checks(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Title and heads, then figures beside what was counted."""
    yield "Beside counts", "", "here (SD over hosts)", "counted, or tolerated", "source"
    for row in found["checks"]:
        yield CHECKS[row["name"]], spread(row), words.span(row["low"], row["high"]), row["source"]


def notes(found: dict[str, Any]) -> list[str]:
    """What to know when reading it."""
    fungus = (row["note"] for row in found["pathogens"] if row["note"])
    few = [] if found["summary"]["survivors"]["mean"] >= FEW else [UNKNOWN]
    return [*few, similar(found), *(f"Fungi: {note}." for note in fungus), *NOTES]


def similar(found: dict[str, Any]) -> str:
    """How much likelier receptors that share contacts recognise the same peptide."""
    said = ", ".join(f"{enriched(row)} at {row['distance']}" for row in found["degeneracy"])
    most = (
        "Two survivors recognise the same peptide so many times as often as two at random, by substitutions"
    )
    return f"{most}: {said}."


def enriched(row: dict[str, Any]) -> str:
    """An enrichment, or what was too little to see."""
    if row["expected"] and row["together"]:
        return words.number(row["enrichment"], 2)
    return f"below {words.number(3 / row['expected'], 1)}" if row["expected"] else "not seen"


def share(row: Spread) -> str:
    """Mean share and its spread over hosts."""
    return _spread(row, words.percent)


def spread(row: Spread) -> str:
    """Mean and its spread over hosts."""
    if row["mean"] == 0:
        return "none seen"
    return _spread(row, lambda x: words.number(x, 3))


def _spread(row: Spread, write: Callable[[float], str]) -> str:
    mean, sd = row["mean"], row["sd"]
    if mean is None:
        return "none seen"
    return write(mean) if sd is None else f"{write(mean)} ({write(sd)})"
