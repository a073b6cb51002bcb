"""Chains after selection: the same chains as before it, thinned or weighted by their factor Q."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.vdj.drawn import BLOCK
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.selection.sonia import SelectionFactors
    from thymos.biology.repertoire.vdj.drawn import Sampler

    Floats = NDArray[np.float64]

BATCH = 16 * BLOCK
"""Chains before selection that memory holds at once."""


@dataclass
class Thinning:
    """What rejection did.

    cap   : factor from which a chain is kept for certain; the larger, the more exact and the slower
    tried : chains before selection
    kept  : chains after it
    above : sum of Q - cap over chains with Q above the cap: what the cap takes from them
    total : sum of Q; both over whole batches
    """

    cap: float = 30.0
    tried: int = 0
    kept: int = 0
    above: float = 0.0
    total: float = 0.0

    @property
    def accepted(self) -> float:
        """Share of chains that were kept."""
        return self.kept / self.tried if self.tried else float("nan")

    @property
    def lost(self) -> float:
        """Share of the law after selection that the cap leaves out, spread over all other chains."""
        return self.above / self.total if self.total else float("nan")


def selected(
    sampler: Sampler,
    factors: SelectionFactors,
    n: int,
    seed: int,
    thinning: Thinning,
    *,
    bases: bool = False,
    workers: int = 1,
) -> Iterator[Receptors]:
    """Batches of chains after selection, n in all: each chain is kept with probability min(Q / cap, 1).

    `thinning` is filled in as batches come. The same chains for any number of workers.
    """
    first = 0
    while thinning.kept < n:
        chains = sampler.draw(BATCH, seed, bases=bases, workers=workers, first=first)
        q = factors.q(chains, workers)
        keep = np.flatnonzero(q > thinning.cap * _uniform(len(q), seed, sampler.locus, first))
        keep = keep[: n - thinning.kept]
        thinning.kept += len(keep)
        # The last batch is left early.
        thinning.tried += int(keep[-1]) + 1 if thinning.kept == n else len(q)
        thinning.above += float(np.maximum(q - thinning.cap, 0).sum())
        thinning.total += float(q.sum())
        first += BATCH
        yield chains.take(keep)


def _uniform(n: int, seed: int, locus: str, first: int) -> Floats:
    return stream(seed, f"repertoire.selection.{locus}", first // BATCH).random(n)


def effective_number(weights: Floats) -> float:
    """How many equally weighted chains say as much as these: (sum of w)^2 / sum of w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def selection_bits(q: Floats) -> float:
    """Information by which selection narrows the law [bit]: E[Q log2 Q] over chains before selection."""
    q = q / q.mean()
    return float(np.mean(q * np.log2(q)))
