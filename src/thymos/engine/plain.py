"""The plain backend: SciPy's Radau on functions printed by sympy, one patient after another.

It shares nothing with the lanes but the traced system, so that agreement of the two means something. It is
slow: every output and every event is the end of a step, never interpolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.engine.program import Control, Floats, Program
from thymos.engine.signature import Signature, signature
from thymos.engine.solution import Solution
from thymos.engine.status import Status

if TYPE_CHECKING:
    from thymos.engine.source import Source
    from thymos.lang.system import System

Function = Callable[[float, Floats, Floats], Floats]
LANDING = 1e-10  # day


def plain(source: Source) -> Program:
    """Trace the models and print their functions; nothing is cached."""
    return plain_program(source.system())


def plain_program(system: System) -> Program:
    """The program of a system already traced."""
    return Program(signature(system), Plain(system))


def _function(system: System, expressions: list[Any]) -> Function:
    import sympy

    def ordinary(e: Any) -> bool:
        return not e.is_Pow or (e.exp.is_Number and (2 * e.exp).is_integer)

    power = sympy.Function("power_of_at_least_zero")
    marked = [
        sympy.sympify(e).replace(lambda n: n.is_Pow and not ordinary(n), lambda n: power(n.base, n.exp))
        for e in expressions
    ]
    names = ([s.symbol for s in system.states], [p.symbol for p in system.parameters])
    known: list[Any] = [{power.__name__: lambda base, e: max(base, 0.0) ** e}, "numpy"]
    printed = sympy.lambdify((system.time, *names), marked, modules=known, cse=True)

    def values(t: float, y: Floats, p: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.array(printed(t, y, p), dtype=np.float64)

    return values


class Plain:
    """One patient at a time, restarted at every stop."""

    def __init__(self, system: System) -> None:
        self.signature: Signature = signature(system)
        self.rhs = _function(system, list(system.rhs))
        self.outputs = _function(system, [o.expression for o in system.outputs])
        self.starts = _function(system, list(system.starts))
        self.jumps = [_function(system, [c[2] for c in e.changes]) for e in system.events]

    def solve(self, patients: Floats, times: Floats, control: Control, into: Solution) -> None:
        """Integrate every patient of the block."""
        for i, p in enumerate(patients):
            run = _Run(self, p, control)
            rows = np.array([self._row(run, float(t), p) for t in times])
            into.status[i], into.steps[i] = run.status, run.steps
            into.undershoot[i] = run.undershoot
            good = run.status == Status.ok
            into.outputs[i] = rows if good else np.nan
            into.final[i] = run.y if good else np.nan
            into.fired[i] = run.fired if good else np.nan

    def _row(self, run: _Run, t: float, p: Floats) -> Floats:
        run.go_to(t)
        return self.outputs(run.t, run.y, p)


@dataclass
class _Piece:
    """What one restart of the solver reached."""

    t: float
    y: Floats
    h: float


class _Run:
    """One patient on the way: time, state, and what has happened."""

    def __init__(self, model: Plain, p: Floats, control: Control) -> None:
        self.model, self.p, self.control = model, p, control
        self.t, self.h, self.steps, self.status = 0.0, 1e-3, 0, Status.ok
        self.undershoot = 0.0
        self.y = model.starts(0.0, np.zeros(len(model.signature.states)), p)
        jumps = model.signature.jumps
        self.fired = np.full(len(jumps), np.nan)
        self.moments = np.array(
            [np.inf if j.at is None or not np.isfinite(p[j.at]) else p[j.at] for j in jumps]
        )
        self._happen(-1)

    def _reached(self, e: int, y: Floats) -> bool:
        jump = self.model.signature.jumps[e]
        if jump.when is None or jump.reaches is None:
            return False
        return bool(y[jump.when] >= self.p[jump.reaches])

    def _open(self) -> list[int]:
        return [e for e in range(self.fired.size) if np.isnan(self.fired[e])]

    def _happen(self, landed: int) -> None:
        """Apply all events that are due, in declaration order, until none is."""
        again = True
        while again:
            again = False
            for e in self._open():
                if e == landed or self.moments[e] <= self.t or self._reached(e, self.y):
                    values = self.model.jumps[e](self.t, self.y, self.p)
                    self.fired[e] = self.t
                    for (i, replaces), value in zip(
                        self.model.signature.jumps[e].changes, values, strict=True
                    ):
                        self.y[i] = value if replaces else self.y[i] + value
                    self.h, again = min(self.h, 1e-2), True

    def go_to(self, t: float) -> None:
        """Integrate to t, through all events up to and at t."""
        while self.t < t and self._is_well():
            later = [self.moments[e] for e in self._open()]
            landed = self._integrate(min([t, *later]))
            if self.status == Status.ok:
                self._happen(landed)

    def _is_well(self) -> bool:
        if self.status == Status.ok and not np.isfinite(self.y).all():
            self.status = Status.not_finite
        return self.status == Status.ok

    def _integrate(self, stop: float) -> int:
        """Go to the stop, or to the first trigger on the way, whose number is returned (else -1)."""
        from scipy.integrate import Radau

        def f(t: float, y: Floats) -> Floats:
            return self.model.rhs(t, y, self.p)

        c = self.control
        first = min(self.h, stop - self.t)
        solver: Any = Radau(f, self.t, self.y, stop, rtol=max(c.rtol, 3e-14), atol=c.atol, first_step=first)
        while solver.status == "running":
            before = _Piece(self.t, self.y, self.h)
            with np.errstate(all="ignore"):
                problem = solver.step()
            self.steps += 1
            if problem or not np.isfinite(solver.y).all():
                self.status = (
                    Status.step_too_small if np.isfinite(f(self.t, self.y)).all() else Status.not_finite
                )
            elif self.steps >= c.max_steps and solver.t < stop:
                self.status = Status.too_many_steps
            if self.status != Status.ok:
                return -1
            self.t, self.y, self.h = float(solver.t), solver.y.copy(), float(solver.h_abs)
            below = -self.y / (c.atol + c.rtol * np.abs(self.y))
            self.undershoot = max(self.undershoot, float(below.max(initial=0.0)))
            met = [e for e in self._open() if self._reached(e, self.y)]
            if met:
                return self._land(met, before, solver.dense_output(), f)
        return -1

    def _land(self, met: list[int], before: _Piece, dense: Any, f: Any) -> int:
        """Go back and end the step on the earliest crossing, refined by Newton's method on its length."""
        from scipy.integrate import Radau
        from scipy.optimize import brentq

        def crossing(e: int) -> float:
            jump = self.model.signature.jumps[e]
            i, level = jump.when or 0, float(self.p[jump.reaches or 0])
            if dense(before.t)[i] >= level:
                return before.t
            return float(brentq(lambda t: dense(t)[i] - level, before.t, self.t, xtol=1e-13))

        e = min(met, key=crossing)
        jump = self.model.signature.jumps[e]
        i, level, aim = jump.when or 0, float(self.p[jump.reaches or 0]), crossing(e)
        for _ in range(8):
            solver: Any = Radau(f, before.t, before.y, aim, rtol=self.control.rtol, atol=self.control.atol)
            while solver.status == "running":
                solver.step()
            self.t, self.y = float(solver.t), solver.y.copy()
            correction = (level - self.y[i]) / f(self.t, self.y)[i]
            if abs(correction) <= LANDING:
                break
            aim = max(before.t, aim + correction)
        return e
