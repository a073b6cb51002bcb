"""The backend of the exact process and of tau-leaping: patients are the lanes of vector code made for the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.engine.jumps.driver import DONE, WHO, Functions, Results, Work, drive, layout
from thymos.engine.jumps.jump_code import ENTRIES, JumpCode
from thymos.engine.jumps.order import orders
from thymos.engine.kernel_file import Kernel
from thymos.engine.lanes import _aligned, _event_tables
from thymos.engine.object_code import compiled, load
from thymos.engine.program import Control, Floats
from thymos.engine.signature import signature
from thymos.engine.solution import Solution

if TYPE_CHECKING:
    from thymos.engine.host import Host
    from thymos.engine.jumps.process import Process


def build(made: Process, host: Host) -> Kernel:
    """Machine code of a process."""
    code = JumpCode(made)
    tables = {
        "stoichiometry": [[k, i] for k, i, _ in made.changes],
        "counted": [int(i in made.counted) for i in range(code.size - 2)],
        "order": orders(made),
        "transitions": [len(made.rates)],
        "still": [int(code.is_still)],
    }
    hoisted = len(code.algebra.hoisted)
    return Kernel(signature(made.system), host.width, hoisted, compiled(code.text(host), host), tables)


class JumpLanes:
    """The driver bound to one kernel; `leaping` with the accuracy of `Control.rtol`, else exact."""

    def __init__(self, kernel: Kernel, host: Host, leaping: bool) -> None:
        self.kernel, self.host, self.leaping = kernel, host, leaping
        # LLVM's engine owns the code: it lives as long as we do.
        self._engine, addresses = load(kernel.code, host, ENTRIES)
        self._functions = Functions(*map(np.uint64, addresses))
        s, tables = kernel.signature, kernel.tables
        # The last event is the next jump, which the driver makes itself.
        self._events, self._jumps = _event_tables(s.jumps[:-1])
        self._stoichiometry = np.array(tables["stoichiometry"], np.int64).reshape(-1, 2)
        self._order, self._counted = (np.array(tables[k], np.int64) for k in ("order", "counted"))
        sizes = (len(s.states), len(s.parameters), kernel.hoisted, len(s.outputs))
        counts = (len(self._jumps), len(self._events), tables["transitions"][0], len(self._stoichiometry))
        self._at, self._rows = layout(*sizes, *counts)

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process, the code is loaded anew there."""
        return JumpLanes, (self.kernel, self.host, self.leaping)

    def solve(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Run one block."""
        v = _aligned(self._rows, self.kernel.width)
        n = np.zeros((DONE + len(self._events), self.kernel.width), np.int64)
        n[WHO] = -1
        waiting = np.zeros(1, np.int64)
        tables = (self._events, self._jumps, self._stoichiometry, self._order, self._counted)
        still = bool(self.kernel.tables["still"][0])
        head = (self._functions, self._at)
        work = Work(*head, *tables, still, times, v, n, waiting, v.ctypes.data, v.strides[0])
        results = Results(into.outputs, into.final, into.fired, into.status, into.steps)
        drive(work, control.rtol if self.leaping else 0.0, control.max_steps, patients, results)
