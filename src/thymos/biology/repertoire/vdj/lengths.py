"""The law of how many bases a rearrangement has between the ends of its CDR3, before its sequence is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.vdj.gene_name import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.recombination import Gene, Recombination

    Floats = NDArray[np.float64]


def length_law(model: Recombination) -> Floats:
    """Probability of each number of bases (base,); adds up to the share of rearrangements that are a chain at all."""
    v, j = _kept(model.v, model.deletion_v, least=1), _kept(model.j, model.deletion_j)
    if not model.has_d:
        return _joined(v, model.vj @ j, model.insertions[0].length)
    most = max(gene.bases.size for gene in model.d)
    d = np.array([_kept_d(gene, law, most) for gene, law in zip(model.d, model.deletion_d, strict=True)])
    dj = _joined(d, (model.d_of_j * model.vj.sum(axis=0)) @ j, model.insertions[1].length)
    return np.convolve(np.convolve(model.gene_v @ v, model.insertions[0].length), dj)


def family_lengths(model: Recombination) -> tuple[tuple[str, ...], Floats]:
    """Families of V, and the probability of each with each number of residues between the ends of the CDR3.

    In frame, stops not looked at: (family, residue), adds up to 1.
    """
    families = tuple(dict.fromkeys(Level.family.of(gene.name) for gene in model.v))
    laws = []
    for name in families:
        mine = np.array([Level.family.of(gene.name) == name for gene in model.v])
        bases = length_law(replace(model, vj=model.vj * mine[:, None]))
        laws.append(bases[::3])
    law = np.zeros((len(laws), max(map(len, laws))))
    for row, found in zip(law, laws, strict=True):
        row[: len(found)] = found
    return families, law / law.sum()


def _joined(left: Floats, right: Floats, between: Floats) -> Floats:
    """Sum over genes of the law of left + right + between bases."""
    sums = np.sum([np.convolve(a, b) for a, b in zip(left, right, strict=True)], axis=0)
    return np.convolve(sums, between)


def _kept(genes: Sequence[Gene], deletion: Floats, least: int = 0) -> Floats:
    """Bases that are kept of each gene (gene, base)."""
    law = np.zeros((len(genes), max(gene.bases.size for gene in genes) + 1))
    for row, gene, deleted in zip(law, genes, deletion, strict=True):
        for d, p in enumerate(deleted[: max(0, gene.bases.size - least + 1)] if gene.bases.size else ()):
            row[gene.bases.size - d] = p
    return law


def _kept_d(gene: Gene, deletion: Floats, most: int) -> Floats:
    """Bases that are kept of one D (base,)."""
    five, three = np.indices(deletion.shape)
    kept = gene.bases.size - five - three
    law = np.zeros(most + 1)
    np.add.at(law, np.maximum(kept, 0), np.where(kept < 0, 0.0, deletion))
    return law
