"""What a sample's chains are known to recognise: likeness to known receptors, beside what chance explains.

A clonotype matches a known chain if it has the same CDR3, or one with a single residue changed, and a V gene of the
same family. The presenting HLA is not looked at: the donor's is not in the sample. Reference: `goncharov2022`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.antigens.chance import DRAWS, Chance, no_selection
from thymos.biology.repertoire.antigens.kinds import Kind, kind_of
from thymos.biology.repertoire.antigens.near import Chains, Index, Matches
from thymos.biology.repertoire.antigens.tally import Tally, tally
from thymos.biology.repertoire.receptors import LONGEST, packed
from thymos.biology.repertoire.vdj.gene_name import GeneIndex, Level
from thymos.io.clonotypes import codes, names_in
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from thymos.biology.repertoire.antigens.chance import Factor
    from thymos.biology.repertoire.receptors import Receptors
    from thymos.biology.repertoire.vdj.recombination import Recombination
    from thymos.io.clonotypes import Clonotypes
    from thymos.io.vdjdb import Known, KnownReceptors

    Whole = NDArray[np.int64]

FUNGI = (
    "Fungi: {known} of the {all} known chains are specific for one. Tables of this kind hold essentially none, so no "
    "match says nothing about fungal reactivity; what thymos says of it is model-based, not from receptors found."
)
SKEWED = (
    "Tables are skewed to a few peptides of a few HLA types: numbers of matches say nothing of how many cells of a "
    "person are specific."
)


@dataclass(frozen=True)
class Group:
    """Matches with the known chains of one kind of antigen, or of one species of it.

    kind, source : source is "" for all species of a kind; both are "" for the whole table
    known        : distinct (CDR3, V family) of the table
    exact, near  : distinct chains of the sample that are equal to one; that differ at no or one place
    cells        : share of the sample's counts that these near ones have
    """

    kind: str
    source: str
    known: int
    exact: Tally
    near: Tally
    cells: float


@dataclass(frozen=True)
class Annotation:
    """What a sample matches.

    sample, table : their names
    locus         : the chain that was compared
    clonotypes    : distinct (CDR3, V family) of the sample that were compared
    left_out      : productive clonotypes of the locus, and known chains, that could not be, by reason
    groups        : the whole table, then each kind, each followed by its species, most known chains first
    matches       : clonotype of the sample, as its file has them, known chain of the table, and mismatches
    chains        : for each clonotype of the sample the number of its distinct chain, -1 for those not compared
    notes         : what a reader has to know
    """

    sample: str
    table: str
    locus: str
    clonotypes: int
    left_out: Mapping[str, int]
    groups: tuple[Group, ...]
    matches: Matches
    chains: Whole
    notes: tuple[str, ...]


class Annotator:
    """A table of known receptors, ready for any number of samples.

    model  : law of recombination of the table's locus
    factor : Q of chains, for example `SelectionFactors.q`; without it chance is that of chains before selection, which
             makes short and common ones too rare, and so enrichment too large
    draws  : chains drawn for the chance of a near match; its error is in the result

    Raises `DataError` where the table is of another locus, or no V gene of it is in the model.
    """

    def __init__(
        self,
        table: KnownReceptors,
        model: Recombination,
        factor: Factor = no_selection,
        seed: int = 1,
        draws: int = DRAWS,
        workers: int = 1,
    ) -> None:
        if model.locus != table.locus:
            raise DataError(table.name, f"a model of {table.locus}", f"one of {model.locus}")
        self.table = table
        self._genes = genes = _Genes(model)
        self._known, self._kept, self._strange = genes.known(table)
        self._index = Index(self._known.chains)
        known = self._known.receptors
        self._chance = Chance(model, known, genes.family, self._index, factor, seed, draws, workers)
        self._groups = _groups([table.chains[i] for i in self._kept.tolist()])

    def of(self, clonotypes: Clonotypes) -> Annotation:
        """The matches of a sample, and how many chance would give.

        Raises `DataError` where it holds no productive chain of the locus with a V gene of the model.
        """
        sample, rows, left_out = self._genes.sample(clonotypes)
        found = self._index.matches(sample)
        chains = np.full(len(clonotypes), -1, dtype=np.int64)
        chains[rows.row] = rows.chain
        fungal = len(self._groups.get((Kind.fungus, ""), ()))
        return Annotation(
            clonotypes.sample,
            self.table.name,
            self.table.locus,
            len(sample),
            {**left_out, **self._strange},
            _tallied(self._groups, self._known, found, rows.share, self._chance, len(sample)),
            rows.expanded(found, self._kept),
            chains,
            (FUNGI.format(known=fungal, all=len(self._kept)), SKEWED),
        )


def annotate(
    clonotypes: Clonotypes,
    table: KnownReceptors,
    model: Recombination,
    factor: Factor = no_selection,
    seed: int = 1,
    draws: int = DRAWS,
    workers: int = 1,
) -> Annotation:
    """The matches of one sample with a table; for several samples, make one `Annotator`, which says what all mean."""
    return Annotator(table, model, factor, seed, draws, workers).of(clonotypes)


@dataclass(frozen=True)
class _Known:
    receptors: Receptors
    chains: Chains


@dataclass(frozen=True)
class _Rows:
    """Clonotypes that were compared: their row, the number of their chain, and the share of counts of each chain."""

    row: Whole
    chain: Whole
    share: NDArray[np.float64]

    def expanded(self, found: Matches, kept: Whole) -> Matches:
        """Matches of chains as matches of rows of the sample with rows of the table."""
        order = np.argsort(self.chain, kind="stable")
        first = np.searchsorted(self.chain[order], found.chain, side="left")
        last = np.searchsorted(self.chain[order], found.chain, side="right")
        times = last - first
        starts = np.cumsum(times) - times
        row = self.row[order[np.arange(times.sum()) + np.repeat(first - starts, times)]]
        return Matches(row, kept[np.repeat(found.known, times)], np.repeat(found.mismatches, times))


class _Genes:
    """V families of a model as numbers; only chains of its families are compared."""

    def __init__(self, model: Recombination) -> None:
        v, j = ([gene.name for gene in genes] for genes in (model.v, model.j))
        self._by_gene = GeneIndex(v, Level.gene, "V"), GeneIndex(j, Level.gene, "J")
        self._by_family = GeneIndex(v, Level.family, "V")
        names = [Level.family.of(name) for name in v]
        numbers = {name: i for i, name in enumerate(dict.fromkeys(names))}
        self.family = np.array([numbers[name] for name in names], dtype=np.uint16)
        self.locus = model.locus

    def v(self, name: str) -> int:
        """A V of this gene, or else of this family; -1 where the model has none."""
        found = _found(self._by_gene[0], name)
        return found if found >= 0 else _found(self._by_family, name)

    def known(self, table: KnownReceptors) -> tuple[_Known, Whole, dict[str, int]]:
        """The table's chains whose V family the model has, their places in the table, and what was left out."""
        v = np.array([self.v(chain.v) for chain in table.chains], dtype=np.int16)
        j = np.array([_found(self._by_gene[1], chain.j) for chain in table.chains], dtype=np.int16)
        kept = np.flatnonzero(v >= 0)
        if not len(kept):
            got = f"for example {table.chains[0].v or 'no gene'}"
            raise DataError(table.name, "chains with a V gene of the model", got, "is it the right model?")
        receptors = packed([table.chains[i].cdr3 for i in kept.tolist()], v[kept], j[kept])
        chains = Chains(receptors.residues, receptors.length, self.family[v[kept]])
        lost = len(v) - len(kept)
        return (
            _Known(receptors, chains),
            kept,
            {"known chains without a V gene of the model": lost} if lost else {},
        )

    def sample(self, clonotypes: Clonotypes) -> tuple[Chains, _Rows, dict[str, int]]:
        """The sample's distinct chains, the rows behind them, and what was left out."""
        of_v = np.array([self.v(name) for name in names_in(clonotypes.v_call)] or [-1], dtype=np.int64)
        v = of_v[codes(clonotypes.v_call)]
        ours = clonotypes.productive & clonotypes.of_locus(self.locus)
        fits = clonotypes.residues() <= LONGEST
        row = np.flatnonzero(ours & (v >= 0) & fits)
        if not len(row):
            wanted = f"productive {self.locus} chains with a V gene of the model"
            got = f"none among {int(ours.sum()):,} productive {self.locus} chains"
            raise DataError(clonotypes.sample, wanted, got, "is it the right locus, and the right model?")
        texts = clonotypes.junction_aa.take(row).to_pylist()
        nothing = np.full(len(row), -1, dtype=np.int16)
        every = packed(texts, nothing, nothing)
        chains = Chains(every.residues, every.length, self.family[v[row]])
        _, first, chain = np.unique(chains.keys()[0], return_index=True, return_inverse=True)
        share = np.bincount(chain, weights=clonotypes.count[row]) / clonotypes.count[row].sum()
        lost = {
            "clonotypes without a V gene of the model": int((ours & (v < 0)).sum()),
            f"clonotypes of more than {LONGEST} residues": int((ours & (v >= 0) & ~fits).sum()),
        }
        return chains.take(first), _Rows(row, chain, share), {reason: n for reason, n in lost.items() if n}


def _found(index: GeneIndex, name: str) -> int:
    try:
        return index(name, "")
    except DataError:
        return -1


def _groups(known: Sequence[Known]) -> dict[tuple[str, str], Whole]:
    """Places of the chains of all, of each kind, and of each species of it, the largest first."""
    members: dict[tuple[str, str], list[int]] = {}
    for i, chain in enumerate(known):
        kind = kind_of(chain.source, chain.antigen)
        for key in (("", ""), (kind.value, ""), (kind.value, chain.source)):
            members.setdefault(key, []).append(i)
    order = sorted(members, key=lambda key: (-len(members[key[0], ""]), key[0], -len(members[key]), key[1]))
    return {key: np.array(members[key], dtype=np.int64) for key in order}


def _tallied(
    groups: Mapping[tuple[str, str], Whole],
    known: _Known,
    found: Matches,
    share: NDArray[np.float64],
    chance: Chance,
    n: int,
) -> tuple[Group, ...]:
    """Each group's matches beside what chance explains."""
    draws, members = chance.behind(n), list(groups.values())
    exact = chance.exact(draws, members)
    near, error = chance.near(draws, members)
    _, distinct = np.unique(known.chains.keys()[0], return_inverse=True)
    made = []
    for g, ((kind, source), group) in enumerate(groups.items()):
        ours = np.isin(found.known, group)
        chains = np.unique(found.chain[ours])
        equal = len(np.unique(found.chain[ours & (found.mismatches == 0)]))
        made.append(
            Group(
                kind,
                source,
                len(np.unique(distinct[group])),
                tally(equal, float(exact[g])),
                tally(len(chains), float(near[g]), float(error[g])),
                float(share[chains].sum()),
            )
        )
    return tuple(made)
