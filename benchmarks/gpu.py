"""The CUDA kernel on this machine's GPU beside the lanes on all threads of its processor, in turns.

Both solve the problems of `benchmarks/engine.py` at rtol 1e-6. Speed is the median over rounds, results fetched
included, and that of the kernel alone is said too; error is measured against the lanes at rtol 1e-11. Where there is
no GPU nothing is measured, and it says so.

    pip install 'thymos[cuda]'
    python benchmarks/gpu.py --json benchmarks/gpu.json
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from accuracy import errors
from cohort import COHORTS
from problem import ATOL, RTOL, Problem
from processors import machine
from systems import SYSTEMS

# Patients whose error is measured, and who are compared between the two.
CHECKED = 1000
# Patients who are drawn; of more than these the rest are the same again.
DRAWN = 65_536


class KernelClock:
    """Times the launches of one device by the clock of the GPU."""

    def __init__(self, device: Any) -> None:
        self.inner, self.marks = device.launch, list[tuple[Any, Any]]()
        device.launch = self

    def __call__(self, *arguments: Any) -> None:
        """Launch between two marks."""
        from cupy.cuda import Event

        begin, end = Event(), Event()
        begin.record()
        self.inner(*arguments)
        end.record()
        self.marks.append((begin, end))

    def seconds(self) -> float:
        """Seconds of all launches since the last call."""
        from cupy.cuda import get_elapsed_time

        marks, self.marks = self.marks, []
        return sum(get_elapsed_time(*mark) for mark in marks) / 1e3


@dataclass
class Contestant:
    """A program on its machine; `most` patients are solved in a round."""

    name: str
    program: Any
    workers: int
    most: int
    clock: KernelClock | None = None
    speeds: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    def solve(self, problem: Problem, **options: Any) -> Any:
        """The solution of all patients of the problem."""
        options = {"rtol": RTOL, "atol": ATOL, "workers": self.workers} | options
        return self.program.solve(problem.parameters, problem.times, **options)

    def race(self, problem: Problem, room: Any) -> None:
        """One run, results into arrays that have been written to before."""
        n = min(problem.size, self.most)
        mine, into = first(problem, n), room.part(slice(n))
        begun = time.perf_counter()
        self.solve(mine, into=into)
        self.speeds.append(n / (time.perf_counter() - begun))
        if self.clock:
            self.alone.append(n / self.clock.seconds())


def first(problem: Problem, n: int) -> Problem:
    """The first n patients; beyond those there are, they are the same again."""
    repeats = -(-n // problem.size)
    return replace(problem, parameters=np.tile(problem.parameters, (1, repeats))[:, :n])


def gpu(programs: dict[str, Any]) -> dict[str, Any]:
    """Its name and what each kernel takes of it."""
    import cupy

    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    kernels = {name: program.integrator.function for name, program in programs.items()}
    return {
        "name": properties["name"].decode(),
        "cuda_of_driver": cupy.cuda.runtime.driverGetVersion(),
        "nvrtc": cupy.cuda.nvrtc.getVersion(),
        "kernels": {
            name: {"registers": k.num_regs, "local_bytes": k.local_size_bytes} for name, k in kernels.items()
        },
    }


def agreement(a: Any, b: Any) -> dict[str, Any]:
    """How far two solutions of the same patients are apart."""
    return {
        "largest_difference": float(np.max(errors(b.outputs, a.outputs))),
        "same_steps": float(np.mean(a.steps == b.steps)),
        "same_status": bool((a.status == b.status).all()),
    }


def compare(problem: Problem, contestants: list[Contestant]) -> dict[str, Any]:
    """Errors of the first patients, and how far the GPU is from the processor."""
    checked = first(problem, CHECKED)
    exact = contestants[-1].solve(checked, rtol=1e-11, atol=1e-13).outputs
    ours = [contestants[i].solve(checked) for i in (0, -1)]
    worst = {n: errors(s.outputs, exact) for n, s in zip(("gpu", "processor"), ours, strict=True)}
    said = {n: {"median": float(np.median(e)), "max": float(e.max())} for n, e in worst.items()}
    return {"error": said, "agreement": agreement(ours[1], ours[0])}


def speeds(
    problem: Problem, sizes: list[int], rounds: int, entered: list[Contestant]
) -> list[dict[str, Any]]:
    """Patients per second for each number of patients, in turns."""
    rows = []
    for n in sizes:
        many = first(problem, n)
        room = entered[0].program.room(n, problem.times)
        for array in room.arrays:
            array.fill(0)  # else the first to write would wait for the system to find the memory
        contestants = [replace(c, speeds=[], alone=[]) for c in entered]
        for _ in range(rounds):
            for c in contestants:
                if c.clock:
                    c.clock.seconds()
                c.race(many, room)
        for c in contestants:
            row = {"system": problem.name, "patients": n, "on": c.name, "solved": min(n, c.most)}
            row |= {"patients_per_second": median(c.speeds), "all": c.speeds}
            if c.alone:
                row["kernel_alone"] = median(c.alone)
            rows.append(row)
            show(row)
    return rows


def show(row: dict[str, Any]) -> None:
    """One line of the table."""
    alone = f", kernel alone {row['kernel_alone']:,.0f}" if "kernel_alone" in row else ""
    print(
        f"{row['system']:10} {row['patients']:10,} {row['on']:24} {row['patients_per_second']:10,.0f} patients/s "
        f"({min(row['all']):,.0f}-{max(row['all']):,.0f}){alone}",
        flush=True,
    )


def programs_on_gpu() -> dict[str, Any]:
    """Both systems, compiled for the GPU; says so and stops where there is none."""
    from thymos.engine import compile
    from thymos.lang.errors import SolveError

    try:
        return {n: compile(s.models(), f"{n} benchmark", backend="cuda") for n, s in SYSTEMS.items()}
    except SolveError as why:
        raise SystemExit(f"No GPU was found that can be measured; nothing was measured.\n{why}") from None


def main() -> None:
    """Look for a GPU, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--systems", nargs="+", choices=[*SYSTEMS], default=[*SYSTEMS])
    parser.add_argument("--patients", nargs="+", type=int, default=[1000, 10_000, 100_000])
    parser.add_argument("--cpu-patients", type=int, default=1_000_000, help="at most, on the processor")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()

    begun = time.perf_counter()
    on_gpu = programs_on_gpu()
    cpus = os.cpu_count() or 1
    said: dict[str, Any] = {"gpu": gpu(on_gpu), "machine": machine(), "rows": []}
    said["ready_seconds"] = time.perf_counter() - begun
    print(json.dumps(said, indent=2), flush=True)
    for name in options.systems:
        problem = COHORTS[name](min(DRAWN, max(CHECKED, *options.patients)))
        most, clock = max(options.patients), KernelClock(on_gpu[name].integrator.device)
        contestants = [
            Contestant("GPU, 1 worker", on_gpu[name], 1, most, clock),
            Contestant("GPU, 2 workers", on_gpu[name], 2, most),
            Contestant(f"processor, {cpus} threads", problem.program, cpus, options.cpu_patients),
        ]
        said[name] = compare(problem, contestants)
        print(name, json.dumps(said[name]), flush=True)
        said["rows"] += speeds(problem, options.patients, options.rounds, contestants)
    if options.json:
        options.json.write_text(json.dumps(said, indent=2) + "\n")


if __name__ == "__main__":
    main()
