"""The fast backend: patients are the lanes of vector code made for the system and for this processor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.engine.host import this_host
from thymos.engine.kernel_file import (
    Kernel,
    cache_folder,
    generator_key,
    kernel_path,
    read_kernel,
    write_kernel,
)
from thymos.engine.program import Control, Floats, Program
from thymos.engine.signature import Jump, signature
from thymos.engine.solution import Solution

if TYPE_CHECKING:
    from thymos.engine.host import Host
    from thymos.engine.source import Source
    from thymos.lang.system import System


def lanes(source: Source, cache_dir: str | Path | None = None) -> Program:
    """Read the kernel from disk, or trace, build and keep it."""
    host = this_host()
    parts = (source.key, generator_key(), host.cpu, host.features, str(host.width))
    path = kernel_path(cache_folder(cache_dir), source.name, *parts)
    kernel = read_kernel(path)
    if kernel is None:
        kernel = build(source.system(), host)
        write_kernel(path, kernel)
    return Program(kernel.signature, Lanes(kernel, host))


def build(system: System, host: Host) -> Kernel:
    """Machine code for one system."""
    from thymos.engine.algebra import algebra
    from thymos.engine.object_code import object_code

    a = algebra(system)
    return Kernel(signature(system), host.width, len(a.hoisted), object_code(a, host))


class Lanes:
    """The driver bound to one kernel."""

    def __init__(self, kernel: Kernel, host: Host) -> None:
        from thymos.engine.driver import Functions, layout
        from thymos.engine.object_code import load

        self.kernel, self.host = kernel, host
        # LLVM's engine owns the code: it lives as long as we do.
        self._engine, addresses = load(kernel.code, host)
        self._functions = Functions(*map(np.uint64, addresses))
        s = kernel.signature
        self._events, self._changes = _event_tables(s.jumps)
        self._at, self._rows = layout(
            len(s.states),
            len(s.parameters),
            kernel.hoisted,
            len(s.outputs),
            len(self._changes),
            len(self._events),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process, the code is loaded anew there."""
        return Lanes, (self.kernel, self.host)

    def solve(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Integrate one block."""
        from thymos.engine.driver import (
            ATOL,
            DONE,
            FIRST_STEP,
            LIMIT,
            RTOL,
            STEP,
            STOP,
            WHO,
            Results,
            Work,
            drive,
        )

        v = _aligned(self._rows, self.kernel.width)
        v[ATOL], v[RTOL], v[LIMIT] = control.atol, control.rtol, control.max_steps
        v[STEP], v[STOP] = FIRST_STEP, 1.0  # of a lane that never gets a patient
        n = np.zeros((DONE + len(self._events), self.kernel.width), np.int64)
        n[WHO] = -1
        waiting = np.zeros(1, np.int64)
        tables = (self._functions, self._at, self._events, self._changes)
        work = Work(*tables, times, v, n, waiting, v.ctypes.data, v.strides[0])
        results = Results(into.outputs, into.final, into.fired, into.status, into.steps)
        drive(work, patients, results)


def _event_tables(jumps: tuple[Jump, ...]) -> tuple[Any, Any]:
    """The driver's (event, at when reaches first last level) and (change, state replaces); -1 is none."""
    rows: list[list[int]] = []
    changes: list[tuple[int, bool]] = []
    triggers = 0
    for jump in jumps:
        first, level = len(changes), None if jump.when is None else triggers
        changes += jump.changes
        triggers += jump.when is not None
        row = (jump.at, jump.when, jump.reaches, first, len(changes), level)
        rows.append([-1 if k is None else k for k in row])
    return np.array(rows, np.int64).reshape(-1, 6), np.array(changes, np.int64).reshape(-1, 2)


def _aligned(rows: int, width: int) -> Floats:
    """Zeros whose rows begin at multiples of 8 width bytes, as the kernels' loads demand."""
    memory = np.zeros(rows * width + width)
    offset = (-memory.ctypes.data % (8 * width)) // 8
    return memory[offset : offset + rows * width].reshape(rows, width)
