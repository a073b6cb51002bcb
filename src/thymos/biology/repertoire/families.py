"""TRBV families of a sample, and their spectratype beside a reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.diversity.spectratype import FULL, Reading, Spectratype, spectratype
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.io.clonotypes import codes, names_in
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.recombination import Recombination
    from thymos.io.clonotypes import Clonotypes

FAMILIES = tuple(
    f"TRBV{i}" for i in (2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 24, 25, 27, 28, 29, 30)
)
"""Those with a functional human gene. IMGT has 23 where older names had 24, of which clinics speak."""
LONGEST = 40
"""Residues; what is longer stands with it."""
LEAST = 100
"""Cells of a family in a reference below which its lengths are no reference."""


@dataclass(frozen=True)
class Repertoire:
    """A repertoire to compare with: who it is, and cells by V gene and residues of the junction."""

    name: str
    genes: tuple[str, ...]
    cells: NDArray[np.float64]
    which: NDArray[np.int64]
    residues: NDArray[np.int64]

    def lengths(self, families: Sequence[str]) -> Spectratype:
        """Cells by family and length; other families are left out."""
        place = {name: i for i, name in enumerate(families)}
        of_gene = np.array([place.get(Level.family.of(name), -1) for name in self.genes] or [-1])
        of_clone = of_gene[self.which]
        known = of_clone >= 0
        inside = np.minimum(self.residues[known], LONGEST)
        return spectratype(self.cells[known], of_clone[known], inside, (len(families), LONGEST + 1))

    def families(self) -> dict[str, float]:
        """Cells of each family."""
        sums: dict[str, float] = {}
        of_gene = np.bincount(self.which, weights=self.cells, minlength=len(self.genes))
        for gene, cells in zip(self.genes, of_gene.tolist(), strict=True):
            name = Level.family.of(gene)
            sums[name] = sums.get(name, 0.0) + cells
        sums.pop("", None)
        return sums


def of_sample(sample: Clonotypes) -> Repertoire:
    """Of clonotypes."""
    genes = tuple(names_in(sample.v_call))
    return Repertoire(
        sample.sample, genes, sample.count.astype(np.float64), codes(sample.v_call), sample.residues()
    )


def of_model(model: Recombination, number: int = 200_000, seed: int = 1) -> Repertoire:
    """What recombination alone gives: before selection, so longer by half a residue than in blood."""
    from thymos.biology.repertoire.vdj.drawn import draw

    chains = draw(model, number, seed)
    genes = tuple(gene.name for gene in model.v)
    which, residues = chains.v.astype(np.int64), chains.length.astype(np.int64)
    return Repertoire(f"recombination alone ({model.source})", genes, np.ones(number), which, residues)


def looked_at(repertoires: Sequence[Repertoire]) -> tuple[str, ...]:
    """Families of a spectratype: the human ones, or the commonest where genes have other names."""
    sums: dict[str, float] = {}
    for one in repertoires:
        for name, cells in one.families().items():
            sums[name] = sums.get(name, 0.0) + cells
    if any(sums.get(name) for name in FAMILIES) or not sums:
        return FAMILIES
    commonest = sorted(sums, key=lambda name: -sums[name])[: Reading.usual().families]
    return tuple(sorted(commonest, key=_by_number))


def _by_number(name: str) -> tuple[int, str]:
    """TRBV9 before TRBV10; names without a number first."""
    return int("".join(filter(str.isdecimal, name)) or 0), name


def reference_named(where: str, seed: int = 1) -> Repertoire:
    """The reference that a user names: a file of clonotypes, or a V(D)J model.

    Raises `DataError` where it is neither, and for a file without productive TRB.
    """
    from thymos.biology.repertoire.vdj.installed import NAMES, recombination
    from thymos.io.clonotype_file import read_clonotypes

    path = Path(where)
    if where in NAMES or path.is_dir():
        return of_model(recombination(where, "TRB"), seed=seed)
    sample = read_clonotypes(path)
    mine = sample.only(sample.of_locus("TRB") & sample.productive)
    if not len(mine):
        raise DataError(path.name, "productive clonotypes of TRB", "none")
    return of_sample(mine)


def read_families(sample: Repertoire, names: Sequence[str], reference: Repertoire | None) -> dict[str, Any]:
    """The spectratype of a sample: `families`, `normal`, `of`, `score`, `alarm`, `alarmed`, `divergence` [bit]."""
    found, how = sample.lengths(names), Reading.usual()
    normal = found.normal(how)
    points, shares, cells = found.scores(how), found.shares, found.of_family
    theirs = None if reference is None else reference.lengths(names)
    rows = [
        {
            "name": name,
            "cells": int(cells[i]),
            "points": int(points[i]),
            "normal": bool(normal[i]),
            **_histogram(shares[i], None if theirs is None else theirs.shares[i]),
        }
        for i, name in enumerate(names)
    ]
    return {
        "families": rows,
        "normal": int(normal.sum()),
        "of": len(names),
        "score": int(points.sum()),
        "full": FULL * len(names),
        "alarm": how.alarm_families,
        "alarmed": bool(found.alarm(how)),
        "divergence": None if theirs is None else _divergence(found, theirs),
    }


def _histogram(shares: NDArray[Any], theirs: NDArray[Any] | None) -> dict[str, Any]:
    """Shares at the lengths from the shortest to the longest that either has."""
    held = shares > 0 if theirs is None else (shares > 0) | (theirs > 0)
    at = np.flatnonzero(held)
    span: Sequence[int] = range(int(at[0]), int(at[-1]) + 1) if len(at) else ()
    return {
        "lengths": list(span),
        "shares": [float(shares[i]) for i in span],
        "reference": None if theirs is None or not theirs.any() else [float(theirs[i]) for i in span],
    }


def _divergence(found: Spectratype, theirs: Spectratype) -> float | None:
    """Mean over the families that both have; None where there is none."""
    both = (found.of_family > 0) & (theirs.of_family >= LEAST)
    return float(found.divergence(theirs)[both].mean()) if both.any() else None
