"""Generation probability of CDR3 sequences: how often recombination makes them, before any selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.kernel import over_blocks
from thymos.biology.repertoire.vdj.cdr3 import stacked, symbols
from thymos.biology.repertoire.vdj.families import FAMILIES, LETTERS
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.biology.repertoire.vdj.pgen_loop import Asked, Compiled, Inserted, probabilities
from thymos.biology.repertoire.vdj.trie import Forest, Growing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.vdj.recombination import Gene, Insertion, Recombination

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]
    Roots = NDArray[np.int32]
    Path = tuple[Codes, Floats]

BLOCK = 512
"""Sequences that a thread takes at once."""


class Pgen:
    r"""Probability that one recombination gives a CDR3, summed over all ways of making it.

    Exact: the sum over V, J, D, deletions, insertions, and, for amino acids, over all codons. With V or J given, the
    sum is over the genes of that name alone: the probability of the CDR3 *and* the gene, so that its sum over all
    genes is the probability without one. Divided by P(productive) it is the law of productive chains before
    selection. References: `sethna2019`, `murugan2012`.
    """

    def __init__(self, model: Recombination) -> None:
        self.model = model
        # Without D the law of J depends on V: weights of V then have a column for each J that is used.
        functional = np.array([len(gene.bases) > 0 for gene in model.j])
        self._used = np.flatnonzero(functional & (model.vj.sum(axis=0) > 0))
        v, self._root_v = _forest(model.v, 1 if model.has_d else len(self._used), self._path_v)
        j, self._root_j = _forest(model.j, len(model.d) or len(self._used), self._path_j)
        pieces = Growing(len(model.d) or len(self._used))
        if model.has_d:
            pieces.trie(_pieces(model))
        behind_v, before_j = _inserted(model.insertions[0]), _inserted(model.insertions[-1])
        self._compiled = Compiled(v, pieces.grown(), j, behind_v, before_j, LETTERS, LETTERS.mirrored())

    def of(
        self, receptors: Receptors, v: Level = Level.none, j: Level = Level.none, workers: int = 1
    ) -> Floats:
        """Probability of each amino-acid CDR3 (chain,), together with its V and J as far as they are given.

        v, j : how much of the receptors' genes is known; an index below 0 is unknown
        """
        return self.of_symbols(receptors.residues, receptors.length, receptors.v, receptors.j, v, j, workers)

    def of_texts(self, cdr3: Sequence[str], workers: int = 1) -> Floats:
        """Probability of each CDR3 in letters (chain,): amino acids, of which X, B, J, Z are ambiguous, or bases.

        Raises `DataError` that counts from sequence 1: out of frame, a stop codon, other letters, no conserved C.
        """
        codes, length = stacked([symbols(text, f"sequence {i}") for i, text in enumerate(cdr3, start=1)])
        unknown = np.full(len(length), -1, dtype=np.int16)
        return self.of_symbols(codes, length, unknown, unknown, workers=workers)

    def of_bases(self, receptors: Receptors, workers: int = 1) -> Floats:
        """Probability of each CDR3 as nucleotides (chain,); raises `ValueError` where they were not kept."""
        return self.of_texts(receptors.cdr3_bases(), workers)

    def of_symbols(
        self,
        codes: Codes,
        length: Codes,
        gene_v: NDArray[np.int16],
        gene_j: NDArray[np.int16],
        v: Level = Level.none,
        j: Level = Level.none,
        workers: int = 1,
    ) -> Floats:
        """The same for symbols of `families`: amino acids, ambiguous ones, or codons."""
        inside = np.arange(codes.shape[1]) < length[:, None]
        families = int(FAMILIES[codes[inside]].max(initial=1))
        asked = Asked(
            np.ascontiguousarray(codes),
            np.ascontiguousarray(length),
            self._root_v[v][gene_v],
            self._root_j[j][gene_j],
        )
        out = np.empty(len(length))

        def part(first: int, last: int) -> None:
            probabilities(asked.part(first, last), self._compiled, families, out[first:last])

        over_blocks(part, len(length), BLOCK, workers)
        return out

    def _path_v(self, i: int) -> Path:
        model, bases = self.model, self.model.v[i].bases
        kept = _kept(model.deletion_v[i], len(bases))
        kept[0] = 0.0  # the conserved C is germline: a V that is deleted whole makes no CDR3
        share = model.gene_v[i : i + 1] if model.has_d else model.vj[i, self._used]
        return bases, kept[:, None] * share

    def _path_j(self, i: int) -> Path:
        model, bases = self.model, self.model.j[i].bases
        kept = _kept(model.deletion_j[i], len(bases))
        share = model.vj[:, i].sum() * model.d_of_j[:, i] if model.has_d else (self._used == i).astype(float)
        return bases[::-1], kept[:, None] * share


def _inserted(law: Insertion) -> Inserted:
    return Inserted(*map(np.ascontiguousarray, (law.length, law.first, law.following)))


def _kept(deletion: Floats, bases: int) -> Floats:
    """Law of the bases that are kept, from a law of the bases that are deleted."""
    kept = np.zeros(bases + 1)
    most = min(bases, len(deletion) - 1)
    kept[bases - most :] = deletion[: most + 1][::-1]
    return kept


def _forest(
    genes: Sequence[Gene], columns: int, path: Callable[[int], Path]
) -> tuple[Forest, dict[Level, Roots]]:
    """Tries of all genes, of each family, each gene, each allele; and for each allele the root of the one it is in.

    The last entry is the root of all genes, so that index -1, an unknown gene, means any of them.
    """
    roots: dict[Level, Roots] = {}
    forest = Growing(columns)
    everything = forest.trie(path(i) for i, gene in enumerate(genes) if len(gene.bases))
    for level in Level:
        names = [level.of(gene.name) for gene in genes]
        known = {"": everything}
        for name in dict.fromkeys(names):
            if name:
                members = (i for i, x in enumerate(names) if x == name and len(genes[i].bases))
                known[name] = forest.trie(map(path, members))
        roots[level] = np.array([*(known[name] for name in names), everything], dtype=np.int32)
    return forest.grown(), roots


def _pieces(model: Recombination) -> Iterator[Path]:
    """What deletion leaves of D: from each start, with the law of where it ends; nothing at all as the empty path."""
    for d, gene in enumerate(model.d):
        bases = len(gene.bases)
        for start in range(min(bases, model.deletion_d.shape[1] - 1) + 1):
            piece = gene.bases[start:]
            weight = np.zeros((len(piece) + 1, len(model.d)))
            weight[:, d] = _kept(model.deletion_d[d, start], bases)[start:]
            yield piece, weight
