"""Drawn chains as rows of a file, a batch at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, NUCLEOTIDES
from thymos.biology.repertoire.vdj.drawn import BLOCK, Sampler
from thymos.io.chain_rows import ChainRows, PackedText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.vdj.recombination import Recombination

BATCH = 16 * BLOCK
"""Chains that memory holds at once."""


def drawn_rows(
    models: Sequence[Recombination],
    n: int,
    seed: int,
    *,
    bases: bool = False,
    workers: int = 1,
    tick: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Iterator[ChainRows]:
    """Batches of n chains of each model; two models are the chains of one cell, drawn independently.

    tick : told how many chains are done, of how many, and what they are
    """
    samplers = [Sampler(model) for model in models]
    for first in range(0, n, BATCH):
        for model, sampler in zip(models, samplers, strict=True):
            part = sampler.draw(min(BATCH, n - first), seed, bases=bases, workers=workers, first=first)
            yield as_rows(part, model, first, paired=len(models) > 1)
        tick(min(first + BATCH, n), n, "chains" if len(models) == 1 else "cells")


def as_rows(chains: Receptors, model: Recombination, first: int = 0, *, paired: bool = False) -> ChainRows:
    """Chains with the names of their genes; `first` is the number of the first of them."""
    return ChainRows(
        locus=model.locus,
        first=first,
        junction_aa=_text(chains.residues, chains.length, AMINO_ACIDS),
        junction=None
        if chains.bases is None
        else _text(chains.bases, 3 * chains.length.astype(np.int64), NUCLEOTIDES),
        v=chains.v,
        j=chains.j,
        v_names=tuple(gene.name for gene in model.v),
        j_names=tuple(gene.name for gene in model.j),
        paired=paired,
    )


def _text(codes: NDArray[np.uint8], length: NDArray[np.integer], alphabet: str) -> PackedText:
    letters = np.frombuffer(alphabet.encode() + b"." * (256 - len(alphabet)), dtype=np.uint8)
    return PackedText(letters[codes], length)
