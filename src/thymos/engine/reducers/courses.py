"""Whole trajectories of a few blocks, for a figure or a closer look."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thymos.engine.program import Program
    from thymos.engine.reducers.bins import Floats
    from thymos.engine.solution import Solution


@dataclass(frozen=True)
class Courses:
    """Keep these outputs of every patient of these blocks; memory grows with the patients kept."""

    outputs: tuple[str, ...]
    blocks: Collection[int] = (0,)

    def begin(self, program: Program, times: Floats) -> _Tally:
        """Nothing kept yet."""
        return _Tally([program.output_index(name) for name in self.outputs], self.blocks)


@dataclass
class _Tally:
    columns: list[int]
    wanted: Collection[int]
    kept: dict[int, Floats] = field(default_factory=dict)

    def add(self, index: int, block: Solution) -> None:
        if index in self.wanted:
            self.kept[index] = block.outputs[:, :, self.columns]  # a list of columns copies

    def result(self) -> dict[int, Floats]:
        """Block number to (patient, time, output), in the order of blocks."""
        return dict(sorted(self.kept.items()))
