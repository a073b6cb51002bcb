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

    def measure(self, workers: int = 1) -> dict[str, float]:
        """Flops per second in fused multiply-adds by as many threads; for one also divisions per second.

        One thread is timed by its processor's clock, which stands while others have the processor.
        """
        (one_processor if workers == 1 else all_processors)()
        if workers > 1:
            return {"flops": self.peak.flops(workers)}
        return {
            "flops": self.peak.flops(1, time.thread_time),
            "divisions": self.peak.divisions(time.thread_time),
        }
