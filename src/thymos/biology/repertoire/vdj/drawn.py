"""Productive chains drawn from the law of recombination.

Productive: in frame, without a stop, the first residue C and the last F, V or W. The frame is drawn, see `framed`; a
chain that fails the rest is drawn again. A block of 4,096 chains has a stream of its own, so that the same seed gives
the same chains for any number of workers. Chains of more than `LONGEST` residues are drawn again too.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, CODONS, NO_RESIDUE, STOP
from thymos.biology.repertoire.kernel import inner, outer, over_blocks
from thymos.biology.repertoire.receptors import LONGEST, Receptors
from thymos.biology.repertoire.vdj.framed import FIELD, LOW, framed
from thymos.biology.repertoire.xoshiro import Words, key, next_word, seed_block
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.vdj.alias import AliasTables
    from thymos.biology.repertoire.vdj.recombination import Gene, Insertion, Recombination

    Codes = NDArray[np.uint8]
    Short = NDArray[np.int16]

BLOCK = 4096
MOST_TRIES = 100_000
"""For one block, for each of its chains on average: a model that needs more makes hardly anything productive."""
C, F, V, W = (AMINO_ACIDS.index(letter) for letter in "CFVW")
LAST = np.isin(np.arange(21), (F, V, W))


class Germline(NamedTuple):
    """Genes of a kind: bases (gene, base) and how many each has (gene,).

    Rows are twice as wide as the longest gene, so that from any deletion on as many bases can be copied: a loop of
    always the same length costs less than one that stops where the segment does.
    """

    bases: NDArray[np.uint8]
    length: NDArray[np.int64]


class Sampler:
    """A model made ready to draw from."""

    def __init__(self, model: Recombination) -> None:
        tables = framed(model)
        if not tables.frames.outcome.size:
            raise RunError(f"model of {model.locus}", "rearrangements in frame", "none")
        self.locus, self.in_frame = model.locus, tables.in_frame
        self._tables = (tables.frames, tables.v, tables.added, tables.d, tables.j)
        self._genes = (_germline(model.v), _germline(model.d), _germline(model.j))
        self._thresholds = np.stack([_thresholds(gap) for gap in model.insertions])
        germline = sum(genes.bases.shape[1] for genes in self._genes)
        self._room = germline + sum(gap.length.size for gap in model.insertions)
        self._has_d = model.has_d

    def draw(self, n: int, seed: int, *, bases: bool = False, workers: int = 1, first: int = 0) -> Receptors:
        """Chains number first, first + 1, ... of the sequence that `seed` stands for.

        bases   : keep the nucleotides too
        workers : threads; the chains do not depend on it
        first   : a multiple of `BLOCK`

        Raises `RunError` for a model that makes hardly anything productive.
        """
        if n < 0 or first < 0 or first % BLOCK:
            raise RunError(
                "drawn chains", f"a number of chains and a multiple of {BLOCK}", f"{n} from {first}"
            )
        found = Receptors(
            np.empty((n, LONGEST), dtype=np.uint8),
            np.empty(n, dtype=np.uint8),
            np.empty(n, dtype=np.int16),
            np.empty(n, dtype=np.int16),
            np.empty((n, 3 * LONGEST), dtype=np.uint8) if bases else None,
        )
        start = key(seed, f"repertoire.vdj.{self.locus}")
        over_blocks(partial(self._fill, found, start, first // BLOCK), n, BLOCK, workers)
        return found

    def _fill(self, into: Receptors, start: np.uint64, block: int, first: int, last: int) -> None:
        bases = np.empty((0, 0), dtype=np.uint8) if into.bases is None else into.bases[first:last]
        part = into.take(slice(first, last))
        tries = _draw_block(
            start,
            block + first // BLOCK,
            self._tables,
            self._genes,
            self._thresholds,
            self._has_d,
            np.empty(self._room, dtype=np.uint8),
            (part.residues, part.length, part.v, part.j, bases),
        )
        if tries < 0:
            wanted = f"a productive chain in {MOST_TRIES:,} tries"
            raise RunError(f"model of {self.locus}", wanted, "none: its germlines may hold stops")


def draw(model: Recombination, n: int, seed: int, bases: bool = False, workers: int = 1) -> Receptors:
    """Productive chains of a model; the same for any number of workers. See `Sampler.draw`."""
    return Sampler(model).draw(n, seed, bases=bases, workers=workers)


def draw_pairs(
    alpha: Recombination, beta: Recombination, n: int, seed: int, bases: bool = False, workers: int = 1
) -> tuple[Receptors, Receptors]:
    """TRA and TRB of n cells, drawn independently: no model of their pairing is known well enough to be used."""
    return draw(alpha, n, seed, bases, workers), draw(beta, n, seed, bases, workers)


def _germline(genes: Sequence[Gene]) -> Germline:
    length = np.array([gene.bases.size for gene in genes], dtype=np.int64)
    bases = np.zeros((len(genes), 2 * int(length.max(initial=1))), dtype=np.uint8)
    for row, gene in zip(bases, genes, strict=True):
        row[: gene.bases.size] = gene.bases
    return Germline(bases, length)


def _thresholds(gap: Insertion) -> NDArray[np.uint64]:
    """Of a random 32-bit word, below which base 0, 1, 2 follows (before, base); row 4 for the first base."""
    laws = np.vstack([gap.following, gap.first])
    return np.rint(np.cumsum(laws, axis=1)[:, :3] * 2.0**32).astype(np.uint64)


@inner
def _outcome(state: Words, tables: AliasTables, k: int) -> int:
    """One of the outcomes of table k."""
    word = next_word(state)
    first = tables.first[k]
    size = np.uint64(tables.first[k + 1] - first)
    place = first + np.int64(((word >> np.uint64(32)) * size) >> np.uint64(32))
    other = int(np.uint32(word & np.uint64(0xFFFFFFFF)) >= tables.threshold[place])
    return int(tables.outcome[place, other])


@inner
def _insert(state: Words, chain: Codes, at: int, step: int, n: int, thresholds: Words) -> None:
    """Put n bases at, at + step, ... of a chain, each after the one before; two from each word."""
    before = 4
    word = np.uint64(0)
    for i in range(n):
        word = next_word(state) if i & 1 == 0 else word >> np.uint64(32)
        u = word & np.uint64(0xFFFFFFFF)
        row = thresholds[before]
        before = int(u >= row[0]) + int(u >= row[1]) + int(u >= row[2])
        chain[at] = before
        at += step


@inner
def _translated(chain: Codes, n: int, residues: Codes) -> bool:
    """Whether n residues are productive; writes them."""
    for k in range(n):
        residue = CODONS[16 * chain[3 * k] + 4 * chain[3 * k + 1] + chain[3 * k + 2]]
        if residue == STOP:
            return False
        residues[k] = residue
    return bool(residues[0] == C and LAST[residues[n - 1]])


@outer
def _draw_block(
    start: np.uint64,
    block: int,
    tables: tuple[AliasTables, AliasTables, AliasTables, AliasTables, AliasTables],
    genes: tuple[Germline, Germline, Germline],
    thresholds: Words,
    has_d: bool,
    chain: Codes,
    into: tuple[Codes, Codes, Short, Short, Codes],
) -> int:
    """Fill one block; the number of tries, or -1 where they are too many.

    One function, because numba makes it half as fast when the rearrangement is one of its own.
    """
    frames, v_tables, added, d_tables, j_tables = tables
    v, d, j = genes
    residues, length, v_of, j_of, bases = into
    state = np.empty(4, np.uint64)
    seed_block(state, start, block)
    field, low = (1 << FIELD) - 1, (1 << LOW) - 1
    wide_v, wide_d, wide_j = v.bases.shape[1] // 2, d.bases.shape[1] // 2, j.bases.shape[1] // 2
    tries = 0
    for row in range(len(length)):
        while True:
            tries += 1
            if tries > MOST_TRIES * (row + 1):
                return -1
            named = _outcome(state, frames, 0)
            trimmed = _outcome(state, v_tables, named >> (4 * FIELD))
            gene = trimmed >> LOW
            n = int(v.length[gene]) - (trimmed & low)
            for k in range(wide_v):
                chain[k] = v.bases[gene, k]
            more = _outcome(state, added, (named >> (3 * FIELD)) & field)
            _insert(state, chain, n, 1, more, thresholds[0])
            n += more
            if has_d:
                table = (named >> (2 * FIELD)) & field
                ends = _outcome(state, d_tables, table)
                five = ends >> LOW
                more = int(d.length[table // 3]) - five - (ends & low)
                for k in range(wide_d):
                    chain[n + k] = d.bases[table // 3, five + k]
                n += more
                more = _outcome(state, added, (named >> FIELD) & field)
                _insert(state, chain, n + more - 1, -1, more, thresholds[1])  # from J towards D
                n += more
            trimmed = _outcome(state, j_tables, named & field)
            j_gene, cut = trimmed >> LOW, trimmed & low
            more = int(j.length[j_gene]) - cut
            for k in range(wide_j):
                chain[n + k] = j.bases[j_gene, cut + k]
            n += more
            if n <= 3 * LONGEST and _translated(chain, n // 3, residues[row]):
                break
        length[row], v_of[row], j_of[row] = n // 3, gene, j_gene
        residues[row, n // 3 :] = NO_RESIDUE
        if len(bases):
            bases[row, :n] = chain[:n]
            bases[row, n:] = NO_RESIDUE
    return tries
