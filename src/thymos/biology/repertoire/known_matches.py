"""Matches of sequenced samples with receptors of known specificity, as `thymos repertoire --known` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.biology.repertoire.antigens.match import Annotator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.biology.repertoire.antigens.match import Group
    from thymos.biology.repertoire.vdj.recombination import Recombination
    from thymos.io.clonotypes import Clonotypes
    from thymos.io.vdjdb import KnownReceptors


def add_known(
    found: dict[str, Any],
    samples: Sequence[Clonotypes],
    table: KnownReceptors,
    model: Recombination,
    seed: int = 1,
) -> None:
    """Put the matches of each sample into what `analysed` found, and what has to be known of them beside.

    Raises `DataError` where the table, the model and the samples are not of one locus.
    """
    annotator = Annotator(table, model, seed=seed)
    notes: dict[str, None] = {}
    for row, sample in zip(found["samples"], samples, strict=True):
        annotation = annotator.of(sample)
        row["known"] = [_row(group) for group in annotation.groups]
        notes |= dict.fromkeys(annotation.notes)
    found["known"] = {
        "table": table.name,
        "chains": len(table),
        "left_out": dict(table.left_out),
        "model": model.source,
        "notes": list(notes),
    }


def _row(group: Group) -> dict[str, Any]:
    near = group.near
    return {
        "kind": group.kind,
        "source": group.source,
        "known": group.known,
        "exact": group.exact.observed,
        "exact_by_chance": group.exact.expected,
        "clonotypes": near.observed,
        "by_chance": near.expected,
        "by_chance_low": near.low,
        "by_chance_high": near.high,
        "p": near.chance,
        "share": group.cells,
    }
