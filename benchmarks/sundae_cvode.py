"""scikit-sundae (SUNDIALS CVODE, BDF) on a right-hand side and a Jacobian compiled by numba.

The linear solver is CVODE's dense one. Its sparse one (SuperLU) was slower on systems of this size.
"""

from __future__ import annotations

import numpy as np
from one_by_one import OneByOne
from printed import Floats
from problem import ATOL, RTOL, Problem
from sksundae.cvode import CVODE


class SundaeCvode(OneByOne):
    """CVODE behind scikit-sundae, which calls the compiled functions through Python."""

    name = "scikit-sundae CVODE, compiled f and J"

    def __init__(self, problem: Problem, rtol: float = RTOL, atol: float = ATOL) -> None:
        self.problem, self.p = problem, problem.parameters[:, 0]
        settings = {"rtol": rtol, "atol": atol, "method": "BDF", "max_num_steps": 100_000}
        self.solver = CVODE(self._rhs, jacfn=self._jacobian, linsolver="dense", **settings)

    def _rhs(self, t: float, y: Floats, slope: Floats) -> None:
        self.problem.rhs_into(t, y, self.p, slope)

    def _jacobian(self, t: float, y: Floats, slope: Floats, entries: Floats) -> None:
        self.problem.jacobian_into(t, y, self.p, entries)

    def piece(self, a: float, y: Floats, p: Floats, times: Floats) -> Floats:
        """One solve; given two times only, CVODE answers with its own steps, the last of them at the second."""
        self.p = p
        solution = self.solver.solve(np.unique(np.append(a, times)), y)
        if not solution.success:
            raise RuntimeError(f"CVODE: {solution.message}")
        return np.asarray(solution.y[-times.size :])
