"""The card of a model: what it can make, what it cannot, and where it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.receptors import LONGEST
from thymos.biology.repertoire.vdj.distinct import Estimate, coincidence, entropy
from thymos.biology.repertoire.vdj.drawn import Sampler
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.biology.repertoire.vdj.lengths import length_law
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.biology.repertoire.vdj.productive import productive_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.recombination import Gene, Recombination

    Floats = NDArray[np.float64]

SAMPLE = 50_000
"""Chains that are drawn for the length."""
WEIGHED = 10_000
"""Of these, chains whose probability is computed."""


@dataclass(frozen=True)
class Genes:
    """Genes of one kind.

    usable   : alleles that can make a chain and have a probability
    families : distinct families among them
    unusable : why others cannot, with how many alleles and their share of all rearrangements
    """

    kind: str
    usable: int
    families: int
    unusable: dict[str, tuple[int, float]]


@dataclass(frozen=True)
class Card:
    """One model.

    genes      : V, D (of TRB) and J
    deletions  : most palindromic bases, as a negative number, and most bases deleted, of each end
    insertions : most bases and mean of each gap
    in_frame, productive : share of rearrangements
    too_long   : share of those in frame whose CDR3 has more than `LONGEST` residues, and is never drawn
    length     : mean and standard deviation of residues of productive chains, from `SAMPLE` drawn ones
    entropy    : of the amino-acid CDR3 of productive chains before selection [bit], and its standard error
    coincidence: probability that two such chains have the same CDR3, and its standard error
    """

    locus: str
    source: str
    genes: tuple[Genes, ...]
    deletions: dict[str, tuple[int, int]]
    insertions: dict[str, tuple[int, float]]
    in_frame: float
    productive: float
    too_long: float
    longest: int
    length: tuple[float, float]
    entropy: Estimate
    coincidence: Estimate


def card(model: Recombination, seed: int = 1, workers: int = 1) -> Card:
    """Everything that is computed from the model alone; lengths from chains drawn with `seed`."""
    sampler = Sampler(model)
    law = length_law(model)
    drawn = sampler.draw(SAMPLE, seed, workers=workers)
    in_frame, productive = law[::3].sum(), productive_share(model)
    p = Pgen(model).of(drawn.take(slice(0, WEIGHED)), workers=workers) / productive
    return Card(
        locus=model.locus,
        source=model.source,
        genes=tuple(_genes(*kind) for kind in _kinds(model)),
        deletions=_deletions(model),
        insertions=_insertions(model),
        in_frame=float(in_frame),
        productive=productive,
        too_long=float(law[3 * LONGEST + 3 :: 3].sum() / in_frame),
        longest=int(np.flatnonzero(law[::3])[-1]),
        length=(float(drawn.length.mean()), float(drawn.length.std())),
        entropy=entropy(p),
        coincidence=coincidence(p),
    )


def _kinds(model: Recombination) -> list[tuple[str, Sequence[Gene], Floats]]:
    d = [("D", model.d, np.asarray(model.d_of_j @ model.vj.sum(axis=0)))] if model.has_d else []
    return [("V", model.v, model.gene_v), *d, ("J", model.j, np.asarray(model.vj.sum(axis=0)))]


def _genes(kind: str, genes: Sequence[Gene], share: Floats) -> Genes:
    unusable: dict[str, tuple[int, float]] = {}
    usable = []
    for gene, p in zip(genes, share.tolist(), strict=True):
        why_not = gene.why_not or ("" if p > 0 else "probability 0")
        if why_not:
            number, total = unusable.get(why_not, (0, 0.0))
            unusable[why_not] = number + 1, total + p
        else:
            usable.append(Level.family.of(gene.name))
    return Genes(kind, len(usable), len(set(usable)), unusable)


def _deletions(model: Recombination) -> dict[str, tuple[int, int]]:
    counts = [
        model.deletion_v.shape[1],
        *(model.deletion_d.shape[1:] if model.has_d else ()),
        model.deletion_j.shape[1],
    ]
    ends = ("V 3'", "D 5'", "D 3'", "J 5'") if model.has_d else ("V 3'", "J 5'")
    hairpins = model.palindromes or (0,) * len(ends)
    return {end: (-p, n - 1 - p) for end, p, n in zip(ends, hairpins, counts, strict=True)}


def _insertions(model: Recombination) -> dict[str, tuple[int, float]]:
    gaps = ("V-D", "D-J") if model.has_d else ("V-J",)
    laws = [gap.length for gap in model.insertions]
    return {g: (law.size - 1, float(law @ np.arange(law.size))) for g, law in zip(gaps, laws, strict=True)}


def as_dict(found: Card) -> dict[str, Any]:
    """The card as one JSON object."""
    from dataclasses import asdict

    return {"format": 1, **asdict(found), "drawn_to": LONGEST}
