"""pydiffsol (Rust, its own LLVM compiler): BDF with a sparse LU on the same system in its language DiffSL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pydiffsol
import sympy
from one_by_one import OneByOne
from printed import Floats
from problem import ATOL, RTOL, Problem
from sympy.printing.str import StrPrinter


class DiffsolBdf(OneByOne):
    """Initial states are inputs of the compiled model."""

    name = "pydiffsol, BDF"

    def __init__(self, problem: Problem, rtol: float = RTOL, atol: float = ATOL) -> None:
        self.problem = problem
        self.ode = pydiffsol.Ode(diffsl(problem), matrix_type=pydiffsol.faer_sparse, ode_solver=pydiffsol.bdf)
        self.ode.rtol, self.ode.atol, self.ode.h0 = rtol, atol, 1e-3

    def piece(self, a: float, y: Floats, p: Floats, times: Floats) -> Floats:
        """One solve with the states of the moment."""
        self.ode.t0 = a
        known = np.where(np.isfinite(p), p, 1e9)  # never is a day far beyond the end
        return np.asarray(self.ode.solve_dense(np.append(known, y), times).ys).T


class _DiffSL(StrPrinter):
    def _print_Pow(self, e: Any, rational: bool = False) -> str:  # noqa: N802  sympy's name
        base = self._print(e.base)
        if e.exp == -1:
            return f"(1.0 / ({base}))"
        if e.exp == sympy.Rational(1, 2):
            return f"sqrt({base})"
        if e.exp.is_Integer and 1 < e.exp <= 4:
            return "(" + " * ".join([f"({base})"] * int(e.exp)) + ")"
        return f"pow({base}, {self._print(e.exp)})"

    def _print_Integer(self, e: Any) -> str:  # noqa: N802
        return f"{int(e)}.0"

    def _print_Rational(self, e: Any) -> str:  # noqa: N802
        return repr(float(e))

    def _print_Float(self, e: Any) -> str:  # noqa: N802
        return repr(float(e))


def diffsl(problem: Problem) -> str:
    """The system in DiffSL; common subexpressions become variables."""
    s = problem.system
    names = {q.symbol: sympy.Symbol(f"y{i}") for i, q in enumerate(s.states)}
    names |= {q.symbol: sympy.Symbol(f"p{i}") for i, q in enumerate(s.parameters)}
    names[s.time] = sympy.Symbol("t")
    plain = [sympy.sympify(e).xreplace(names) for e in s.rhs]
    parts, results = sympy.cse(plain, symbols=sympy.numbered_symbols("v"), order="none")
    text = _DiffSL().doprint
    n, k = len(s.states), len(s.parameters)
    inputs = ", ".join([*(f"p{i} = 1.0" for i in range(k)), *(f"start{i} = 0.0" for i in range(n))])
    lines = [f"in_i {{ {inputs} }}"]
    lines.append("u_i { " + ", ".join(f"y{i} = start{i}" for i in range(n)) + " }")
    lines += [f"{v} {{ {text(e)} }}" for v, e in parts]
    lines.append("F_i { " + ", ".join(text(e) for e in results) + " }")
    return "\n".join(lines)
