"""Sequenced repertoires as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import patient_repertoire, words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

INDICES = {
    "cells": "cells",
    "richness": "clones",
    "hill1": "effective clones, exp(Shannon)",
    "hill2": "effective clones, 1/Simpson",
    "clonality": "clonality (0 to 1)",
    "simpson": "two cells of one clone",
    "chao1": "clones there at least, Chao1",
}
SHOWN = 10
"""Clones and genes in a table."""
COUNTED = {
    "umi_count": "its molecules",
    "rows": "its rows",
}
KNOWN = ("", "antigen", "known", "exact", "near", "near by chance (95%)", "share of cells")
NOTICE = "Research use only, not for decisions on a patient."


def show(found: dict[str, Any], console: Console) -> None:
    """Print what `thymos repertoire` found; of simulated samples, the course alone."""
    console.print(title(found) + "\n", style="bold")
    if "patient" in found:
        patient_repertoire.show(found["patient"], console)
    if found.get("simulated_samples"):
        console.print(NOTICE, style="dim")
        return
    for table in (indices(found), rarefied(found), spectratypes(found), overlaps(found), known(found)):
        if table is not None:
            console.print(table)
            console.print()
    for sample in found["samples"]:
        console.print(clones(sample))
        console.print()
    console.print(genes(found))
    console.print()
    if found["references"]:
        console.print(references(found))
    elif found["locus"] == "TRB":
        console.print(unpublished(found))
    console.print()
    for sample in found["samples"]:
        for line in (*left_out(sample, found["locus"]), *sample["notes"]):
            console.print(f"{sample['name']}: {line}.")
    for note in (found["known"] or {}).get("notes", ()):
        console.print(note)
    console.print(NOTICE, style="dim")


def shown_of(found: dict[str, Any], most: int) -> str:
    """How many samples a picture leaves to the tables; empty where it shows all."""
    more = len(found["samples"]) - most
    return f"The first {most} samples; {more} more in the tables. " if more > 0 else ""


def title(found: dict[str, Any]) -> str:
    """Which samples, and of which chain."""
    names = [sample["name"] for sample in found["samples"]]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    simulated = ", simulated" if found.get("simulated_samples") else ""
    return f"Repertoire of {listed}: {found['locus']}, productive{simulated}"


def indices(found: dict[str, Any]) -> Any:
    """Indices of each sample as it was sequenced."""
    table = plain("As sequenced (95% interval of sampling)", "", *(one["name"] for one in found["samples"]))
    for name, text in INDICES.items():
        table.add_row(text, *(value(sample["indices"][name]) for sample in found["samples"]))
    return table


def rarefied(found: dict[str, Any]) -> Any:
    """Indices of all samples at one depth, which alone can be compared."""
    if not found["depth"]:
        return None
    head = f"At {words.count(found['depth'])} cells (mean and 95% of subsamples)"
    table = plain(head, "", *(one["name"] for one in found["samples"]))
    for name, text in INDICES.items():
        if name != "cells":
            table.add_row(text, *(value(sample["rarefied"][name]) for sample in found["samples"]))
    return table


def value(one: dict[str, float | None]) -> str:
    """A value with its interval, where it has one."""
    if one["value"] is None:
        return ""
    middle = words.number(one["value"])
    return (
        middle
        if one["low"] is None or one["low"] == one["high"]
        else f"{middle} ({words.span(one['low'], one['high'])})"
    )


def spectratypes(found: dict[str, Any]) -> Any:
    """Score of each sample, as clinics of severe combined immunodeficiency read it."""
    if any(sample["spectratype"] is None for sample in found["samples"]):
        return None
    table = plain("V-beta spectratype", "", "normal families", "score", "divergence from the reference", "")
    for sample in found["samples"]:
        one = sample["spectratype"]
        apart = "" if one["divergence"] is None else f"{words.number(one['divergence'])} bits"
        table.add_row(
            sample["name"],
            f"{one['normal']} of {one['of']}",
            f"{one['score']} of {8 * one['of']}",
            apart,
            alarm(one),
        )
    return table


def alarm(one: dict[str, Any]) -> str:
    """What the number of normal families means."""
    return f"ALARM, below {one['alarm']}" if one["alarmed"] else "clear"


def overlaps(found: dict[str, Any]) -> Any:
    """What two samples share."""
    if not found["overlap"]:
        return None
    table = plain("Shared clonotypes", "", "shared", "Jaccard", "Morisita-Horn")
    for pair in found["overlap"]:
        table.add_row(
            f"{pair['a']}, {pair['b']}",
            words.count(pair["shared"]),
            words.number(pair["jaccard"]),
            words.number(pair["morisita_horn"]),
        )
    return table


def known(found: dict[str, Any]) -> Any:
    """Matches with receptors of known specificity."""
    rows = known_rows(found)
    if not rows:
        return None
    table = plain(f"Similar to receptors of {found['known']['table']}, at most one residue apart", *KNOWN)
    for name, row in rows:
        table.add_row(name, *match(row))
    return table


def match(row: dict[str, Any]) -> tuple[str, ...]:
    """One kind of antigen, or one species of it: matches beside what chance explains."""
    antigen = ": ".join(filter(None, (row["kind"], row["source"]))) or "all"
    low, high = words.count(row["by_chance_low"]), words.count(row["by_chance_high"])
    chance = f"{words.number(row['by_chance'])} ({low}\N{EN DASH}{high})"
    counts = (words.count(row["known"]), words.count(row["exact"]), words.count(row["clonotypes"]))
    return antigen, *counts, chance, words.percent(row["share"])


def known_rows(found: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The rows of every sample that say something: kinds, and species with a match."""
    return [
        (sample["name"], row)
        for sample in found["samples"]
        for row in sample["known"] or ()
        if row["clonotypes"] or not row["source"]
    ]


def clones(sample: dict[str, Any], number: int = SHOWN) -> Any:
    """The largest clones of a sample."""
    table = plain(f"Largest clones of {sample['name']}", "junction", "V", "J", "cells", "share")
    for clone in sample["top"][:number]:
        table.add_row(
            clone["junction_aa"],
            clone["v_call"],
            clone["j_call"],
            words.count(clone["count"]),
            words.percent(clone["share"]),
        )
    return table


def genes(found: dict[str, Any], number: int = SHOWN) -> Any:
    """The V genes that the first sample uses most, in all samples."""
    names = [name for name in found["samples"][0]["v_usage"] if name][:number]
    table = plain("V genes, share of cells", "", *(sample["name"] for sample in found["samples"]))
    for name in names:
        shares = (sample["v_usage"].get(name, 0.0) for sample in found["samples"])
        table.add_row(name, *map(words.percent, shares))
    return table


def references(found: dict[str, Any]) -> Any:
    """Published numbers of healthy people."""
    table = plain("Published, healthy people", "", "clones", "source")
    for row in found["references"]:
        table.add_row(row["text"], published(row), row["source"])
    return table


def unpublished(found: dict[str, Any]) -> str:
    """That nobody counted the receptors of healthy people of this age."""
    return f"No published number of receptors of healthy people of {words.number(found['age'])} years."


def published(row: dict[str, Any]) -> str:
    """A published number or range, and whether it is a lower bound."""
    said = words.span(row["low"], row["high"]) if row["value"] is None else words.number(row["value"])
    return f"at least {said}" if row["kind"] == "lower bound" else said


def left_out(sample: dict[str, Any], locus: str) -> list[str]:
    """What is not in the analysis, in sentences."""
    counts = COUNTED.get(sample["counted"], f"the column `{sample['counted']}`")
    said = [f"{words.count(sample['rows'])} rows; a clone's cells are {counts}"]
    broken = sample["nonproductive"]
    if broken["clonotypes"]:
        said.append(
            f"{words.count(broken['clonotypes'])} clonotypes of {words.count(broken['cells'])} cells are not productive"
        )
    if sample["other_loci"]:
        listed = ", ".join(
            f"{name or 'unknown'} {words.count(cells)}" for name, cells in sample["other_loci"].items()
        )
        said.append(f"cells of other loci than {locus}: {listed}")
    if sample["left_out"]:
        listed = ", ".join(f"{reason} {words.count(rows)}" for reason, rows in sample["left_out"].items())
        said.append(f"rows left out: {listed}")
    return said
