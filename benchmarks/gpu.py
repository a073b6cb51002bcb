"""The CUDA kernel on this machine's GPU beside the lanes on all threads of its processor, in turns.

Both solve the recipient of `benchmarks/engine.py` at rtol 1e-6. Speed is the median over rounds, results fetched
included; error is measured against the lanes at rtol 1e-11. Where there is no GPU nothing is measured, and it says so.

    pip install 'thymos[cuda]'
    python benchmarks/gpu.py --json benchmarks/gpu.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from accuracy import errors
from cohort import recipient
from problem import ATOL, RTOL, Problem

# Patients whose error is measured, and who are compared between the two.
CHECKED = 1000


@dataclass
class Contestant:
    """A program on its machine, given the first `patients` of the problem."""

    name: str
    program: Any
    patients: int
    workers: int

    def solve(self, problem: Problem, n: int) -> Any:
        """The solution of the first n patients."""
        table = problem.parameters[:, :n]
        return self.program.solve(table, problem.times, rtol=RTOL, atol=ATOL, workers=self.workers)

    def speed(self, problem: Problem) -> float:
        """Patients per second of one run."""
        begun = time.perf_counter()
        self.solve(problem, self.patients)
        return self.patients / (time.perf_counter() - begun)


def processor() -> str:
    """Its name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(x.partition(":")[2].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} CPUs"


def gpu(program: Any) -> dict[str, Any]:
    """Its name and what the kernel takes of it."""
    import cupy

    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    kernel = program.integrator.function
    return {
        "name": properties["name"].decode(),
        "driver": cupy.cuda.runtime.driverGetVersion(),
        "registers": kernel.num_regs,
        "local_bytes": kernel.local_size_bytes,
    }


def agreement(a: Any, b: Any) -> dict[str, Any]:
    """How far two solutions of the same patients are apart."""
    return {
        "largest_difference": float(np.max(errors(b.outputs, a.outputs))),
        "same_steps": float(np.mean(a.steps == b.steps)),
        "same_status": bool((a.status == b.status).all()),
    }


def measure(problem: Problem, contestants: list[Contestant], rounds: int) -> list[dict[str, Any]]:
    """Speeds in turns, and errors."""
    exact = contestants[-1].program.solve(
        problem.parameters[:, :CHECKED], problem.times, rtol=1e-11, atol=1e-13
    )
    speeds: dict[str, list[float]] = {c.name: [] for c in contestants}
    for _ in range(rounds):
        for c in contestants:
            speeds[c.name].append(c.speed(problem))
    rows = []
    for c in contestants:
        error = errors(c.solve(problem, CHECKED).outputs, exact.outputs)
        rows.append(
            {
                "on": c.name,
                "patients": c.patients,
                "patients_per_second": median(speeds[c.name]),
                "slowest": min(speeds[c.name]),
                "fastest": max(speeds[c.name]),
                "error_median": float(np.median(error)),
                "error_max": float(error.max()),
            }
        )
    return rows


def main() -> None:
    """Look for a GPU, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--patients", type=int, default=131_072, help="solved on the GPU in each round")
    parser.add_argument(
        "--cpu-patients", type=int, default=16_384, help="solved on the processor in each round"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()

    from thymos.engine import compile
    from thymos.lang.errors import SolveError
    from thymos.therapy.recipient import recipient_models

    begun = time.perf_counter()
    try:
        on_gpu = compile(recipient_models(), "recipient", backend="cuda")
    except SolveError as why:
        raise SystemExit(f"No GPU was found that can be measured; nothing was measured.\n{why}") from None
    ready = time.perf_counter() - begun
    problem = recipient(max(options.patients, options.cpu_patients, CHECKED))
    cpus = os.cpu_count() or 1
    contestants = [
        Contestant("GPU, 1 worker", on_gpu, options.patients, 1),
        Contestant("GPU, 2 workers", on_gpu, options.patients, 2),
        Contestant(f"processor, {cpus} threads", problem.program, options.cpu_patients, cpus),
    ]
    machine = {"gpu": gpu(on_gpu), "processor": processor(), "ready_seconds": ready}
    apart = agreement(contestants[-1].solve(problem, CHECKED), contestants[0].solve(problem, CHECKED))
    rows = measure(problem, contestants, options.rounds)
    print(json.dumps(machine, indent=2))
    for row in rows:
        print(
            f"{row['on']:24} {row['patients_per_second']:12,.0f} patients/s "
            f"({row['slowest']:,.0f}-{row['fastest']:,.0f}), "
            f"error median {row['error_median']:.1e}, max {row['error_max']:.1e}"
        )
    best = max(rows[:-1], key=lambda row: float(row["patients_per_second"]))
    ratio = best["patients_per_second"] / rows[-1]["patients_per_second"]
    print(f"The GPU is {ratio:.3g} times as fast as the processor.")
    print(
        f"{CHECKED} patients on both: largest |difference| / (|y| + 0.01) {apart['largest_difference']:.1e}, "
        f"{apart['same_steps']:.1%} with the same number of steps, "
        f"every status {'the same' if apart['same_status'] else 'NOT the same'}."
    )
    if options.json:
        said = {"machine": machine, "agreement": apart, "rows": rows, "ratio": ratio}
        options.json.write_text(json.dumps(said, indent=2) + "\n")


if __name__ == "__main__":
    main()
