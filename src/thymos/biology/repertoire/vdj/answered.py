"""Generation probabilities of CDR3s as somebody wrote them: a row that cannot be used says why, and stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.vdj.cdr3 import stacked, symbols
from thymos.biology.repertoire.vdj.gene_name import GeneIndex, Level
from thymos.io.pgen_rows import Answered
from thymos.lang.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from thymos.biology.repertoire.vdj.pgen import Pgen
    from thymos.io.pgen_rows import Asked

IMPOSSIBLE = "no recombination of this model makes it"


class Answers:
    """Answers with one model, and remembers what could not be answered.

    genes   : how much of a V or J that is given counts
    rows    : asked so far
    without : of these, without a probability
    first   : the first such row: where, and why
    """

    def __init__(self, pgen: Pgen, genes: Level = Level.gene, workers: int = 1) -> None:
        self.pgen, self.genes, self.workers = pgen, genes, workers
        self._v = GeneIndex([gene.name for gene in pgen.model.v], genes, "V")
        self._j = GeneIndex([gene.name for gene in pgen.model.j], genes, "J")
        self.rows, self.without, self.first = 0, 0, ""

    def of(
        self, batches: Iterable[Asked], tick: Callable[[int], None] = lambda rows: None
    ) -> Iterator[Answered]:
        """One batch of answers for each batch; `tick` is told the rows that are done."""
        for batch in batches:
            yield self.answered(batch)
            tick(self.rows)

    def answered(self, asked: Asked) -> Answered:
        """The probability of each row, or its problem."""
        n = len(asked.sequence)
        found, problem = np.full(n, np.nan), [""] * n
        rows, chains, v, j = [], [], [], []
        for i, (text, v_call, j_call) in enumerate(
            zip(asked.sequence, asked.v_call, asked.j_call, strict=True)
        ):
            try:
                chain, genes = symbols(text, "CDR3"), (self._v(v_call, "V"), self._j(j_call, "J"))
            except DataError as error:
                hint = f"; {error.try_}" if error.try_ else ""
                problem[i] = f"{error.where}: expected {error.wanted}, got {error.got}{hint}"
                continue
            rows.append(i)
            chains.append(chain)
            v.append(genes[0])
            j.append(genes[1])
        known = np.array(v, dtype=np.int16), np.array(j, dtype=np.int16)
        found[rows] = self.pgen.of_symbols(*stacked(chains), *known, self.genes, self.genes, self.workers)
        for i in np.flatnonzero(found == 0).tolist():
            problem[i] = IMPOSSIBLE
        self._remember(asked, problem)
        return Answered(asked, found, problem)

    def _remember(self, asked: Asked, problem: list[str]) -> None:
        wrong = [i for i, text in enumerate(problem) if text]
        if wrong and not self.first:
            self.first = f"{asked.place(wrong[0])}, {problem[wrong[0]]}"
        self.rows += len(problem)
        self.without += len(wrong)
