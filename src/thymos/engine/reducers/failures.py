"""Who could not be solved and why; kept of every population, asked for or not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from thymos.engine.status import Status, Way

if TYPE_CHECKING:
    from thymos.engine.program import Program
    from thymos.engine.reducers.bins import Floats
    from thymos.engine.solution import Solution

SHOWN = 3


class Failure(NamedTuple):
    """One patient that failed: its block, its row there, and why."""

    block: int
    row: int
    status: Status


@dataclass(frozen=True)
class Failures:
    """Keep how many patients ended how, and which failed first in the order of blocks."""

    def begin(self, program: Program, times: Floats) -> FailureTable:
        """An empty table."""
        return FailureTable()


@dataclass
class FailureTable:
    """Patients by status, and the first few that failed.

    by_way : patients by how much care they took
    steps  : steps tried, over all patients
    """

    by_status: Counter[Status] = field(default_factory=Counter)
    by_way: Counter[Way] = field(default_factory=Counter)
    first: list[Failure] = field(default_factory=list)
    steps: int = 0

    @property
    def patients(self) -> int:
        """All patients; nobody is dropped."""
        return self.by_status.total()

    @property
    def failed(self) -> int:
        """Patients that could not be solved."""
        return self.patients - self.by_status[Status.ok]

    def add(self, index: int, block: Solution) -> None:
        """Take in one block."""
        self.by_status.update(map(Status, block.status.tolist()))
        self.by_way.update(map(Way, block.way.tolist()))
        self.steps += int(block.steps.sum())
        rows = block.failed[:SHOWN]
        found = [Failure(index, int(row), Status(int(block.status[row]))) for row in rows]
        self.first = sorted([*self.first, *found])[:SHOWN]

    def result(self) -> FailureTable:
        """The table itself."""
        return self

    def sentence(self) -> str:
        """How many patients failed, and why the first few did; empty when none did."""
        if not self.failed:
            return ""
        lines = [f"{self.failed} of {self.patients} patients failed."]
        lines += [f"  patient {f.row} of block {f.block}: {f.status.sentence}" for f in self.first]
        return "\n".join(lines)
