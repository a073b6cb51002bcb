"""What solving a program for many patients gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.engine.status import Status


@dataclass(frozen=True)
class Solution:
    """Results by patient; nobody is dropped: a failed patient has NaN rows and a status.

    outputs : (patient, time, output), after the events of that moment
    final   : (patient, state) at the last time, after its events
    fired   : (patient, event) first time of each event [day]; NaN where it did not happen
    status  : (patient,) codes of `Status`
    steps   : (patient,) steps tried
    """

    times: NDArray[np.float64]
    outputs: NDArray[np.float64]
    final: NDArray[np.float64]
    fired: NDArray[np.float64]
    status: NDArray[np.int8]
    steps: NDArray[np.int64]

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
