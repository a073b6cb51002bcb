"""The card of a model of V(D)J recombination, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `thymos vdj card` found."""
    console.print(f"Recombination of {found['locus']}", style="bold")
    console.print(f"Source: {found['source']}.\n", style="dim")
    table = plain(
        "Genes", "", "usable alleles", "families", "unusable alleles, with their share of rearrangements"
    )
    for genes in found["genes"]:
        why = [f"{n} {reason} ({words.percent(p)})" for reason, (n, p) in genes["unusable"].items()]
        table.add_row(genes["kind"], str(genes["usable"]), str(genes["families"]), "; ".join(why) or "none")
    console.print(table)
    console.print()
    for line in sentences(found):
        console.print(line)


def sentences(found: dict[str, Any]) -> list[str]:
    """Limits, shares and lengths."""
    deletions = [
        f"{end} {low} to {high}".replace("-", "\N{MINUS SIGN}")
        for end, (low, high) in found["deletions"].items()
    ]
    insertions = [
        f"{gap} 0 to {most}, mean {words.number(mean)}" for gap, (most, mean) in found["insertions"].items()
    ]
    bits, error = found["entropy"]
    mean, spread = map(words.number, found["length"])
    return [
        f"Deleted bases (below 0: palindromic ones left): {'; '.join(deletions)}.",
        f"Inserted bases: {'; '.join(insertions)}.",
        f"In frame: {found['in_frame']:.4f} of rearrangements; productive: {found['productive']:.4f}. Both are exact.",
        f"CDR3 before selection: {mean} residues, SD {spread}; in frame at most {found['longest']}. Above "
        f"{found['drawn_to']}, never drawn: {words.number(found['too_long'])} of those in frame.",
        f"Entropy of the productive CDR3 before selection: {bits:.1f} bits (standard error {error:.1g}); two chains "
        f"are the same once in {words.number(1 / found['coincidence'][0])}.",
    ]
