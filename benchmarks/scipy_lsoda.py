"""SciPy's LSODA on a right-hand side and a Jacobian compiled by numba."""

from __future__ import annotations

import numpy as np
from one_by_one import OneByOne
from printed import Floats
from problem import ATOL, RTOL, Problem
from scipy.integrate import solve_ivp


class ScipyLsoda(OneByOne):
    """LSODA as `solve_ivp` runs it; or another of its stiff methods."""

    name = "SciPy LSODA, compiled f and J"

    def __init__(
        self, problem: Problem, rtol: float = RTOL, atol: float = ATOL, method: str = "LSODA"
    ) -> None:
        self.problem, self.rtol, self.atol, self.method = problem, rtol, atol, method
        # Compiled before the clock runs: LSODA asks for the Jacobian only once a patient turns stiff.
        problem.jacobian(
            0.0, np.zeros(len(problem.system.states)), np.ascontiguousarray(problem.parameters[:, 0])
        )

    def piece(self, a: float, y: Floats, p: Floats, times: Floats) -> Floats:
        """One call of `solve_ivp`."""
        m = self.problem
        solution = solve_ivp(
            lambda t, y: m.rhs(t, y, p),
            (a, times[-1]),
            y,
            method=self.method,
            rtol=self.rtol,
            atol=self.atol,
            jac=lambda t, y: m.jacobian(t, y, p),
            t_eval=times,
        )
        return solution.y.T  # type: ignore[no-any-return]


class ScipyRadau(ScipyLsoda):
    """Radau at a tight tolerance, which checks the reference that errors are taken against."""

    name = "SciPy Radau, rtol 1e-10"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem, 1e-10, 1e-12, "Radau")
