"""A recipient at the values of the evidence, whom nothing has happened to: tests say what does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from thymos.engine import Program, Solution
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import fill, nominal

Floats = NDArray[np.float64]
Values = Mapping[str, ArrayLike]

# A donor graft without mature cells, no drug, no host thymopoiesis, no product, hazards of 1 in total.
TRANSPLANTED: Mapping[str, float] = {
    "age": 8.0,
    "weight": 25.0,
    "healthy": 0.0,
    "chimerism": 1.0,
    "engraftment_day": 15.0,
    "host_progenitors": 0.0,
    "host_block": 0.0,
    "atg_level": 0.0,
    "alemtuzumab_level": 0.0,
    "cyclophosphamide_start": np.inf,
    "cyclophosphamide_end": np.inf,
    "dose": 0.0,
    "infusion_day": np.inf,
    "second_dose": 0.0,
    "second_infusion_day": np.inf,
    "irradiated": 0.0,
    "calcineurin_inhibitor": 0.0,
    "conditioning_injury": 0.0,
    "graft_t_cells": 0.0,
    "residual_t_cells": 0.0,
    "cmv": 0.0,
    "initial_nk": 0.0,
    "rituximab_doses": 0.0,
    "reference_cd4": 50.0,
    "reference_cd4_slope": 1.0,
    "reference_nk": 217.0,
    "reference_cd4_allo": 10.0,
    "gvhd_baseline": 0.0,
    "gvhd_threshold": np.inf,
    "gvhd_severity": 0.0,
    "relapse_baseline": 1.0,
    "infection_baseline": 1.0,
    "mortality_baseline": 1.0,
}


@dataclass(frozen=True)
class Course:
    """What became of the patients of one solve."""

    program: Program
    solution: Solution

    def __getitem__(self, output: str) -> Floats:
        """One output: (patient, time)."""
        return self.solution.outputs[:, :, self.program.output_index(output)]

    def final(self, state: str) -> Floats:
        """One state at the last time: (patient,)."""
        return self.solution.final[:, self.program.state_index(state)]

    def pools(self, beginning: str) -> Floats:
        """Sum of all states whose names begin so, at the last time: (patient,)."""
        columns = [i for i, q in enumerate(self.program.states) if q.name.startswith(beginning)]
        return self.solution.final[:, columns].sum(axis=1)


@dataclass(frozen=True)
class Recipient:
    """The compiled recipient."""

    program: Program

    def solve(self, days: ArrayLike, values: Values | None = None, rtol: float = 1e-8) -> Course:
        """Patients who differ from the typical one by `values`, one patient for each element."""
        given = {**TRANSPLANTED, **(values or {})}
        n = max(np.size(v) for v in given.values())
        columns = {k: np.broadcast_to(np.asarray(v, dtype=np.float64), n) for k, v in given.items()}
        table = fill(self.program, n, nominal(recipient_models(), n), columns)
        solution = self.program.solve(table, days, rtol=rtol, atol=1e-10, max_steps=20_000)
        assert not solution.failed.size, solution.failures()
        return Course(self.program, solution)


@pytest.fixture(scope="session")
def recipient() -> Recipient:
    return Recipient(recipient_program())


@pytest.fixture(scope="session")
def typical() -> dict[str, float]:
    """The values of the evidence by full name."""
    return {name: float(v[0]) for name, v in nominal(recipient_models(), 1).items()}
