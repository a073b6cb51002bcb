"""The problem that all engines solve: one of thymos' own systems, its patients and the times to see them at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from printed import Floats, Function, allocating, graph_into, into
from systems import SYSTEMS

RTOL, ATOL = 1e-6, 1e-8


@dataclass(frozen=True)
class Problem:
    """A system and the patients to solve it for; the system is traced when it is first asked for.

    name       : a key of `SYSTEMS`
    parameters : (parameter, patient), rows in the order of the system
    times      : output times [day]; the first is after day 0
    """

    name: str
    parameters: Floats
    times: Floats

    @staticmethod
    def read(path: Path) -> Problem:
        """A problem that `write` has stored."""
        with np.load(path, allow_pickle=False) as stored:
            return Problem(str(stored["name"]), stored["parameters"], stored["times"])

    def write(self, path: Path) -> None:
        """Store it for the engines, which run in processes of their own."""
        np.savez(path, name=self.name, parameters=self.parameters, times=self.times)

    @property
    def size(self) -> int:
        """Number of patients."""
        return int(self.parameters.shape[1])

    @cached_property
    def program(self) -> Any:
        """The system as thymos compiles it."""
        return SYSTEMS[self.name].program()

    @cached_property
    def system(self) -> Any:
        """The traced system."""
        from thymos.lang.trace import trace

        return trace(SYSTEMS[self.name].models(), self.name, None)

    @cached_property
    def rhs_into(self) -> Function:
        """dy/dt(t, y, p, out), compiled by numba."""
        return into(self.system, "rhs", self.system.rhs)

    @cached_property
    def rhs(self) -> Function:
        """dy/dt(t, y, p)."""
        return allocating(self.rhs_into, len(self.system.states))

    @cached_property
    def starts(self) -> Function:
        """y at day 0 from (t, y, p)."""
        return allocating(into(self.system, "starts", self.system.starts), len(self.system.states))

    @cached_property
    def outputs(self) -> Function:
        """The recorded outputs of (t, y, p)."""
        recorded = [o.expression for o in self.system.outputs]
        return allocating(into(self.system, "outputs", recorded), len(recorded))

    @cached_property
    def jacobian_into(self) -> Function:
        """The entries of df/dy, written where they belong in a dense matrix of zeros: (t, y, p, out).

        They come from the derivatives that thymos takes on its graph, since sympy needs minutes for them. A wrong
        one would cost a solver steps, never accuracy; f itself is printed from the traced expressions.
        """
        from thymos.engine.derivative import gradients
        from thymos.engine.reader import Reader, state_leaf

        reader = Reader(self.system)
        column = {state_leaf(j): j for j in range(len(self.system.states))}
        rows = gradients(reader.graph, reader.read_all(self.system.rhs), set(column))
        entries = {(i, column[leaf]): node for i, row in enumerate(rows) for leaf, node in row.items()}
        return graph_into(reader.graph, entries)

    @cached_property
    def jacobian(self) -> Function:
        """df/dy(t, y, p) as a dense matrix."""
        return allocating(self.jacobian_into, (len(self.system.states),) * 2)

    @cached_property
    def jumps(self) -> list[Function]:
        """The values of each event's changes at (t, y, p)."""
        changes = [[c[2] for c in e.changes] for e in self.system.events]
        return [allocating(into(self.system, "jump", values), len(values)) for values in changes]

    def moments(self, p: Floats) -> list[tuple[float, int]]:
        """(day, event) of one patient's scheduled events within the time simulated, in order."""
        found = [(float(p[e.at]), i) for i, e in enumerate(self.system.events) if e.at is not None]
        return sorted((day, i) for day, i in found if 0 < day < self.times[-1])

    def pieces(self, p: Floats) -> Iterator[tuple[float, float, NDArray[np.bool_], list[int]]]:
        """(from, to, which output times lie there, events at the end) between one patient's events."""
        days = sorted({day for day, _ in self.moments(p)})
        for a, b in zip([0.0, *days], [*days, float(self.times[-1])], strict=True):
            last = b == self.times[-1]
            inside = (self.times >= a) & ((self.times <= b) if last else (self.times < b))
            yield a, b, inside, [i for day, i in self.moments(p) if day == b]

    def jump(self, event: int, t: float, y: Floats, p: Floats) -> None:
        """Apply an event to y in place."""
        values = self.jumps[event](t, y, p)
        for (i, how, _), value in zip(self.system.events[event].changes, values, strict=True):
            y[i] = value if how == "set" else y[i] + value

    def observed(self, states: Floats, p: Floats) -> Floats:
        """Outputs (time, output) of one patient from its states (time, state)."""
        return np.array([self.outputs(t, y, p) for t, y in zip(self.times, states, strict=True)])
