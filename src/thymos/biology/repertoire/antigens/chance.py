r"""How many matches with a table chance alone explains.

A sample of n distinct clonotypes stands for N draws from the law $p_s = Q P_{gen}(s, V\,family)/P(productive)$ of
chains in blood, N such that n distinct ones are expected among them. Of the chains M that match a table,

$$ E = \sum_{s \in M} 1 - (1 - p_s)^N $$

are then in the sample by chance. Exact matches are summed over the table. Neighbours are too many: their sum is the
mean of $[1 - (1-p)^N]/p$ over drawn chains, weighted by Q, that match, so its error falls with their number.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.antigens.near import Chains
from thymos.biology.repertoire.vdj.drawn import Sampler
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.biology.repertoire.vdj.productive import productive_share
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.antigens.near import Index, Matches
    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.vdj.recombination import Recombination

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Factor = Callable[[Receptors], Floats]

DRAWS = 500_000
SOME = 5_000
"""Drawn chains from whose probabilities the number of draws behind a sample is found."""


def no_selection(chains: Receptors) -> Floats:
    """Q = 1: chains as recombination makes them."""
    return np.ones(len(chains))


class Chance:
    """The law of chains of one locus, set against one table.

    known    : chains of the table; J -1 where it is not given, or the model has none of that name
    families : number of the V family of each V of the model (v,), as in `index`
    index    : the same chains, ready to be found
    """

    def __init__(
        self,
        model: Recombination,
        known: Receptors,
        families: NDArray[np.uint16],
        index: Index,
        factor: Factor = no_selection,
        seed: int = 1,
        draws: int = DRAWS,
        workers: int = 1,
    ) -> None:
        self.model, self.known, self.families, self.index = model, known, families, index
        self.factor, self.seed, self.draws, self.workers = factor, seed, draws, workers
        self._pgen, self._share = Pgen(model), productive_share(model)

    def behind(self, n: int) -> float:
        """Draws among which n distinct clonotypes are expected; the closed form is increasing, so it is bisected."""
        p, weight = self._some_law, self._weight[:SOME]
        low, high = np.log(max(n, 1)), np.log(max(n, 1)) + 12
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if np.average(_seen(p, np.exp(middle)), weights=weight) < n else (low, middle)
            )
        return float(np.exp(low))

    def exact(self, draws: float, groups: Sequence[Whole]) -> Floats:
        """Expected chains of a sample that are among some of the known ones, for each group of these (group,).

        Of a V family the sum over genes is taken; Q is that of the gene and J that the table names.
        """
        p, chain = self._known_law
        return np.array([np.sum(p[u] * _seen(p[u], draws)) for u in (np.unique(chain[g]) for g in groups)])

    def near(self, draws: float, groups: Sequence[Whole]) -> tuple[Floats, Floats]:
        """Expected chains of a sample with at most one mismatch to a group, and their standard errors (group,)."""
        hit, where = np.unique(self._hits.chain, return_inverse=True)
        value = self._weight[hit] * _seen(self._hit_law, draws)
        total = self._weight.sum()
        found, error = np.zeros(len(groups)), np.zeros(len(groups))
        for g, group in enumerate(groups):
            inside = np.zeros(len(hit), dtype=bool)
            inside[where[np.isin(self._hits.known, group)]] = True
            found[g] = value[inside].sum() / total
            error[g] = np.sqrt(np.sum(value[inside] ** 2)) / total
        return found, error

    @cached_property
    def _drawn(self) -> Receptors:
        # Chains of a stream of their own: a sample that was simulated with the same seed must not be met again.
        seed = int(stream(self.seed, "repertoire.antigens.chance").integers(2**31))
        return Sampler(self.model).draw(self.draws, seed, workers=self.workers)

    @cached_property
    def _weight(self) -> Floats:
        return self.factor(self._drawn)

    @cached_property
    def _hits(self) -> Matches:
        drawn = self._drawn
        return self.index.matches(Chains(drawn.residues, drawn.length, self.families[drawn.v]))

    @cached_property
    def _hit_law(self) -> Floats:
        """p of the drawn chains that match, in order."""
        hit = np.unique(self._hits.chain)
        return self._law(self._drawn.take(hit), self._weight[hit])

    @cached_property
    def _some_law(self) -> Floats:
        """p of the first drawn chains."""
        return self._law(self._drawn.take(slice(SOME)), self._weight[:SOME])

    @cached_property
    def _known_law(self) -> tuple[Floats, Whole]:
        """p of each known (CDR3, V family), and which of them each known chain is."""
        _, first, chain = np.unique(self.index.known.keys()[0], return_index=True, return_inverse=True)
        one = self.known.take(first)
        factor, named = np.ones(len(first)), one.j >= 0
        factor[named] = self.factor(one.take(named))
        return self._law(one, factor), chain

    def _law(self, chains: Receptors, factor: Floats) -> Floats:
        """p of chains with their V family (chain,)."""
        generated = self._pgen.of(chains, v=Level.family, workers=self.workers)
        return np.minimum(generated * factor / self._share, 1.0)


def _seen(p: Floats, draws: float) -> Floats:
    """Probability to be among so many draws, divided by p (chain,); its limit where p is 0."""
    p = np.maximum(p, 1e-300)
    return np.asarray(-np.expm1(draws * np.log1p(-np.minimum(p, 1 - 2**-53))) / p)
