"""A recipient at the start values of the design, to whom nothing has happened: tests say what does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from thymos.engine import Program, Solution, compile
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import fill, nominal

Floats = NDArray[np.float64]
Values = Mapping[str, ArrayLike]

# The start values of the design. Reference answers were worked out at these; rows of evidence may move on.
START_VALUES: Mapping[str, float] = {
    "thymic_capacity.output_slow": 3e8,
    "thymic_capacity.cells_per_seeding": 1e5,
    "thymic_capacity.healthy_occupancy": 0.94,
    "thymic_capacity.etp_residence": 10.0,
    "thymic_capacity.human_clock": 1.3,
    "thymus.cd4_share": 0.67,
    "thymus.yield_without_stroma": 0.5,
    "thymus.infused_niche_time": 1.0,
    "thymus.missed_divisions": 0.0,
    "homing.homing_fraction": 1e-3,
    "homing.competent": 1.0,
    "homing.clearance": 1.0,
    "marrow.lag": 45.0,
    "stroma.repair": np.log(2) / 120,
    "stroma.gvhd_injury": 0.03,
    "stroma.steroid_injury": 0.01,
    "turnover.memory_cd4_loss": 4.7e-3,
    "turnover.memory_cd8_loss": 2.7e-3,
    "turnover.from_naive": 0.1,
    "periphery.naive_drive": 31.0,
    "periphery.conversion_burst": 1.0,
    "periphery.memory_cd4_drive": 5.0,
    "periphery.memory_cd8_drive": 10.0,
    "natural_killer.production": 15.0,
    "natural_killer.loss": 0.069,
    "b_cells.turnover": 0.019,
    "b_cells.adult": 330.0,
    "b_cells.delay": 60.0,
    "trec.per_emigrant": 0.125,
    "immune_state.shrink": 1.0,
}

SEEN = (
    "atg", "stroma", "occupancy", "thymic_export", "infused_export", "infused_seeding", "engraftment",
    "seeding_progenitors[H]", "seeding_progenitors[R]", "capacity", "niches", "naive_loss[CD4]",
    "naive_division[CD4]", "cd3", "cd4", "cd8", "cd4_naive", "cd4_allo", "infused_t", "trec", "nk", "cd19", "gvhd",
    "gvhd_hazard", "relapse_hazard", "infection_hazard", "mortality_hazard",
)  # fmt: skip

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
    "graft_naive_share": 0.3,
    "graft_cd4_share": 0.6,
    "graft_burst": 1.0,
    "steroid_start": np.inf,
    "steroid_end": np.inf,
    "residual_t_cells": 0.0,
    "cmv": 0.0,
    "initial_nk": 0.0,
    "rituximab_doses": 0.0,
    "reference_cd4": 50.0,
    "reference_cd4_slope": 1.0,
    "reference_nk": 217.0,
    "reference_cd4_allo": 10.0,
    "reference_naive": 20.0,
    "reference_naive_slope": 1.2,
    "gvhd_baseline": 0.0,
    "gvhd_threshold": np.inf,
    "gvhd_severity": 0.0,
    "relapse_baseline": 1.0,
    "infection_baseline": 1.0,
    "mortality_baseline": 1.0,
}


@dataclass(frozen=True, repr=False)  # a failing test would print the kernel
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
        return np.asarray(self.solution.final[:, columns].sum(axis=1))


@dataclass(frozen=True, repr=False)
class Recipient:
    """The compiled recipient."""

    program: Program

    def solve(self, days: ArrayLike, values: Values | None = None, rtol: float = 1e-8) -> Course:
        """Patients who differ from the typical one by `values`, one patient for each element."""
        given = {**START_VALUES, **TRANSPLANTED, **(values or {})}
        n = max(np.size(v) for v in given.values())
        columns = {k: np.broadcast_to(np.asarray(v, dtype=np.float64), n) for k, v in given.items()}
        table = fill(self.program, n, nominal(recipient_models(), n), columns)
        solution = self.program.solve(table, days, rtol=rtol, atol=1e-10, max_steps=20_000)
        assert not solution.failed.size, solution.failures()
        return Course(self.program, solution)


@pytest.fixture(scope="session")
def recipient() -> Recipient:
    return Recipient(compile(recipient_models(), name="recipient, seen inside", outputs=SEEN))
