"""thymos itself, and what arithmetic its processor is capable of at the same time."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

import numpy as np
from printed import Floats
from problem import ATOL, RTOL, Problem
from processors import all_processors, one_processor


class Thymos:
    """Our own lanes; `said` holds what is known of the last run.

    steps, failed : mean steps tried by a patient; patients that failed
    """

    name = "thymos"

    def __init__(self, problem: Problem) -> None:
        self.problem, self.program = problem, problem.program
        self.said: dict[str, Any] = {}

    @cached_property
    def peak(self) -> Any:
        """Loops of bare arithmetic."""
        from peak import Peak

        return Peak()

    def run(self, n: int, rtol: float = RTOL, workers: int = 1) -> Floats:
        """Outputs of the first n patients."""
        p = self.problem
        (one_processor if workers == 1 else all_processors)()
        control = {"rtol": rtol, "atol": rtol * ATOL / RTOL, "workers": workers}
        s = self.program.solve(p.parameters[:, :n], p.times, **control)
        self.said = {"steps": float(s.steps.mean()), "failed": int(s.failed.size)}
        return np.asarray(s.outputs)

    def measure(self, workers: int = 1, wall: bool = False) -> dict[str, float]:
        """Flops per second in fused multiply-adds by as many threads; for one thread also divisions per second.

        By the clock on the wall, or by the processor's, which stands while others have the processor: for one thread.
        """
        (one_processor if workers == 1 else all_processors)()
        if wall:
            return {"flops": self.peak.flops(workers)}
        clock = time.thread_time
        return {"flops": self.peak.flops(1, clock), "divisions": self.peak.divisions(clock)}
