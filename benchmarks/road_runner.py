"""libRoadRunner (CVODE, its own LLVM compiler) on the file that `thymos export sbml` writes.

Its second compiler, LLJIT, is taken: the first, its default, took 144 s of processor time to load the recipient, LLJIT
13 s, and neither solves faster. It expands assignment rules wherever they are used: a file with everything written out
is as fast (`docs/how-to/export-sbml.md`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import roadrunner
from printed import Floats
from problem import ATOL, RTOL, Problem
from systems import SYSTEMS


class RoadRunner:
    """One patient after another; events inside the simulator."""

    name = "libRoadRunner, CVODE"

    def __init__(self, problem: Problem, rtol: float = RTOL, atol: float = ATOL) -> None:
        self.problem = problem
        roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.LLJIT)
        text = sbml(problem)
        self.runner = roadrunner.RoadRunner(text)
        settings = {"relative_tolerance": rtol, "absolute_tolerance": atol, "stiff": True}
        for key, value in {**settings, "maximum_num_steps": 100_000}.items():
            self.runner.integrator.setValue(key, value)
        known, s = identifiers(text), problem.system
        self.runner.timeCourseSelections = [known[o.name] for o in s.outputs]
        model = self.runner.model
        # Amounts and other states stand in two lists there, each in its own order.
        self.amounts = _columns(list(model.getFloatingSpeciesIds()), [known[q.name] for q in s.states])
        self.states = _columns(list(model.getGlobalParameterIds()), [known[q.name] for q in s.states])
        self.parameters = _columns(list(model.getGlobalParameterIds()), [known[q.name] for q in s.parameters])

    def run(self, n: int) -> Floats:
        """Outputs (patient, time, output) of the first n patients."""
        return np.array([self._one(np.ascontiguousarray(self.problem.parameters[:, i])) for i in range(n)])

    def _one(self, p: Floats) -> Floats:
        from thymos.io.sbml.quantities import NEVER

        m, model = self.problem, self.runner.model
        self.runner.reset()
        y = m.starts(0.0, np.zeros(len(m.system.states)), p)
        places, columns = self.parameters
        model.setGlobalParameterValues(places, np.where(np.isfinite(p), p, NEVER)[columns])
        places, columns = self.states
        model.setGlobalParameterValues(places, y[columns])
        places, columns = self.amounts
        model.setFloatingSpeciesAmounts(places, y[columns])
        return np.array(self.runner.simulate(times=[0.0, *m.times]))[1:]


def _columns(ids: list[str], wanted: list[str]) -> tuple[Any, Any]:
    """Places in a list of the simulator, and the numbers of ours that belong there."""
    found = [(ids.index(name), i) for i, name in enumerate(wanted) if name in ids]
    return np.array([a for a, _ in found], np.int32), np.array([b for _, b in found])


def sbml(problem: Problem) -> str:
    """The system as it is exported, with the numbers of the first patient."""
    from thymos.io.sbml import About, write_sbml
    from thymos.lang.trace import trace

    names = [q.name for q in problem.system.parameters]
    values = dict(zip(names, problem.parameters[:, 0].tolist(), strict=True))
    system = trace(SYSTEMS[problem.name].models(), problem.name, as_written=True)
    return write_sbml(system, values, About(f"The {problem.name}, to be solved side by side"))


def identifiers(text: str) -> dict[str, str]:
    """Identifiers in the document by the names that it keeps for thymos."""
    import libsbml

    document = libsbml.readSBMLFromString(text)  # in hand: the model lives no longer than it
    model = document.getModel()
    things = [e for e in (*model.getListOfParameters(), *model.getListOfSpecies()) if e.isSetAnnotation()]
    return {e.getAnnotation().getChild("quantity").getAttrValue("name"): e.getId() for e in things}
