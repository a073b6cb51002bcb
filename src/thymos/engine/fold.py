"""Populations of any size in constant memory: blocks are solved and folded into what is to be kept.

Each worker makes a block of patients, solves it into arrays that it uses again and again, and hands it to the
reducers; then the block is forgotten. Memory holds one block for each worker and the tallies, whatever the
number of patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from thymos.engine.reducers.failures import Failures, FailureTable
from thymos.engine.solution import Solution
from thymos.lang.errors import SolveError

if TYPE_CHECKING:
    from thymos.engine.program import Floats, Program
    from thymos.engine.reducers.reducer import Reducer, Tally


class Blocks(Protocol):
    """Parameter matrices (parameter, patient) by number; made when asked for, the same each time.

    A list of matrices is one. Several threads ask at once, each for another number.
    """

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, index: int, /) -> ArrayLike:
        """Block number `index`, from 0."""


@dataclass(frozen=True)
class Folded:
    """What is left of a population: results by the names their reducers were given, and who failed."""

    results: Mapping[str, Any]
    failures: FailureTable

    def __getitem__(self, name: str) -> Any:
        return self.results[name]


def fold(
    program: Program,
    blocks: Blocks,
    times: ArrayLike,
    reducers: Mapping[str, Reducer],
    *,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    max_steps: int = 100_000,
    workers: int = 1,
) -> Folded:
    """Solve every block and keep what the reducers keep.

    times : rising output times [day], the first at 0 or later
    The result has the same bits for any number of workers, any cut into blocks and any order of patients.
    Nobody is dropped: patients that fail are counted by every reducer and in `failures`.
    Raises `SolveError` before anything is solved where a reducer names what the program does not have. An
    error in a block, or Ctrl-C, stops all workers at the end of the block they are at.
    """
    if workers < 1:
        raise SolveError(f"{program.name}, fold", "at least 1 worker", str(workers))
    moments = np.asarray(times, dtype=np.float64)
    failures = _Shared(Failures(), program, moments)
    kept = {name: _Shared(reducer, program, moments) for name, reducer in reducers.items()}
    todo = _Todo(len(blocks))

    def work() -> None:
        buffer = _Buffer(program, moments)
        while (index := todo.take()) is not None:
            matrix = np.asarray(blocks[index], dtype=np.float64)
            rows = buffer.rows(matrix.shape[-1] if matrix.ndim else 0)
            block = program.solve(matrix, moments, rtol=rtol, atol=atol, max_steps=max_steps, into=rows)
            for tally in (failures, *kept.values()):
                tally.add(index, block)

    _run(work, min(workers, len(blocks)), todo)
    return Folded({name: tally.result() for name, tally in kept.items()}, failures.result())


def _run(work: Any, workers: int, todo: _Todo) -> None:
    if workers < 2:
        work()
        return
    with ThreadPoolExecutor(workers) as pool:
        try:
            for part in as_completed([pool.submit(work) for _ in range(workers)]):
                part.result()
        finally:
            todo.close()


class _Todo:
    """Numbers of blocks, each given out once."""

    def __init__(self, count: int) -> None:
        self.numbers, self.lock = iter(range(count)), Lock()

    def take(self) -> int | None:
        with self.lock:
            return next(self.numbers, None)

    def close(self) -> None:
        with self.lock:
            self.numbers = iter(range(0))


class _Shared:
    """A tally that all workers add to, one at a time. Each has its own lock, so they seldom wait."""

    def __init__(self, reducer: Reducer, program: Program, times: Floats) -> None:
        self.tally: Tally = reducer.begin(program, times)
        self.lock, self.result = Lock(), self.tally.result

    def add(self, index: int, block: Solution) -> None:
        with self.lock:
            self.tally.add(index, block)


class _Buffer:
    """One worker's arrays, used again for each block: fresh ones would cost a page fault for every 4 kB."""

    def __init__(self, program: Program, times: Floats) -> None:
        self.program, self.times = program, times
        self.whole = program.room(0, times)

    def rows(self, patients: int) -> Solution:
        if self.whole.status.size < patients:
            self.whole = self.program.room(patients, self.times)
        return self.whole.part(slice(0, patients))
