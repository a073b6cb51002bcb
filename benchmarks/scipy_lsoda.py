"""SciPy's LSODA on a right-hand side and a Jacobian compiled by numba."""

from __future__ import annotations

import numpy as np
from problem import ATOL, RTOL, Floats, Problem
from scipy.integrate import solve_ivp


class ScipyLsoda:
    """One patient after another, restarted at each event."""

    name = "SciPy LSODA, compiled f and J"
    share = 0.02

    def __init__(
        self, problem: Problem, rtol: float = RTOL, atol: float = ATOL, method: str = "LSODA"
    ) -> None:
        self.problem, self.rtol, self.atol, self.method = problem, rtol, atol, method
        self.run(1)

    def run(self, n: int) -> Floats:
        """Outputs (patient, time, output) of the first n patients."""
        return np.array([self._one(np.ascontiguousarray(self.problem.parameters[:, i])) for i in range(n)])

    def _one(self, p: Floats) -> Floats:
        m = self.problem
        y = m.starts(0.0, np.zeros(len(m.system.states)), p)
        states = np.empty((m.times.size, y.size))
        for a, b, inside, events in m.pieces(p):
            solution = solve_ivp(
                lambda t, y: m.rhs(t, y, p),
                (a, b),
                y,
                method=self.method,
                rtol=self.rtol,
                atol=self.atol,
                jac=lambda t, y: m.jacobian(t, y, p),
                t_eval=np.unique(np.append(m.times[inside], b)),
            )
            states[inside] = solution.y.T[: inside.sum()]
            y = solution.y[:, -1].copy()
            for event in events:
                m.jump(event, b, y, p)
        return m.observed(states, p)
