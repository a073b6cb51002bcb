"""Slopes of a program's outputs in its parameters, from lanes that share their steps.

Next to each patient run copies with one parameter moved by a small step, in the same vector register, at the same
times, with the same steps, accepted or refused together. Their difference is that of one discretisation: smooth,
and exact to the accuracy of the solution. Bock 1981 calls it internal numerical differentiation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.engine.perturbation import Perturbation, step_lengths
from thymos.engine.program import BLOCK, Program, parameter_table
from thymos.engine.solution import Solution
from thymos.engine.status import Status
from thymos.lang.errors import SolveError

Floats = NDArray[np.float64]

# Steps relative to the size of a parameter, chosen by measurement: docs/explanation/sensitivities.md.
EPS, EPS_CENTRAL = 3e-7, 3e-5
# Lanes solved between two reductions to slopes, in blocks for each worker; it shapes memory alone.
BLOCKS_AT_ONCE = 4


@dataclass(frozen=True)
class Sensitivity:
    """Outputs and their slopes by patient; a failed patient has NaN rows and a status.

    outputs      : (patient, time, output), after the events of that moment
    slopes       : (patient, time, output, parameter) [unit of the output per unit of the parameter]; NaN where an
                   output lies between the moments at which its lanes met an event: there is no slope
    fired        : (patient, event) first time of each event [day]; NaN where it did not happen
    fired_slopes : (patient, event, parameter) slopes of those times
    status       : (patient,) codes of `Status`, the largest among its lanes
    steps        : (patient,) steps tried, summed over the lanes
    lanes        : integrations made for each patient: the cost in solves
    """

    times: Floats
    wrt: tuple[str, ...]
    outputs: Floats
    slopes: Floats
    fired: Floats
    fired_slopes: Floats
    status: NDArray[np.int8]
    steps: NDArray[np.int64]
    lanes: int


def sensitivities(
    program: Program,
    parameters: ArrayLike,
    times: ArrayLike,
    wrt: Sequence[str],
    rtol: float = 1e-7,
    atol: float = 1e-9,
    central: bool = False,
    eps: float | None = None,
    scale: Mapping[str, float] | None = None,
    workers: int = 1,
    max_steps: int = 100_000,
    block: int = BLOCK,
) -> Sensitivity:
    """Outputs of all patients, and their slopes in the parameters named in `wrt`.

    parameters, times, rtol, atol, workers, max_steps, block : as in `Program.solve`
    central : differences to both sides: twice the lanes, and an error in eps^2 rather than eps
    eps     : step relative to the size of a parameter
    scale   : size of a parameter where its own value is none, by name; else |value|, and 1 for the value 0

    The day of an event is moved to an earlier one; an event due before day 0 happens at day 0, so its slope is 0.
    Bits do not depend on neighbours, `workers` or `block`. Raises `SolveError` for an unknown name, a switch, or a
    day or level of an event that is not finite.
    """
    table = parameter_table(program.name, len(program.parameters), parameters)
    plan = _plan(program, wrt, central)
    _check_events(program, table, plan.columns)
    length = (EPS_CENTRAL if central else EPS) if eps is None else eps
    sizes = _sizes(program, wrt, scale or {}, length)
    # Whole groups in each block, even where the caller asks for less.
    cut = -(-block // plan.group) * plan.group
    at_once = max(1, BLOCKS_AT_ONCE * workers * cut // plan.rows)
    parts = []
    for first in range(0, max(table.shape[1], 1), at_once):
        patients = table[:, first : first + at_once]
        steps = step_lengths(patients[list(plan.columns)], length, sizes)
        lanes = plan.table(patients, steps)
        s = program.solve(lanes, times, rtol, atol, workers, max_steps, cut, plan.group)
        parts.append(_slopes(plan, s, steps))
    joined: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    outputs, slopes, fired, fired_slopes, status, tried = joined
    return Sensitivity(
        s.times, tuple(wrt), outputs, slopes, fired, fired_slopes, status, tried, lanes=plan.rows
    )


def _slopes(plan: Perturbation, s: Solution, steps: Floats) -> tuple[NDArray[Any], ...]:
    """The arrays of a `Sensitivity` from those of all lanes, in the order of its fields."""
    first = slice(None, None, plan.rows)
    slopes = plan.slopes(s.outputs, steps)
    unclear = plan.between(s.fired, s.times)
    np.copyto(slopes, np.nan, where=unclear[:, :, None, :])
    status = s.status.reshape(-1, plan.rows).max(axis=1)
    found = (s.outputs[first], slopes, s.fired[first], plan.slopes(s.fired, steps))
    for array in found:
        array[status != Status.ok] = np.nan
    return *found, status, s.steps.reshape(-1, plan.rows).sum(axis=1)


def _plan(program: Program, wrt: Sequence[str], central: bool) -> Perturbation:
    """Which lanes move which parameter; refuses what has no slope."""
    columns = [program.parameter_index(name) for name in wrt]
    where, kinds = f"{program.name}, sensitivities", [program.parameters[c].kind for c in columns]
    if not columns or len(set(columns)) < len(columns):
        raise SolveError(where, "one name or more, each once", ", ".join(wrt) or "none")
    if "switch" in kinds:
        name = wrt[kinds.index("switch")]
        raise SolveError(
            where, "parameters and covariates", f"the switch {name}", "solve once for each choice"
        )
    moments = {jump.at for jump in program.signature.jumps}
    plan = Perturbation.of(columns, [c in moments for c in columns], central, program.width)
    if plan is None:
        raise SolveError(
            where,
            f"a backend with {3 if central else 2} lanes or more that share their steps",
            f"{program.width}",
            'compile with backend="lanes"' + (", or central=False" if central else ""),
        )
    return plan


def _check_events(program: Program, table: Floats, columns: tuple[int, ...]) -> None:
    """Refuse slopes in a day that never comes and in a level that is never reached."""
    special = {c for jump in program.signature.jumps for c in (jump.at, jump.reaches)}
    for c in (column for column in columns if column in special):
        never = np.flatnonzero(~np.isfinite(table[c]))
        if never.size:
            raise SolveError(
                f"{program.name}, sensitivities in {program.parameters[c].name}",
                "a finite day or level of this event for every patient",
                f"{table[c, never[0]]:g} for patient {never[0]} ({never.size} in all)",
                "leave it out of wrt, or leave those patients to a call of their own",
            )


def _sizes(program: Program, wrt: Sequence[str], scale: Mapping[str, float], eps: float) -> Floats:
    """Typical size of each wanted parameter, NaN where its value says it."""
    where = f"{program.name}, sensitivities"
    unknown = [name for name in scale if name not in wrt]
    if unknown:
        raise SolveError(where, f"scales of {', '.join(wrt)}", unknown[0])
    bad = [name for name, size in scale.items() if not 0 < size < np.inf]
    if bad or not 0 < eps < 1:
        got = f"scale {scale[bad[0]]:g} of {bad[0]}" if bad else f"eps {eps:g}"
        raise SolveError(where, "finite scales above 0 and 0 < eps < 1", got)
    return np.array([scale.get(name, np.nan) for name in wrt])
