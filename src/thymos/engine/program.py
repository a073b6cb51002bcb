"""A compiled system: checks its input, cuts patients into blocks, solves them on any number of threads."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.engine.signature import Quantity, Signature
from thymos.engine.solution import Solution
from thymos.engine.status import Status
from thymos.lang.errors import SolveError
from thymos.lang.nearest import nearest

Floats = NDArray[np.float64]

# Patients solved in one go. It shapes memory and balance between threads, never the bits of a result.
BLOCK = 512


@dataclass(frozen=True)
class Control:
    """How exactly, and with how much patience: error per step in units of atol + rtol |y|.

    `together` patients in a row share their steps.
    """

    rtol: float
    atol: float
    max_steps: int
    together: int = 1


class Integrator(Protocol):
    """What a backend is: it fills one block's part of a solution; `patients` is (patient, parameter)."""

    def solve(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Integrate every patient from 0 to the last time."""


@dataclass(frozen=True)
class Program:
    """A system ready to be solved for many patients at once."""

    signature: Signature
    integrator: Integrator

    @property
    def name(self) -> str:
        """Name of the system."""
        return self.signature.name

    @property
    def width(self) -> int:
        """How many patients can share their steps; 1 where the backend solves each on its own."""
        return int(getattr(self.integrator, "width", 1))

    @property
    def states(self) -> tuple[Quantity, ...]:
        """(name, unit, text, kind) of every state, in the order of `Solution.final`."""
        return self.signature.states

    @property
    def parameters(self) -> tuple[Quantity, ...]:
        """(name, unit, text, kind) of every row of the parameter array."""
        return self.signature.parameters

    @property
    def outputs(self) -> tuple[Quantity, ...]:
        """(name, unit, text, kind) of every output, in the order of `Solution.outputs`."""
        return self.signature.outputs

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events, in the order of `Solution.fired`."""
        return tuple(jump.name for jump in self.signature.jumps)

    def parameter_index(self, name: str) -> int:
        """Row of a parameter, covariate or switch."""
        return _index(self.name, "parameter", self.parameters, name)

    def output_index(self, name: str) -> int:
        """Column of an output."""
        return _index(self.name, "output", self.outputs, name)

    def state_index(self, name: str) -> int:
        """Column of a state."""
        return _index(self.name, "state", self.states, name)

    def event_index(self, name: str) -> int:
        """Column of an event in `Solution.fired`."""
        return _index(self.name, "event", [Quantity(e, "day", "", "event") for e in self.events], name)

    def room(self, patients: int, times: ArrayLike) -> Solution:
        """Arrays for so many patients, to be handed to `solve` again and again."""
        return _empty(patients, self._moments(times), self.signature)

    def solve(
        self,
        parameters: ArrayLike,
        times: ArrayLike,
        rtol: float = 1e-6,
        atol: float = 1e-8,
        workers: int = 1,
        max_steps: int = 100_000,
        block: int | None = None,
        together: int = 1,
        into: Solution | None = None,
    ) -> Solution:
        """Integrate all patients from day 0 to the last time.

        parameters : (parameter, patient), rows in the order of `self.parameters`
        times      : rising output times [day], the first at 0 or later
        block      : patients solved in one go; None leaves it to the backend
        together   : so many patients in a row take the same steps, hence fail together, and differ smoothly with
                     their parameters (`sensitivities` rests on it); a divisor of `self.width` and of their number
        into       : arrays from `room` for as many patients and the same times; written over and returned
        The bits of a patient's result depend neither on its neighbours nor on `workers` or `block`.
        """
        table = parameter_table(self.name, len(self.parameters), parameters)
        moments = self._moments(times)
        control = self._control(rtol, atol, max_steps, together)
        block = int(getattr(self.integrator, "block", BLOCK)) if block is None else block
        if workers < 1 or block < 1:
            raise SolveError(
                f"{self.name}, solve", "at least 1 worker and blocks of 1", f"{workers}, {block}"
            )
        if together > 1 and (self.width % together or table.shape[1] % together or block % together):
            raise SolveError(
                f"{self.name}, together",
                f"a divisor of {self.width} lanes, of the number of patients and of the block",
                f"{together} for {table.shape[1]} patients in blocks of {block}",
            )
        solution = _empty(table.shape[1], moments, self.signature) if into is None else into
        if solution.status.size != table.shape[1] or not np.array_equal(solution.times, moments):
            wanted = f"room for {table.shape[1]} patients at these times"
            raise SolveError(f"{self.name}, solve", wanted, f"room for {solution.status.size}")
        solution.way[:] = 0  # backends write it only of those they solve again
        cuts = range(0, table.shape[1], block)

        def part(first: int) -> None:
            self._solve_block(table, slice(first, first + block), control, solution)

        if workers == 1 or len(cuts) < 2:
            for first in cuts:
                part(first)
            return solution
        with ThreadPoolExecutor(min(workers, len(cuts))) as pool:
            try:
                for _ in pool.map(part, cuts):
                    pass
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return solution

    def _solve_block(self, table: Floats, which: slice, control: Control, whole: Solution) -> None:
        patients = np.array(table[:, which].T, order="C")
        into = whole.part(which)
        lacking = np.asarray(np.isnan(patients[:, self._must_be_numbers]).any(axis=1))
        usable = ~whole_groups(lacking, control.together)
        if usable.all():
            self.integrator.solve(patients, whole.times, control, into)
            return
        good = _empty(int(usable.sum()), whole.times, self.signature)
        self.integrator.solve(np.ascontiguousarray(patients[usable]), whole.times, control, good)
        for target in into.arrays:
            target[~usable] = np.nan if target.dtype.kind == "f" else 0
        into.put(usable, good)
        into.status[~usable] = Status.not_finite

    @property
    def _must_be_numbers(self) -> list[int]:
        """Parameters that may not be NaN: all but the times of events, where NaN means never."""
        moments = {jump.at for jump in self.signature.jumps}
        return [i for i in range(len(self.parameters)) if i not in moments]

    def _moments(self, times: ArrayLike) -> Floats:
        # A copy: numba would compile the driver a second time for an array that may not be written.
        moments = np.array(times, dtype=np.float64)
        good = moments.ndim == 1 and moments.size and np.isfinite(moments).all() and moments[0] >= 0
        if not good or (np.diff(moments) <= 0).any():
            raise SolveError(
                f"{self.name}, times",
                "a rising list of finite days, the first at 0 or later",
                np.array2string(moments, threshold=6),
                "sort them with numpy.unique",
            )
        return moments

    def _control(self, rtol: float, atol: float, max_steps: int, together: int) -> Control:
        if not (0 < rtol < 1 and atol > 0 and max_steps > 0 and together > 0):
            raise SolveError(
                f"{self.name}, solve",
                "0 < rtol < 1, atol > 0, max_steps > 0, together > 0",
                f"rtol={rtol:g}, atol={atol:g}, max_steps={max_steps}, together={together}",
            )
        return Control(float(rtol), float(atol), int(max_steps), int(together))


def whole_groups(marked: NDArray[np.bool_], together: int) -> NDArray[np.bool_]:
    """All patients of every group in which one is marked."""
    return np.repeat(marked.reshape(-1, together).any(axis=1), together)


def parameter_table(program: str, rows: int, parameters: ArrayLike) -> Floats:
    """The values as (parameter, patient); raises `SolveError` where they have another shape."""
    table = np.asarray(parameters, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != rows:
        raise SolveError(
            f"{program}, parameters",
            f"an array of ({rows} parameters, patients)",
            f"shape {table.shape}",
            "one column for each patient, rows as in program.parameters",
        )
    return table


def _index(program: str, what: str, columns: Sequence[Quantity], name: str) -> int:
    names = [q.name for q in columns]
    if name not in names:
        wanted = f"one of the {len(names)} {what}s of this program"
        raise SolveError(f"{program}, {what} {name!r}", wanted, name, nearest(name, names))
    return names.index(name)


def _empty(patients: int, times: Floats, columns: Signature) -> Solution:
    sizes = (len(columns.outputs), len(columns.states), len(columns.jumps))
    return Solution.empty(patients, times, *sizes)
