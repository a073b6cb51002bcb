"""What one sequenced sample shows: its clones by size, its genes, its spectratype, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.io.clonotypes import codes, names_in
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.io.clonotypes import Clonotypes

LOCI = ("TRB", "TRA", "TRG", "TRD")
"""Loci of T-cell receptors, in the order in which one is chosen where several are equally common."""
TOP = 20
POINTS = 200
"""Points of a rank-abundance curve."""


def common_locus(samples: Sequence[Clonotypes], asked: str | None = None) -> str:
    """The locus that is analysed: the one asked for, or the T-cell locus with most cells.

    Raises `DataError` where a sample has no productive clonotype of it.
    """
    cells = {
        locus: [int(sample.count[sample.of_locus(locus) & sample.productive].sum()) for sample in samples]
        for locus in LOCI
    }
    locus = asked or max(LOCI, key=lambda name: sum(cells[name]))
    if locus not in LOCI:
        raise DataError("option --locus", f"one of {', '.join(LOCI)}", locus)
    for sample, number in zip(samples, cells[locus], strict=True):
        if not number:
            found = ", ".join(f"{name or 'no locus'} {count}" for name, count in sample.loci().items())
            raise DataError(sample.sample, f"productive clonotypes of {locus}", f"cells by locus: {found}")
    return locus


def gene_of(calls: Any) -> tuple[list[str], NDArray[np.int64]]:
    """Genes without alleles in alphabetical order, and the index of each clonotype's (clonotype,)."""
    bare = [Level.gene.of(name) for name in names_in(calls)]
    genes = sorted(set(bare))
    place = np.array([genes.index(name) for name in bare] or [0])
    return genes, place[codes(calls)]


def usage(calls: Any, count: NDArray[np.int64]) -> dict[str, float]:
    """Share of the cells that use each gene, the commonest first; "" where the gene is not known."""
    genes, which = gene_of(calls)
    cells = np.bincount(which, weights=count, minlength=len(genes)) / count.sum()
    order = np.argsort(-cells, kind="stable")
    return {genes[i]: float(cells[i]) for i in order if cells[i] > 0}


def rank_curve(count: NDArray[np.int64]) -> dict[str, list[float]]:
    """Share of the cells by rank of the clone, at no more than `POINTS` ranks, evenly in their logarithm."""
    ranks = np.unique(np.geomspace(1, len(count), POINTS).round().astype(np.int64))
    return {"rank": ranks.tolist(), "share": (count[ranks - 1] / count.sum()).tolist()}


def largest(sample: Clonotypes, number: int = TOP) -> list[dict[str, Any]]:
    """The largest clones: `junction_aa`, `v_call`, `j_call`, `count`, `share` of the sample's cells."""
    head = slice(0, number)
    total = int(sample.count.sum())
    columns = (column[head].to_pylist() for column in (sample.junction_aa, sample.v_call, sample.j_call))
    return [
        {"junction_aa": aa, "v_call": v, "j_call": j, "count": int(n), "share": int(n) / total}
        for aa, v, j, n in zip(*columns, sample.count[head], strict=True)
    ]


def outside(sample: Clonotypes, locus: str) -> dict[str, Any]:
    """What is not in the analysis: rows left out by reason, other loci, and what is not productive."""
    mine = sample.of_locus(locus)
    broken = mine & ~sample.productive
    return {
        "rows": sample.rows,
        "left_out": dict(sample.left_out),
        "other_loci": {name: cells for name, cells in sample.loci().items() if name != locus},
        "nonproductive": {"clonotypes": int(broken.sum()), "cells": int(sample.count[broken].sum())},
    }


def notes(sample: Clonotypes) -> list[str]:
    """Sentences on what is odd about productive clonotypes."""
    import pyarrow.compute as pc

    begun = pc.mean(pc.starts_with(sample.junction_aa, "C")).as_py()
    unknown = usage(sample.v_call, sample.count).get("", 0.0)
    said = []
    if begun < 0.5:
        said.append(
            f"{100 * begun:.0f}% of the junctions begin with C: is this the CDR3 without its conserved ends?"
        )
    if unknown > 0.05:
        said.append(f"the V gene of {100 * unknown:.0f}% of the cells is not known")
    return said
