"""libRoadRunner (CVODE, its own LLVM compiler) on the same system written as SBML through Antimony.

Rates are written out in full. With shared expressions as assignment rules, which reads better, version 2.10 took
257 instead of 33 s to load the recipient and 0.62 instead of 0.30 s for a patient: it expands such rules wherever
they are used. Its other compiler (LLJIT, aggressive) took 30 s and 0.42 s.
"""

from __future__ import annotations

from typing import Any

import antimony
import numpy as np
import roadrunner
import sympy
from problem import ATOL, RTOL, Floats, Problem
from sympy.printing.str import StrPrinter


class RoadRunner:
    """One patient after another; events inside the simulator."""

    name = "libRoadRunner, CVODE"
    share = 0.05

    def __init__(self, problem: Problem, rtol: float = RTOL, atol: float = ATOL) -> None:
        self.problem = problem
        self.runner = roadrunner.RoadRunner(sbml(problem))
        settings = {"relative_tolerance": rtol, "absolute_tolerance": atol, "stiff": True}
        for key, value in {**settings, "maximum_num_steps": 100_000}.items():
            self.runner.integrator.setValue(key, value)
        n, k = len(problem.system.states), len(problem.system.parameters)
        self.runner.timeCourseSelections = ["time", *(f"y{i}" for i in range(n))]
        ids = list(self.runner.model.getGlobalParameterIds())
        names = [*(f"y{i}" for i in range(n)), *(f"p{i}" for i in range(k))]
        self.places = np.array([ids.index(name) for name in names], np.int32)
        self.run(1)

    def run(self, n: int) -> Floats:
        """Outputs (patient, time, output) of the first n patients."""
        return np.array([self._one(np.ascontiguousarray(self.problem.parameters[:, i])) for i in range(n)])

    def _one(self, p: Floats) -> Floats:
        m = self.problem
        self.runner.reset()
        y = m.starts(0.0, np.zeros(len(m.system.states)), p)
        # Never is a day far beyond the end: not every SBML reader takes infinity.
        known = np.where(np.isfinite(p), p, 1e9)
        self.runner.model.setGlobalParameterValues(self.places, np.append(y, known))
        table = np.asarray(self.runner.simulate(times=[0.0, *m.times]))
        return m.observed(np.ascontiguousarray(table[1:, 1:]), p)


class _Antimony(StrPrinter):
    def _print_Pow(self, e: Any, rational: bool = False) -> str:  # noqa: N802  sympy's name
        return f"({self._print(e.base)})^({self._print(e.exp)})"


def sbml(problem: Problem) -> str:
    """The system as SBML: states under rate rules, scheduled events on time."""
    s = problem.system
    names = {q.symbol: sympy.Symbol(f"y{i}") for i, q in enumerate(s.states)}
    names |= {q.symbol: sympy.Symbol(f"p{i}") for i, q in enumerate(s.parameters)}
    names[s.time] = sympy.Symbol("time")

    def text(e: Any) -> str:
        return str(_Antimony().doprint(sympy.sympify(e).xreplace(names)))

    lines = ["model system()"]
    lines += [f"  y{i}' = {text(e)}; y{i} = 0;" for i, e in enumerate(s.rhs)]
    lines += [f"  p{i} = 1;" for i in range(len(s.parameters))]
    for event in s.events:
        if event.at is not None:
            changes = (
                f"y{i} = {text(e)}" if how == "set" else f"y{i} = y{i} + {text(e)}"
                for i, how, e in event.changes
            )
            lines.append(f"  at (time >= p{event.at}): {', '.join(changes)};")
    if antimony.loadAntimonyString("\n".join([*lines, "end"])) < 0:
        raise ValueError(antimony.getLastError())
    return str(antimony.getSBMLString())
