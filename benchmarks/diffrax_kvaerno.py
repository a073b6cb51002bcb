"""diffrax (JAX): Kvaerno5, patients side by side under `vmap`, compiled by XLA for one batch width.

All patients of a batch step until the slowest is done. Events are landed on by a scan over the pieces between them.
"""

from __future__ import annotations

from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import sympy
from printed import Floats
from problem import ATOL, RTOL, Problem

WIDTH = 16


class DiffraxKvaerno:
    """Batches of `WIDTH` patients, the last one filled up with repetitions."""

    name = "diffrax Kvaerno5, vmap"
    batch = WIDTH

    def __init__(self, problem: Problem, rtol: float = RTOL, atol: float = ATOL) -> None:
        jax.config.update("jax_enable_x64", True)
        self.problem, self.rtol, self.atol = problem, rtol, atol
        s = problem.system
        self.rhs = self._printed(s.rhs)
        self.starts = self._printed(s.starts)
        self.outputs = self._printed([o.expression for o in s.outputs])
        self.jumps = [self._jump(event) for event in s.events]
        self.side_by_side = jax.jit(jax.vmap(self._patient))

    def run(self, n: int) -> Floats:
        """Outputs (patient, time, output) of the first n patients."""
        p = np.ascontiguousarray(self.problem.parameters.T)
        slots = max(len(self.problem.moments(x)) for x in p)
        found = []
        for first in range(0, n, WIDTH):
            rows = np.arange(first, first + WIDTH) % len(p)
            days, events = zip(*(self._stops(p[i], slots) for i in rows), strict=True)
            found.append(np.asarray(self.side_by_side(p[rows], np.array(days), np.array(events))))
        return np.concatenate(found)[:n]

    def _stops(self, p: Floats, slots: int) -> tuple[list[float], list[int]]:
        """Ends of the pieces, and what happens there: an event, or the last number for nothing."""
        moments, end, nothing = self.problem.moments(p), float(self.problem.times[-1]), len(self.jumps)
        spare = slots + 1 - len(moments)
        return [*(d for d, _ in moments), *[end] * spare], [*(e for _, e in moments), *[nothing] * spare]

    def _printed(self, expressions: Any) -> Any:
        s = self.problem.system
        arguments = (s.time, [q.symbol for q in s.states], [q.symbol for q in s.parameters])
        values = sympy.lambdify(arguments, list(expressions), modules="jax", cse=True)
        return lambda t, y, p: jnp.stack([jnp.asarray(v, float) for v in values(t, y, p)])

    def _jump(self, event: Any) -> Any:
        values = self._printed([c[2] for c in event.changes])

        def jump(t: Any, y: Any, p: Any) -> Any:
            for (i, how, _), value in zip(event.changes, values(t, y, p), strict=True):
                y = y.at[i].set(value) if how == "set" else y.at[i].add(value)
            return y

        return jump

    def _patient(self, p: Any, days: Any, events: Any) -> Any:
        times = jnp.asarray(self.problem.times)
        nothing = [lambda t, y, p: y]

        def piece(before: Any, stop: Any) -> Any:
            (a, y), (b, event) = before, stop
            states = self._solve(a, b, y, p, jnp.clip(times, a, b))
            y = jax.lax.switch(event, [*self.jumps, *nothing], b, states[-1], p)
            return (b, y), states

        start = self.starts(0.0, jnp.zeros(len(self.problem.system.states)), p)
        _, pieces = jax.lax.scan(piece, (jnp.zeros(()), start), (days, events))
        which = jnp.sum(days[:-1, None] <= times, axis=0)
        states = pieces[which, jnp.arange(times.size)]
        return jax.vmap(lambda t, y: self.outputs(t, y, p))(times, states)

    def _solve(self, a: Any, b: Any, y: Any, p: Any, times: Any) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(self.rhs),
            diffrax.Kvaerno5(),
            a,
            b,
            1e-3,
            y,
            args=p,
            saveat=diffrax.SaveAt(ts=times),
            stepsize_controller=diffrax.PIDController(self.rtol, self.atol),
            max_steps=100_000,
        ).ys
