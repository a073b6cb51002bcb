"""The contract of a reducer: it says what to keep, and begins a tally that takes one block after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from thymos.engine.program import Program
    from thymos.engine.solution import Solution


class Tally(Protocol):
    """What has been kept so far.

    Blocks come in any order and any cut, so whatever is added up has to be whole numbers: then the order
    cannot show in the last bit. One thread at a time.
    """

    def add(self, index: int, block: Solution) -> None:
        """Take in block number `index`. Its arrays are written again afterwards: copy what is to stay."""

    def result(self) -> Any:
        """What the caller gets."""


class Reducer(Protocol):
    """What to keep of every patient, as a description that can be used many times."""

    def begin(self, program: Program, times: NDArray[np.float64]) -> Tally:
        """An empty tally. Raises `SolveError` where the program has nothing of the name asked for."""
