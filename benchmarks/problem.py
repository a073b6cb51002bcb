"""The problem all engines solve: thymos' own recipient, a population of the shipped SCID study, two years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RTOL, ATOL = 1e-6, 1e-8


@dataclass
class Problem:
    """A program, the traced system behind it, and the patients to solve it for.

    parameters : (parameter, patient), rows in the order of the system
    times      : output times [day]; the first is after day 0
    """

    program: Any
    system: Any
    parameters: Floats
    times: Floats
    compile_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of patients."""
        return int(self.parameters.shape[1])

    @cached_property
    def rhs(self) -> Callable[..., Floats]:
        """dy/dt(t, y, p), compiled by numba."""
        return self._compiled("rhs", self.system.rhs)

    @cached_property
    def starts(self) -> Callable[..., Floats]:
        """y at day 0 from (t, y, p), compiled by numba."""
        return self._compiled("starts", self.system.starts)

    @cached_property
    def outputs(self) -> Callable[..., Floats]:
        """The recorded outputs of (t, y, p), compiled by numba."""
        return self._compiled("outputs", [o.expression for o in self.system.outputs])

    @cached_property
    def jacobian(self) -> Callable[..., Floats]:
        """df/dy(t, y, p) as a dense matrix, compiled by numba from exact derivatives."""
        states = [s.symbol for s in self.system.states]
        entries = {
            (i, states.index(s)): sympy.diff(e, s)
            for i, e in enumerate(self.system.rhs)
            for s in sorted(e.free_symbols & set(states), key=str)
        }
        return self._compiled("jacobian", list(entries.values()), list(entries), (len(states),) * 2)

    def _compiled(
        self, name: str, expressions: Any, places: Any = None, shape: tuple[int, ...] | None = None
    ) -> Callable[..., Floats]:
        import numba

        s = self.system
        names = {q.symbol: sympy.Symbol(f"y[{i}]") for i, q in enumerate(s.states)}
        names |= {q.symbol: sympy.Symbol(f"p[{i}]") for i, q in enumerate(s.parameters)}
        names[s.time] = sympy.Symbol("t")
        plain = [sympy.sympify(e).xreplace(names) for e in expressions]
        parts, results = sympy.cse(plain, symbols=sympy.numbered_symbols("v"), order="none")
        lines = [f"def {name}(t, y, p):", f"    out = np.zeros({shape or len(plain)})"]
        lines += [f"    {v} = {sympy.pycode(e, fully_qualified_modules=False)}" for v, e in parts]
        for place, e in zip(places or range(len(plain)), results, strict=True):
            at = ", ".join(map(str, place)) if isinstance(place, tuple) else place
            lines.append(f"    out[{at}] = {sympy.pycode(e, fully_qualified_modules=False)}")
        space: dict[str, Any] = {"np": np, "exp": np.exp, "log": np.log, "sqrt": np.sqrt}
        exec("\n".join([*lines, "    return out"]), space)  # noqa: S102  our own printed expressions
        return numba.njit(error_model="numpy")(space[name])  # type: ignore[no-any-return]

    @cached_property
    def jumps(self) -> list[Callable[..., Floats]]:
        """The values of each event's changes at (t, y, p)."""
        return [self._compiled("jump", [c[2] for c in e.changes]) for e in self.system.events]

    def moments(self, p: Floats) -> list[tuple[float, int]]:
        """(day, event) of one patient's scheduled events within the time simulated, in order."""
        found = [(float(p[e.at]), i) for i, e in enumerate(self.system.events) if e.at is not None]
        return sorted((day, i) for day, i in found if 0 < day < self.times[-1])

    def pieces(self, p: Floats) -> Iterator[tuple[float, float, NDArray[np.bool_], list[int]]]:
        """(from, to, which output times lie there, events at the end) between one patient's events."""
        days = sorted({day for day, _ in self.moments(p)})
        for a, b in zip([0.0, *days], [*days, float(self.times[-1])], strict=True):
            last = b == self.times[-1]
            inside = (self.times >= a) & ((self.times <= b) if last else (self.times < b))
            yield a, b, inside, [i for day, i in self.moments(p) if day == b]

    def jump(self, event: int, t: float, y: Floats, p: Floats) -> None:
        """Apply an event to y in place."""
        values = self.jumps[event](t, y, p)
        for (i, how, _), value in zip(self.system.events[event].changes, values, strict=True):
            y[i] = value if how == "set" else y[i] + value

    def observed(self, states: Floats, p: Floats) -> Floats:
        """Outputs (time, output) of one patient from its states (time, state)."""
        return np.array([self.outputs(t, y, p) for t, y in zip(self.times, states, strict=True)])


def bench_problem(patients: int, days: float = 730.0, points: int = 60) -> Problem:
    """The recipient of the SCID study with a dose of 1e6 cells/kg on days 4 to 15.

    The GvHD trigger is put out of reach: the peers have no common way to jump where a state crosses a level.
    """
    from thymos.io.study_file import read_study
    from thymos.lang.trace import trace
    from thymos.therapy.recipient import recipient_models, recipient_program
    from thymos.therapy.sampling import blocks_of, fill
    from thymos.trial.population import joined, population

    study = read_study(Path(str(files("thymos.trial") / "studies" / "scid-haplo.yaml")))
    people = joined([population(study, 7, block) for block in blocks_of(patients, min(patients, 50))])
    day = np.random.default_rng(1).uniform(4.0, 15.0, patients)
    dose = {"dose": 1e6 * people.covariates["weight"], "infusion_day": day, "gvhd_threshold": np.inf}
    program = recipient_program()
    table = fill(program, patients, people.parameters, people.covariates, dose)
    times = np.linspace(days / points, days, points)
    return Problem(program, trace(recipient_models(), program.name, None), table, times)
