"""numbalsoda (LSODA in C++) on a right-hand side compiled by numba; no Python between the steps.

It has no wheel: installing it needs CMake and a Fortran compiler, so it is no part of the extra `bench`.
It takes no Jacobian and forms it from differences.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numbalsoda import lsoda, lsoda_sig
from one_by_one import OneByOne
from printed import Floats
from problem import ATOL, RTOL, Problem


class NumbaLsoda(OneByOne):
    """LSODA on the address of a compiled function."""

    name = "numbalsoda LSODA"

    def __init__(self, problem: Problem, rtol: float = RTOL, atol: float = ATOL) -> None:
        self.problem, self.rtol, self.atol = problem, rtol, atol
        states, parameters = len(problem.system.states), len(problem.system.parameters)
        rhs = problem.rhs_into

        @numba.cfunc(lsoda_sig)  # type: ignore[untyped-decorator]
        def slope(t: float, y: Any, out: Any, p: Any) -> None:
            rhs(t, numba.carray(y, (states,)), numba.carray(p, (parameters,)), numba.carray(out, (states,)))

        self.slope = slope  # kept: it owns the code behind the address

    def piece(self, a: float, y: Floats, p: Floats, times: Floats) -> Floats:
        """One call of lsoda."""
        asked = np.unique(np.append(a, times))
        found, success = lsoda(
            self.slope.address, y, asked, data=p, rtol=self.rtol, atol=self.atol, mxstep=100_000
        )
        if not success:
            raise RuntimeError(f"numbalsoda gave up between days {a:g} and {times[-1]:g}")
        return np.asarray(found[-times.size :])
