"""What solving a program for many patients gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.engine.status import Status


@dataclass(frozen=True)
class Solution:
    """Results by patient; nobody is dropped: a failed patient has NaN rows and a status.

    outputs    : (patient, time, output), after the events of that moment
    final      : (patient, state) at the last time, after its events
    fired      : (patient, event) first time of each event [day]; NaN where it did not happen
    status     : (patient,) codes of `Status`
    steps      : (patient,) steps tried
    undershoot : (patient,) how far any state was below 0 after a step, in units of atol + rtol |y|; a fall of more
                 than 1 makes the step be tried again, shorter, up to ten times a patient
    way        : (patient,) codes of `Way`: whether the solver had to go back and solve the patient with more care
    """

    times: NDArray[np.float64]
    outputs: NDArray[np.float64]
    final: NDArray[np.float64]
    fired: NDArray[np.float64]
    status: NDArray[np.int8]
    steps: NDArray[np.int64]
    undershoot: NDArray[np.float64]
    way: NDArray[np.int8]

    @staticmethod
    def empty(patients: int, times: NDArray[np.float64], outputs: int, states: int, events: int) -> Solution:
        """Room for the results of so many patients."""
        return Solution(
            times,
            np.empty((patients, times.size, outputs)),
            np.empty((patients, states)),
            np.empty((patients, events)),
            np.zeros(patients, np.int8),
            np.zeros(patients, np.int64),
            np.zeros(patients),
            np.zeros(patients, np.int8),
        )

    def part(self, which: slice) -> Solution:
        """Views of the rows of consecutive patients."""
        return Solution(self.times, *(array[which] for array in self.arrays))

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Everything that has a row for each patient."""
        rest = (self.status, self.steps, self.undershoot, self.way)
        return self.outputs, self.final, self.fired, *rest

    def put(self, which: Any, rows: Solution) -> None:
        """Write the rows of another solution over those of the patients `which`, numbers or a mask."""
        for target, source in zip(self.arrays, rows.arrays, strict=True):
            target[which] = source

    @property
    def failed(self) -> NDArray[np.int64]:
        """Numbers of the patients that failed."""
        return np.flatnonzero(self.status)

    def failures(self, shown: int = 3) -> str:
        """How many patients failed, and why the first few did; empty when none did."""
        failed = self.failed
        if not failed.size:
            return ""
        lines = [f"{failed.size} of {self.status.size} patients failed."]
        lines += [f"  patient {i}: {Status(int(self.status[i])).sentence}" for i in failed[:shown]]
        return "\n".join(lines)
