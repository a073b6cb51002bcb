"""The fast backend: patients are the lanes of vector code made for the system and for this processor."""

from __future__ import annotations

from dataclasses import replace
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
from thymos.engine.program import Control, Floats, Program, whole_groups
from thymos.engine.signature import Jump, signature
from thymos.engine.solution import Solution
from thymos.engine.status import Status, Way

# A kernel of 46,000 operations took 24 s to build; the shipped recipient has 4,300.
MOST_OPERATIONS = 60_000
# Failures that may be the solver's; who took too many steps would only take more.
TRIED_AGAIN = (Status.step_too_small, Status.not_finite, Status.unsolved)
# Below it rounding fills the error estimate.
LEAST_RTOL = 1e-13

if TYPE_CHECKING:
    from thymos.engine.algebra import Algebra
    from thymos.engine.driver import Functions
    from thymos.engine.host import Host
    from thymos.engine.source import Source
    from thymos.lang.system import System


def lanes(source: Source, cache_dir: str | Path | None = None) -> Program:
    """Read the kernel from disk, or trace, build and keep it.

    A model whose kernel would take minutes to build is solved by the plain backend instead, with a warning.
    """
    host = this_host()
    parts = (source.key, generator_key(), host.cpu, host.features, str(host.width))
    path = kernel_path(cache_folder(cache_dir), source.name, *parts)
    kernel = read_kernel(path)
    if kernel is None:
        from thymos.engine.algebra import algebra

        system = source.system()
        a = algebra(system)
        if a.operations > MOST_OPERATIONS:
            return _too_large(system, a)
        kernel = build(system, a, host)
        write_kernel(path, kernel)
    return Program(kernel.signature, Lanes(kernel, host))


def build(system: System, a: Algebra, host: Host) -> Kernel:
    """Machine code for one system."""
    from thymos.engine.object_code import object_code

    return Kernel(signature(system), host.width, len(a.hoisted), object_code(a, host))


def _too_large(system: System, a: Algebra) -> Program:
    import warnings

    from thymos.engine.plain import plain_program

    warnings.warn(
        f"{system.name} is too large for one kernel ({a.operations:,} operations, at most {MOST_OPERATIONS:,}): it is "
        'solved by backend "scipy", one patient after another. Split it, or give large sums a state of their own.',
        stacklevel=4,
    )
    return plain_program(system)


class Lanes:
    """The driver bound to one kernel."""

    def __init__(self, kernel: Kernel, host: Host) -> None:
        from thymos.engine.driver import Functions, layout
        from thymos.engine.object_code import load

        self.kernel, self.host = kernel, host
        # LLVM's engine owns the code: it lives as long as we do.
        self._engine, addresses = load(kernel.code, host)
        *plain, pivoted = map(np.uint64, addresses)
        self._functions, self._pivoted = Functions(*plain), pivoted
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

    @property
    def width(self) -> int:
        """Number of lanes, which is how many patients can share their steps."""
        return self.kernel.width

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process, the code is loaded anew there."""
        return Lanes, (self.kernel, self.host)

    def solve(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Integrate one block; who fails is solved again, with more care each time."""
        self._drive(self._functions, patients, times, control, into)
        careful = replace(control, rtol=max(control.rtol / 10, LEAST_RTOL), atol=control.atol / 10)
        pivoted = self._functions._replace(attempt=self._pivoted)
        for way, functions in ((Way.tighter, self._functions), (Way.pivoted, pivoted)):
            failed = np.flatnonzero(whole_groups(np.isin(into.status, TRIED_AGAIN), control.together))
            if not failed.size:
                return
            again = Solution.empty(failed.size, times, *(array.shape[-1] for array in into.arrays[:3]))
            self._drive(functions, patients[failed], times, careful, again)
            again.way[:] = way
            again.steps[:] += into.steps[failed]
            into.put(failed, again)

    def _drive(
        self, functions: Functions, patients: Floats, times: Floats, control: Control, into: Solution
    ) -> None:
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
        )
        from thymos.engine.stored_driver import drive

        v = _aligned(self._rows, self.kernel.width)
        v[ATOL], v[RTOL], v[LIMIT] = control.atol, control.rtol, control.max_steps
        v[STEP], v[STOP] = FIRST_STEP, 1.0  # of a lane that never gets a patient
        n = np.zeros((DONE + len(self._events), self.kernel.width), np.int64)
        n[WHO] = -1
        waiting = np.zeros(1, np.int64)
        tables = (functions, self._at, self._events, self._changes)
        work = Work(*tables, times, v, n, waiting, v.ctypes.data, v.strides[0], control.together)
        counts = (into.status, into.steps, into.undershoot)
        drive(work, patients, Results(into.outputs, into.final, into.fired, *counts))


def _event_tables(jumps: tuple[Jump, ...]) -> tuple[Any, Any]:
    """The driver's (event, at when reaches first last level once) and (change, state replaces); -1 is none."""
    rows: list[list[int]] = []
    changes: list[tuple[int, bool]] = []
    triggers = 0
    for jump in jumps:
        first, level = len(changes), None if jump.when is None else triggers
        changes += jump.changes
        triggers += jump.when is not None
        row = (jump.at, jump.when, jump.reaches, first, len(changes), level, int(not jump.again))
        rows.append([-1 if k is None else k for k in row])
    return np.array(rows, np.int64).reshape(-1, 7), np.array(changes, np.int64).reshape(-1, 2)


def _aligned(rows: int, width: int) -> Floats:
    """Zeros whose rows begin at multiples of 8 width bytes, as the kernels' loads demand."""
    memory = np.zeros(rows * width + width)
    offset = (-memory.ctypes.data % (8 * width)) // 8
    return memory[offset : offset + rows * width].reshape(rows, width)
