"""From the files of an IGoR model to the law of recombination."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import COMPLEMENT, NUCLEOTIDES, coded
from thymos.biology.repertoire.vdj.recombination import Gene, Insertion, Recombination
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.io.igor import IgorModel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]

FUNCTIONAL = ("F", "(F)")
"""IMGT's word on a gene that makes a chain: F seen rearranged and in the germline, (F) rearranged alone.

[F], known from the germline alone, an open reading frame (ORF) and a pseudogene (P) are left out, as OLGA does.
"""
ENDS = ("v_3_del", "d_5_del", "d_3_del", "j_5_del")
NOTHING = np.empty(0, dtype=np.uint8)


def from_igor(model: IgorModel, source: str) -> Recombination:
    """The law, normalised; raises `DataError` where no gene is left that can make a chain.

    source : where the model was read from and under which licence, for the card
    """
    m = model.marginals
    with_d = "d_gene" in m
    v = tuple(_gene_v(model, i) for i in range(len(model.genes["v_choice"])))
    j = tuple(_gene_j(model, i) for i in range(len(model.genes["j_choice"])))
    d = tuple(_gene_d(model, germline, name) for name, germline in model.genes.get("d_gene", ()))
    for genes, kind in ((v, "V"), (j, "J")):
        if not any(gene.bases.size for gene in genes):
            reasons = ", ".join(sorted({gene.why_not for gene in genes}))
            raise DataError(str(model.folder), f"a {kind} gene that can make a chain", f"none: {reasons}")
    vj = m["v_choice"][:, None] * m["j_choice"]
    return Recombination(
        locus=model.locus,
        v=v,
        d=d,
        j=j,
        vj=vj / vj.sum(),
        d_of_j=_shares(m["d_gene"]).T if with_d else np.empty((0, len(j))),
        deletion_v=_shares(m["v_3_del"]),
        deletion_d=_deletion_d(m["d_5_del"], m["d_3_del"]) if with_d else np.empty((0, 1, 1)),
        deletion_j=_shares(m["j_5_del"]),
        insertions=tuple(
            _insertion(m[f"{gap}_ins"], m[f"{gap}_dinucl"]) for gap in (("vd", "dj") if with_d else ("vj",))
        ),
        source=source,
        palindromes=tuple(-model.values[end][0] for end in (ENDS if with_d else ENDS[::3])),
    )


def _why_not(model: IgorModel, event: str, deletion: str, i: int) -> str:
    """Why a V or J gene cannot make a functional chain; empty where it can."""
    name, germline = model.genes[event][i]
    anchor = model.anchors[event].get(name)
    if anchor is None or anchor.index <= 0:
        return "no anchor of the CDR3"
    if anchor.index + 3 > len(germline):
        return "germline ends before its anchor"
    if anchor.function not in FUNCTIONAL:
        return f"function {anchor.function or 'unknown'}"
    return "" if model.marginals[deletion][i].any() else "no law of deletions"


def _gene_v(model: IgorModel, i: int) -> Gene:
    name, germline = model.genes["v_choice"][i]
    why_not = _why_not(model, "v_choice", "v_3_del", i)
    if why_not:
        return Gene(name, NOTHING, why_not)
    bases = coded(germline[model.anchors["v_choice"][name].index :], NUCLEOTIDES)
    # Of fewer than four bases of CDR3 the palindrome is shorter, and each deletion takes one base more, as in OLGA.
    return Gene(name, np.concatenate([bases, _palindrome(bases[::-1], model, "v_3_del")]))


def _gene_j(model: IgorModel, i: int) -> Gene:
    name, germline = model.genes["j_choice"][i]
    why_not = _why_not(model, "j_choice", "j_5_del", i)
    if why_not:
        return Gene(name, NOTHING, why_not)
    bases = coded(germline[: model.anchors["j_choice"][name].index + 3], NUCLEOTIDES)
    return Gene(name, np.concatenate([_palindrome(bases, model, "j_5_del")[::-1], bases]))


def _gene_d(model: IgorModel, germline: str, name: str) -> Gene:
    bases = coded(germline, NUCLEOTIDES)
    before = _palindrome(bases, model, "d_5_del")[::-1]
    return Gene(name, np.concatenate([before, bases, _palindrome(bases[::-1], model, "d_3_del")]))


def _palindrome(from_end: Codes, model: IgorModel, deletion: str) -> Codes:
    """The most that the hairpin can leave at an end, read away from the gene; `from_end` is the gene read into it."""
    most = -model.values[deletion][0]
    return np.asarray(COMPLEMENT[from_end[:most]])


def _shares(weights: Floats) -> Floats:
    """Each row divided by its sum; a row of zeros stays."""
    total = weights.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0))


def _deletion_d(five: Floats, three: Floats) -> Floats:
    """P(deleted from 5', deleted from 3' | D), normalised once."""
    both = five[:, :, None] * three
    return _shares(both.reshape(len(both), -1)).reshape(both.shape)


def _insertion(length: Floats, following: Floats) -> Insertion:
    following = _shares(following)
    return Insertion(_shares(length), stationary(following), following)


def stationary(following: Floats) -> Floats:
    """The law that a step of the chain `following` (before, base) leaves as it is."""
    n = len(following)
    balance = np.vstack([following.T - np.eye(n), np.ones(n)])
    law = np.linalg.lstsq(balance, np.append(np.zeros(n), 1.0), rcond=None)[0]
    return np.asarray(np.maximum(law, 0.0) / np.maximum(law, 0.0).sum())
