"""What an answer costs: time over patients, over states, and over the error that is asked for.

One core, timed by the processor's clock, which stands while other programs have the core.

    python benchmarks/cost_curve.py --json cost.json --picture docs/_static/engine-cost.svg
    python benchmarks/cost_curve.py --redraw cost.json --picture docs/_static/engine-cost.svg
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from accuracy import errors
from chain import chain, patients
from cohort import COHORTS
from cost_figure import draw
from problem import ATOL, RTOL, Problem
from processors import machine, one_processor
from turns import REFERENCE, say

BLOCK = 2048  # patients solved before their results are let go
SIZES = (4, 8, 16, 32, 64, 128, 200)
TOLERANCES = tuple(10.0**-k for k in (4, 5, 6, 7, 8, 9))
CHECKED = 256
ROUNDS = 3


def seconds(program: Any, table: Any, times: Any, n: int, rtol: float = RTOL) -> float:
    """Of the processor, for n patients: the given ones again and again, a block at a time."""
    begun = time.process_time()
    for first in range(0, n, BLOCK):
        which = np.arange(first, min(first + BLOCK, n)) % table.shape[1]
        program.solve(table[:, which], times, rtol=rtol, atol=rtol * ATOL / RTOL)
    return time.process_time() - begun


def over_patients(problem: Problem, largest: int) -> list[dict[str, float]]:
    """From 100 to the largest number, in powers of ten."""
    found = []
    for n in (10**k for k in range(2, round(np.log10(largest)) + 1)):
        tries = ROUNDS if n < 10**5 else 1
        took = median(seconds(problem.program, problem.parameters, problem.times, n) for _ in range(tries))
        found.append({"patients": n, "seconds": took})
        say(f"  {problem.name}, {n:,} patients: {took:.3g} s")
    return found


def over_tolerances(problem: Problem) -> list[dict[str, float]]:
    """Time for one patient, and how far off the answer is."""
    table, times = problem.parameters, problem.times

    def outputs(rtol: float) -> Any:
        return problem.program.solve(table[:, :CHECKED], times, rtol=rtol, atol=rtol * ATOL / RTOL).outputs

    exact = outputs(REFERENCE)
    found = []
    for rtol in TOLERANCES:
        off = errors(outputs(rtol), exact)
        took = median(seconds(problem.program, table, times, BLOCK, rtol) for _ in range(ROUNDS)) / BLOCK
        found.append(
            {
                "rtol": rtol,
                "seconds": took,
                "error_median": float(np.median(off)),
                "error_max": float(off.max()),
            }
        )
        say(f"  {problem.name}, rtol {rtol:g}: {1e6 * took:.0f} us a patient, error {np.median(off):.1e}")
    return found


def over_states(problems: list[Problem]) -> list[dict[str, Any]]:
    """Time for one step of one patient: chains of many lengths, and the shipped systems."""
    found = []
    for size in SIZES:
        from thymos.engine import compile

        program = compile((chain(size)(),), name=f"chain of {size}")
        found.append({"system": "chain", "states": size} | _one(program, patients(BLOCK), np.array([30.0])))
        say(f"  chain of {size}: {1e6 * found[-1]['seconds_per_step']:.2f} us a step")
    for p in problems:
        row = _one(p.program, p.parameters[:, :BLOCK], p.times)
        found.append({"system": p.name, "states": len(p.program.states)} | row)
    return found


def _one(program: Any, table: Any, times: Any) -> dict[str, float]:
    steps = float(program.solve(table, times).steps.mean())
    took = median(seconds(program, table, times, BLOCK) for _ in range(ROUNDS)) / BLOCK
    return {"seconds": took, "steps": steps, "seconds_per_step": took / steps}


def main() -> None:
    """Measure, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--largest", type=int, default=10**6, help="number of patients")
    parser.add_argument("--quick", action="store_true", help="at most 10,000 patients")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--picture", type=Path, help="draw them into this file")
    parser.add_argument("--redraw", type=Path, metavar="JSON", help="draw figures measured before")
    options = parser.parse_args()
    if options.redraw:
        said = json.loads(options.redraw.read_text())
    else:
        one_processor()
        problems = [make(BLOCK) for make in COHORTS.values()]
        largest = 10**4 if options.quick else options.largest
        said = {
            "machine": machine(),
            "states": over_states(problems),
            "tolerances": {p.name: over_tolerances(p) for p in problems},
            "patients": {p.name: over_patients(p, largest) for p in problems},
        }
    if options.json:
        options.json.write_text(json.dumps(said, indent=2) + "\n")
    if options.picture:
        draw(said, options.picture)


if __name__ == "__main__":
    main()
