"""A toy system of any number of states: cells pass from one compartment to the next, and each holds back the first."""

from __future__ import annotations

from typing import Any

import numpy as np
from printed import Floats

from thymos.lang import Model, Output, Transition, parameter, state


def chain(states: int) -> type[Model]:
    """The model of a chain of so many compartments."""
    labels = tuple(str(i) for i in range(states))

    class Chain(Model):
        """Saturating steps between rates of one per hour and one per month, with feedback of the last on the first."""

        cells = state("cell", "cells by compartment", over=(labels,))
        inflow = parameter("cell/day", "inflow of the first")
        rate = parameter("1/day", "rate of the first step; each later one is a little slower")
        half = parameter("cell", "cells at which a step runs at half its rate")

        def starts(self, x: Any, p: Any, env: Any) -> Any:
            # From zero the far end would hold numbers too small for a processor's fast path, which no model here does.
            for label in labels:
                yield x.cells[label], p.half

        def transitions(self, x: Any, p: Any, env: Any) -> Any:
            yield Transition("inflow", p.inflow * p.half / (p.half + x.cells[labels[-1]]), {x.cells["0"]: +1})
            for i, label in enumerate(labels):
                slower = 10.0 ** (-2.5 * i / states)
                change = {x.cells[label]: -1}
                if i + 1 < states:
                    change[x.cells[labels[i + 1]]] = +1
                flow = slower * p.rate * x.cells[label] * p.half / (p.half + x.cells[label])
                yield Transition(f"step {i}", flow, change)

        def gives(self, x: Any, p: Any, env: Any) -> Any:
            yield Output("last", "cell", x.cells[labels[-1]], "cells in the last compartment", observe=True)

    return Chain


def patients(n: int) -> Floats:
    """Parameters (parameter, patient) in the order of the declarations."""
    rng = np.random.default_rng(3)
    middle = np.array([[10.0], [24.0], [100.0]])
    return np.asarray(middle * np.exp(0.3 * rng.standard_normal((3, n))))
