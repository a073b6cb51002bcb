"""A small V(D)J model that is invented: for examples and tests, and for nothing that is said of people.

Germline and probabilities come from a seeded stream, not from IMGT and not from sequencing. Only its shape is that of
the human loci: 24 families of TRBV, two D, two clusters of J, deletions and insertions of such sizes that a CDR3 has
some 15 residues. Its genes have numbers from 101 on, which no gene of IMGT has, so that its chains cannot be taken
for human ones. The files beside this one are what `invented` makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import NUCLEOTIDES
from thymos.io.igor import NEEDS, IgorModel
from thymos.io.igor_anchors import Anchor
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Genes = list[tuple[str, str]]

SEED = 2026
FOLDER = Path(__file__).parent
SOURCE = "invented, shipped with thymos: for examples and tests, never for statements about people"

# Codons from which the coding ends are drawn: no stop, no cysteine, residues that CDR3s are rich in.
MIDDLE = "GCCAGCAGTTCAGGTGGACTGACACGACAGGACAACGTGTACGAACCGATC"
FRAMEWORK = 12
"""Bases of each V before its conserved C, and of each J behind its conserved F."""
FAMILIES = 24
SECOND = (5, 6, 7, 12)
"""Families, counted from 1, that have a second gene."""


def folder(locus: str) -> Path:
    """Where the shipped files of TRA or TRB are."""
    return FOLDER / f"invented_{locus.lower()}"


def invented(locus: str) -> IgorModel:
    """The model from its seed."""
    rng = stream(SEED, f"repertoire.invented.{locus}")
    v, j = _genes_v(locus, rng), _genes_j(locus, rng)
    d = [(f"TRBD{n}*01", _bases(rng, length)) for n, length in ((101, 12), (102, 16))]
    genes = {"v_choice": v, "j_choice": j} | ({"d_gene": d} if locus == "TRB" else {})
    values = {name: _values(name) for name in NEEDS[locus] if name.endswith(("del", "ins"))}
    sizes = {name: len(genes.get(name) or values.get(name) or "ACGT") for name in NEEDS[locus]}
    marginals = {
        name: _law(name, [sizes[parent] for parent in parents], values.get(name), sizes[name], rng)
        for name, parents in NEEDS[locus].items()
    }
    anchors = {
        "v_choice": {name: Anchor(FRAMEWORK, "P" if name == v[-1][0] else "F", "") for name, _ in v},
        "j_choice": {name: Anchor(len(bases) - FRAMEWORK - 3, "F", "") for name, bases in j},
    }
    return IgorModel(folder(locus), locus, genes, values, marginals, anchors)


def _genes_v(locus: str, rng: np.random.Generator) -> Genes:
    """A framework, TGT, and three or four codons and a bit; the last gene is a pseudogene."""
    numbers = [(n, k) for n in range(1, FAMILIES + 1) for k in range(1, 3 if n in SECOND else 2)]
    names = [f"{locus}V{100 + n}-{k}*01" for n, k in [*numbers, (FAMILIES + 1, 1)]]
    return [
        (
            name,
            _bases(rng, FRAMEWORK) + "TGT" + _codons(rng, rng.integers(3, 5)) + _bases(rng, rng.integers(3)),
        )
        for name in names
    ]


def _genes_j(locus: str, rng: np.random.Generator) -> Genes:
    """A bit, codons, TTC, and a framework; two clusters of six, or one of sixteen that are longer, as without D."""
    codons = {"TRA": (8, 11), "TRB": (5, 8)}[locus]
    if locus == "TRB":
        names = [f"TRBJ{cluster}-{n}*01" for cluster in (101, 102) for n in range(1, 7)]
    else:
        names = [f"TRAJ{100 + n}*01" for n in range(1, 17)]
    return [
        (
            name,
            _bases(rng, rng.integers(3))
            + _codons(rng, rng.integers(*codons))
            + "TTC"
            + _bases(rng, FRAMEWORK),
        )
        for name in names
    ]


def _bases(rng: np.random.Generator, n: int | np.integer) -> str:
    return "".join(rng.choice(list(NUCLEOTIDES), n).tolist())


def _codons(rng: np.random.Generator, n: int | np.integer) -> str:
    return "".join(MIDDLE[3 * i : 3 * i + 3] for i in rng.integers(len(MIDDLE) // 3, size=n).tolist())


def _values(event: str) -> list[int]:
    if event.endswith("ins"):
        return list(range(26))
    return list(range(-4, 13))


def _law(
    event: str, parents: list[int], values: list[int] | None, size: int, rng: np.random.Generator
) -> Floats:
    """Probabilities of one event, each row another."""
    if values is None:
        return np.asarray(
            rng.dirichlet(np.full(size, 6.0), size=4 if event.endswith("dinucl") else parents or None)
        )
    x = np.array(values, dtype=float)
    if event.endswith("ins"):
        weights = (x + 0.7) * np.exp(-x / 2.1)
    else:
        # D is chewed from both ends, and is short.
        middle = (
            rng.uniform(1.0, 4.0, (*parents, 1))
            if event.startswith("d")
            else rng.uniform(2.0, 5.5, (*parents, 1))
        )
        weights = np.exp(-0.5 * ((x - middle) / 2.2) ** 2)
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
