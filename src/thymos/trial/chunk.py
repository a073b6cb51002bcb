"""A chunk of a trial: what it takes to simulate some of its blocks, as text and numbers that can travel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING

from thymos.io.study_file import parse_study
from thymos.therapy import THERAPIES
from thymos.therapy.culture import culture_program, lot_models
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import Block, values_of
from thymos.trial.simulation import Simulation

if TYPE_CHECKING:
    from thymos.io.study_schema import Study
    from thymos.trial.simulation import Table


@dataclass(frozen=True)
class Chunk:
    """Consecutive blocks that are simulated, stored and resumed together.

    study : the whole study as YAML, with its seed
    index : which chunk of the run
    first : number of its first patient
    blocks : (draw, part, size) of each block
    """

    study: str
    index: int
    first: int
    blocks: tuple[tuple[int, int, int], ...]

    @property
    def size(self) -> int:
        """Number of patients."""
        return sum(size for _, _, size in self.blocks)


def chunks_of(study: str, blocks: list[Block], together: int) -> list[Chunk]:
    """The blocks of a study in chunks of about `together` patients."""
    cuts: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        if cuts[-1] and size + block.size > together:
            cuts.append([])
            size = 0
        cuts[-1].append(block)
        size += block.size
    ends = accumulate((sum(block.size for block in cut) for cut in cuts), initial=0)
    return [
        Chunk(study, i, next(ends), tuple((b.draw, b.part, b.size) for b in cut))
        for i, cut in enumerate(cuts)
    ]


def simulated(chunk: Chunk) -> dict[str, Table]:
    """The stored tables of one chunk: the same on any machine of one kind, whoever asks."""
    study = prepared(chunk.study)
    blocks = [Block(*block) for block in chunk.blocks]
    return Simulation(study, study.seed, blocks, chunk.first).tables()


_one_at_a_time = Lock()


def prepared(text: str) -> Study:
    """The study, once its kernels are compiled and its values are read: by the first thread, not by each."""
    with _one_at_a_time:
        return _study(text)


@lru_cache(maxsize=4)
def _study(text: str) -> Study:
    study = parse_study(text, "study")
    source, vector = study.graft.source, study.culture.vector is not None
    culture_program(source, vector)
    recipient_program()
    values_of((*lot_models(source, vector), *recipient_models(), THERAPIES[study.therapy]()))
    return study
