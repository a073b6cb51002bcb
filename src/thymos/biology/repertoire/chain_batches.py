"""Drawn chains as rows of a file, a batch at a time: before selection or after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, NUCLEOTIDES
from thymos.biology.repertoire.selection.selected import Thinning, selected
from thymos.biology.repertoire.vdj.drawn import BLOCK, Sampler
from thymos.io.chain_rows import ChainRows, PackedText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.selection.sonia import SelectionFactors
    from thymos.biology.repertoire.vdj.recombination import Recombination

BATCH = 16 * BLOCK
"""Chains that memory holds at once."""


@dataclass
class Selection:
    """What chains of one model have to pass, and how many did."""

    factors: SelectionFactors
    thinning: Thinning = field(default_factory=Thinning)


@dataclass(frozen=True)
class Drawing:
    """What is drawn: n chains of each model, from `seed`, with or without their nucleotides."""

    n: int
    seed: int
    bases: bool = False
    workers: int = 1


def batches(
    models: Sequence[Recombination],
    drawing: Drawing,
    selections: Sequence[Selection] = (),
    tick: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Iterator[ChainRows]:
    """Batches of rows, one model after the other.

    Chains number k of TRA and TRB are of one cell: they are drawn independently.

    selections : of each model; none of them for chains before selection
    tick       : told how many chains are done, of how many, and what they are
    """
    for k, model in enumerate(models):
        done = 0
        for part in _after(model, drawing, selections[k]) if selections else _before(model, drawing):
            yield as_rows(part, model, done, paired=len(models) > 1)
            done += len(part)
            tick(done, drawing.n, f"chains of {model.locus}")


def _before(model: Recombination, drawing: Drawing) -> Iterator[Receptors]:
    sampler = Sampler(model)
    for first in range(0, drawing.n, BATCH):
        number = min(BATCH, drawing.n - first)
        yield sampler.draw(number, drawing.seed, bases=drawing.bases, workers=drawing.workers, first=first)


def _after(model: Recombination, drawing: Drawing, selection: Selection) -> Iterator[Receptors]:
    yield from selected(
        Sampler(model),
        selection.factors,
        drawing.n,
        drawing.seed,
        selection.thinning,
        bases=drawing.bases,
        workers=drawing.workers,
    )


def as_rows(chains: Receptors, model: Recombination, first: int = 0, *, paired: bool = False) -> ChainRows:
    """Chains with the names of their genes; `first` is the number of the first of them."""
    bases = None
    if chains.bases is not None:
        bases = _text(chains.bases, 3 * chains.length.astype(np.int64), NUCLEOTIDES)
    return ChainRows(
        locus=model.locus,
        first=first,
        junction_aa=_text(chains.residues, chains.length, AMINO_ACIDS),
        junction=bases,
        v=chains.v,
        j=chains.j,
        v_names=tuple(gene.name for gene in model.v),
        j_names=tuple(gene.name for gene in model.j),
        paired=paired,
    )


def _text(codes: NDArray[np.uint8], length: NDArray[np.integer], alphabet: str) -> PackedText:
    letters = np.frombuffer(alphabet.encode() + b"." * (256 - len(alphabet)), dtype=np.uint8)
    return PackedText(letters[codes], length)
