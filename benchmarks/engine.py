"""Side by side: thymos and its peers on thymos' own recipient, in one process, in turns.

Every engine solves the same system for the same patients, at the same tolerances, and gives the same outputs at
the same times. Speed is the median over rounds; error is measured against thymos at rtol 1e-11, which is itself
checked against SciPy's Radau at 1e-10.

    python benchmarks/engine.py --patients 1000 --rounds 5 --json benchmarks/engine.json
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np
from problem import ATOL, RTOL, Floats, Problem, bench_problem

PEERS = (
    ("road_runner", "RoadRunner"),
    ("diffsol_bdf", "DiffsolBdf"),
    ("scipy_lsoda", "ScipyLsoda"),
)


class Engine(Protocol):
    """Something that solves the first n patients of a problem; `share` is how many of all it is given."""

    name: str
    share: float

    def run(self, n: int) -> Floats:
        """Outputs (patient, time, output)."""


class Thymos:
    """Our own lanes."""

    share = 1.0

    def __init__(self, problem: Problem, workers: int = 1, rtol: float = RTOL) -> None:
        self.problem, self.workers, self.rtol, self.atol = problem, workers, rtol, rtol * ATOL / RTOL
        self.name = f"thymos, {workers} thread{'s' if workers > 1 else ''}"
        if rtol != RTOL:
            self.name += f", rtol {rtol:g}"
        self.run(8)

    def run(self, n: int) -> Floats:
        """Outputs of the first n patients."""
        p = self.problem
        control = {"rtol": self.rtol, "atol": self.atol, "workers": self.workers}
        s = p.program.solve(p.parameters[:, :n], p.times, **control)
        if s.failed.size:
            print(s.failures())
        return np.asarray(s.outputs)


def peers(problem: Problem) -> tuple[list[Engine], dict[str, str]]:
    """Every peer that is installed, and why the others are missing."""
    found: list[Engine] = []
    missing = {}
    for module, name in PEERS:
        begun = time.perf_counter()
        try:
            found.append(getattr(importlib.import_module(module), name)(problem))
        except ImportError as problem_:
            missing[name] = str(problem_)
            continue
        problem.compile_seconds[found[-1].name] = time.perf_counter() - begun
    return found, missing


def errors(got: Floats, exact: Floats) -> Floats:
    """Per patient the largest |y - exact| / (|exact| + 0.01) over outputs and times."""
    return np.asarray(np.max(np.abs(got - exact) / (np.abs(exact) + 0.01), axis=(1, 2)))


def measure(problem: Problem, engines: list[Engine], exact: Floats, rounds: int) -> list[dict[str, Any]]:
    """Rounds in turns, so that a slow minute of the machine hits everyone."""
    speed: dict[str, list[float]] = {e.name: [] for e in engines}
    error: dict[str, Floats] = {}
    for _ in range(rounds):
        for engine in engines:
            n = max(8, round(problem.size * engine.share))
            begun = time.perf_counter()
            got = engine.run(n)
            speed[engine.name].append(n / (time.perf_counter() - begun))
            error[engine.name] = errors(got, exact[:n])
    ours = speed[engines[0].name]
    return [
        {
            "engine": e.name,
            "patients_per_second": median(speed[e.name]),
            "slowest": min(speed[e.name]),
            "fastest": max(speed[e.name]),
            "ours_over_this": median(a / b for a, b in zip(ours, speed[e.name], strict=True)),
            "error_median": float(np.median(error[e.name])),
            "error_max": float(error[e.name].max()),
            "patients": max(8, round(problem.size * e.share)),
            "ready_seconds": problem.compile_seconds.get(e.name),
        }
        for e in engines
    ]


def check(problem: Problem, exact: Floats, patients: int = 2) -> float:
    """Largest difference of the reference from SciPy's Radau at rtol 1e-10."""
    from scipy_lsoda import ScipyLsoda

    radau = ScipyLsoda(problem, 1e-10, 1e-12, "Radau")
    return float(errors(radau.run(patients), exact[:patients]).max())


def show(rows: list[dict[str, Any]], head: str) -> None:
    """A table on the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=head)
    for title in ("engine", "patients/s", "thymos is faster by", "error, median", "error, max", "ready in"):
        table.add_column(title, justify="left" if title == "engine" else "right")
    for row in rows:
        ready = row["ready_seconds"]
        table.add_row(
            row["engine"],
            f"{row['patients_per_second']:,.0f} ({row['slowest']:,.0f}-{row['fastest']:,.0f})",
            f"{row['ours_over_this']:.3g}x",
            f"{row['error_median']:.1e}",
            f"{row['error_max']:.1e}",
            "" if ready is None else f"{ready:.1f} s",
        )
    Console().print(table)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    problem = bench_problem(options.patients)
    begun = time.perf_counter()
    # The third is about as far off as the peers are at the common tolerance.
    ours: list[Engine] = [Thymos(problem), Thymos(problem, workers=2), Thymos(problem, rtol=2e-5)]
    problem.compile_seconds[ours[0].name] = time.perf_counter() - begun
    others, missing = peers(problem)
    exact = Thymos(problem, 2, 1e-11).run(problem.size)
    rows = measure(problem, [*ours, *others], exact, options.rounds)
    s = problem.system
    head = (
        f"{len(s.states)} states, {len(s.parameters)} parameters, {len(s.outputs)} outputs at {problem.times.size} "
        f"times over {problem.times[-1]:g} days; rtol {RTOL:g}, atol {ATOL:g}; {os.cpu_count()} CPUs"
    )
    show(rows, head)
    difference = check(problem, exact)
    print(f"The reference differs from SciPy's Radau at rtol 1e-10 by at most {difference:.1e}.")
    for name, why in missing.items():
        print(f"{name} is not installed ({why}).")
    if options.json:
        machine = {"processor": platform.processor() or platform.machine(), "cpus": os.cpu_count()}
        said = {"problem": head, "machine": machine, "python": sys.version.split()[0], "rows": rows}
        options.json.write_text(json.dumps(said | {"reference_check": difference}, indent=2) + "\n")


if __name__ == "__main__":
    main()
