r"""Selection as data say it is: how much more often a chain is seen in blood than recombination makes it.

$$ P_{post}(s, V, J) = Q\, \frac{P_{gen}}{P(productive)}, \quad Q = \frac{1}{Z} e^{-clip(E)}, \quad
   E = e_{len} + \sum_i e^L_{a_i, i} + \sum_i e^R_{a_{-1-i}, i} + e_{VJ} $$

The energies are learned by others and read where the user has them, see `io.sonia_tables`. A gene that their generated
chains did not hold, though the model makes it, has energies that mean nothing, its pairs' as well as its residues':
TRAJ9 in the human TRA tables in circulation. Where the mean of Q shows it, the pairs of such a gene are shifted so that
its chains have a mean Q of 1, and Z is computed anew. Reference: `isacchini2021`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS
from thymos.biology.repertoire.kernel import outer, over_blocks
from thymos.biology.repertoire.receptors import LONGEST
from thymos.biology.repertoire.vdj.drawn import Sampler
from thymos.biology.repertoire.vdj.installed import OLGA, checked, models_of, of_locus
from thymos.io.sonia_tables import gene_key, read_sonia
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.vdj.recombination import Recombination
    from thymos.io.sonia_tables import SoniaTables

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]
    Short = NDArray[np.int16]

BLOCK = 1 << 14
PACKAGES = ("sonia", "sonnia")
SAMPLE = 200_000
"""Chains before selection on which the mean of Q is looked at."""
ALLOWED = 0.02
"""How far the mean of Q may be from 1: some six standard errors of that sample."""
LEAST_COVERED = 0.5
"""Share of rearrangements whose pair of genes the tables must have."""


@dataclass(frozen=True)
class SelectionFactors:
    """Energies as arrays, and what was mended.

    length      : (residues,) up to `LONGEST`
    left, right : (distance from the end, amino acid)
    pair        : (v, j) as in the recombination model
    mean_read   : mean of Q over chains before selection with the tables as they were read; 1 where all is well
    neutral     : names of genes whose energy was made neutral
    """

    length: Floats
    left: Floats
    right: Floats
    pair: Floats
    z: float
    low: float
    high: float
    mean_read: float = 1.0
    neutral: tuple[str, ...] = ()

    @classmethod
    def of(cls, tables: SoniaTables, model: Recombination, seed: int = 1, workers: int = 1) -> Self:
        """The tables for the genes of a model, guarded; chains for the guard are drawn with `seed`."""
        read = cls(
            np.array([tables.length.get(n, 0.0) for n in range(LONGEST + 1)]),
            _by_distance(tables.left),
            _by_distance(tables.right),
            _by_pair(tables.pair, model),
            tables.z,
            tables.low,
            tables.high,
        )
        chains = Sampler(model).draw(SAMPLE, seed, workers=workers)
        mean = float(read.q(chains, workers).mean())
        read = replace(read, mean_read=mean)
        return read if abs(mean - 1) <= ALLOWED else read._mended(tables, model, chains, workers)

    def q(self, chains: Receptors, workers: int = 1) -> Floats:
        """Q of each chain (chain,)."""
        return self._weights(self.energies(chains, workers)) / self.z

    def energies(self, chains: Receptors, workers: int = 1) -> Floats:
        """E of each chain, before it is clipped (chain,)."""
        found = np.empty(len(chains))

        def part(first: int, last: int) -> None:
            c = chains.take(slice(first, last))
            tables = (self.length, self.left, self.right, self.pair)
            _energies(c.residues, c.length, c.v, c.j, *tables, found[first:last])

        over_blocks(part, len(chains), BLOCK, workers)
        return found

    def _weights(self, energies: Floats) -> Floats:
        return np.asarray(np.exp(-np.clip(energies, self.low, self.high)))

    def _mended(self, tables: SoniaTables, model: Recombination, chains: Receptors, workers: int) -> Self:
        """Every gene of which the tables had no chain, and these chains have, gets a mean Q of 1; so has the whole."""
        generated = _by_pair(tables.generated, model)
        energies, pair, names = self.energies(chains, workers), self.pair.copy(), []
        ours_v, ours_j = (
            np.bincount(of, minlength=n) for of, n in zip((chains.v, chains.j), pair.shape, strict=True)
        )
        lost_v = np.flatnonzero((ours_v > 0) & (generated.sum(axis=1) == 0))
        lost_j = np.flatnonzero((ours_j > 0) & (generated.sum(axis=0) == 0))
        sound = ~np.isin(chains.v, lost_v) & ~np.isin(chains.j, lost_j)
        z = float(self._weights(energies[sound]).mean())
        for k in lost_j:
            pair[:, k] += self._shift(energies[chains.j == k], z)
            names.append(model.j[k].name)
        for k in lost_v:
            pair[k] += self._shift(energies[(chains.v == k) & ~np.isin(chains.j, lost_j)], z)
            names.append(model.v[k].name)
        return replace(self, pair=pair, z=z, neutral=tuple(names))

    def _shift(self, energies: Floats, z: float) -> float:
        """What to add to these energies for a mean weight of z; nothing where there are none."""
        if not energies.size:
            return 0.0
        low, high = -100.0, 100.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self._weights(energies + middle).mean() > z else (low, middle)
        return (low + high) / 2


def installed_tables(where: str, locus: str) -> SoniaTables:
    """The tables of an installed sonia or sonnia (human; neither is imported), or of a folder; raises `DataError`."""
    if where in PACKAGES:
        return read_sonia(checked(models_of(where) / OLGA[locus], where))
    return read_sonia(of_locus(Path(where), locus))


def factors(tables: SoniaTables, model: Recombination, seed: int = 1, workers: int = 1) -> SelectionFactors:
    """The tables for a model, guarded.

    Raises `DataError` where the tables hold hardly any of the model's genes: they were learned with others.
    """
    held = _by_pair({pair: 1.0 for pair in tables.pair}, model)
    covered = float(np.sum(model.vj * held))
    if covered < LEAST_COVERED:
        wanted = f"energies of the V and J genes of this model of {model.locus}"
        got = f"those of {covered:.0%} of its rearrangements"
        raise DataError(str(tables.folder), wanted, got, "a model and tables of the same species and locus")
    return SelectionFactors.of(tables, model, seed, workers)


def _by_distance(energies: Mapping[tuple[str, int], float]) -> Floats:
    """(distance, amino acid); 0 beyond the distances that the tables have."""
    found = np.zeros((LONGEST, len(AMINO_ACIDS)))
    for (letter, distance), energy in energies.items():
        if distance < LONGEST:
            found[distance, AMINO_ACIDS.index(letter)] = energy
    return found


def _by_pair(values: Mapping[tuple[str, str], float], model: Recombination) -> Floats:
    """(v, j) of the model; 0 for a pair that the tables do not have."""
    keys_j = [gene_key(gene.name) for gene in model.j]
    keys_v = [gene_key(gene.name) for gene in model.v]
    return np.array([[values.get((v, j), 0.0) for j in keys_j] for v in keys_v])


@outer
def _energies(
    residues: Codes,
    length: Codes,
    v: Short,
    j: Short,
    by_length: Floats,
    left: Floats,
    right: Floats,
    pair: Floats,
    out: Floats,
) -> None:
    """E of each chain."""
    for row in range(len(length)):
        n = int(length[row])
        energy = by_length[n] + pair[v[row], j[row]]
        for k in range(n):
            energy += left[k, residues[row, k]] + right[n - 1 - k, residues[row, k]]
        out[row] = energy
