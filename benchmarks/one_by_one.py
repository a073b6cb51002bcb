"""What most libraries ask of their user: one patient after another, and a new start after each event."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from printed import Floats
from problem import Problem


class OneByOne(ABC):
    """An engine that integrates one patient over one piece of time between events."""

    problem: Problem

    @abstractmethod
    def piece(self, a: float, y: Floats, p: Floats, times: Floats) -> Floats:
        """States (time, state) at rising times at or after a, from the state y at a; p are the parameters."""

    def run(self, n: int) -> Floats:
        """Outputs (patient, time, output) of the first n patients."""
        return np.array([self._one(np.ascontiguousarray(self.problem.parameters[:, i])) for i in range(n)])

    def _one(self, p: Floats) -> Floats:
        m = self.problem
        y = m.starts(0.0, np.zeros(len(m.system.states)), p)
        states = np.empty((m.times.size, y.size))
        for a, b, inside, events in m.pieces(p):
            found = self.piece(a, y, p, np.unique(np.append(m.times[inside], b)))
            states[inside] = found[: inside.sum()]
            y = found[-1].copy()
            for event in events:
                m.jump(event, b, y, p)
        return m.observed(states, p)
