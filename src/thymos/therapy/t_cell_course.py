"""What the clones of a patient follow from: rates and cells of the recipient's own course."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.recipient.periphery import Periphery
from thymos.therapy.recipient import recipient_models, recipient_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from thymos.engine import Program, Solution

Floats = NDArray[np.float64]

SOURCES, LINEAGES = Periphery.SOURCES, Periphery.LINEAGES
EXPORTING = ("H", "I", "R")
BY_LINEAGE = (
    "naive_dividing",
    "naive_leaving",
    "memory_dividing",
    "memory_leaving",
    "converting",
    "activation",
)
BY_ORIGIN = {"export": EXPORTING, "naive_cells": SOURCES, "memory_cells": SOURCES}
ONE = ("per_cell_in_blood", "burst")


def names() -> tuple[str, ...]:
    """The recipient's quantities that a course is made of."""
    by_origin = (f"{name}[{s},{j}]" for name, origins in BY_ORIGIN.items() for s in origins for j in LINEAGES)
    return (*by_origin, *(f"{name}[{j}]" for name in BY_LINEAGE for j in LINEAGES), *ONE)


@cache
def clonal_program() -> Program:
    """The recipient as a trial solves it, with what clones follow from recorded as well."""
    from thymos.engine import compile

    seen = tuple(quantity.name for quantity in recipient_program().outputs)
    return compile(recipient_models(), name="recipient with clones", outputs=(*seen, *names()))


@dataclass(frozen=True)
class TCellCourse:
    """Cells and rates over time, all 0 in a patient that could not be solved.

    times     : output days (time,)
    by_origin : export [cell/day] of `EXPORTING`, naive_cells and memory_cells [cell] of `SOURCES`, each
                (patient, origin, lineage, time)
    rates     : per cell [1/day], by name of `BY_LINEAGE`, (patient, lineage, time)
    per_cell_in_blood : count in blood of one cell in the body [1/uL] (patient, time)
    bursts    : memory cells made of one naive cell that is activated, and that converts in lymphopenia, the last by
                origin of `SOURCES`: (patient,), (patient, origin)
    """

    times: Floats
    by_origin: dict[str, Floats]
    rates: dict[str, Floats]
    per_cell_in_blood: Floats
    bursts: tuple[Floats, Floats]

    @classmethod
    def of(cls, program: Program, solution: Solution, matrix: Floats) -> TCellCourse:
        """From a solution of `clonal_program` and the parameters (parameter, patient) that it was solved for."""

        def seen(name: str) -> Floats:
            recorded = solution.outputs[:, :, program.output_index(name)]
            # A patient that failed has no cell here, and what lies below 0 is the solver's error.
            return np.maximum(np.nan_to_num(recorded), 0.0)

        def given(name: str) -> Floats:
            return np.asarray(matrix[program.parameter_index(name)])

        by_origin = {
            name: np.stack(
                [np.stack([seen(f"{name}[{s},{j}]") for j in LINEAGES], axis=1) for s in origins], axis=1
            )
            for name, origins in BY_ORIGIN.items()
        }
        rates = {name: np.stack([seen(f"{name}[{j}]") for j in LINEAGES], axis=1) for name in BY_LINEAGE}
        graft = np.array([s == "G" for s in SOURCES])
        burst = given("periphery.conversion_burst")[:, None]
        bursts = (seen("burst")[:, 0], np.where(graft, burst * given("graft_burst")[:, None], burst))
        return cls(solution.times, by_origin, rates, seen("per_cell_in_blood"), bursts)

    def at(self, stride: int, days: Iterable[float]) -> TCellCourse:
        """Every `stride`-th output time and those nearest to some days, up to the last of these."""
        nearest = [int(np.argmin(np.abs(self.times - day))) for day in days]
        kept = np.unique([*range(0, max(nearest), stride), *nearest])
        return TCellCourse(
            self.times[kept],
            {name: x[..., kept] for name, x in self.by_origin.items()},
            {name: x[..., kept] for name, x in self.rates.items()},
            self.per_cell_in_blood[:, kept],
            self.bursts,
        )

    def take(self, which: slice) -> TCellCourse:
        """Some of the patients."""
        return TCellCourse(
            self.times,
            {name: x[which] for name, x in self.by_origin.items()},
            {name: x[which] for name, x in self.rates.items()},
            self.per_cell_in_blood[which],
            (self.bursts[0][which], self.bursts[1][which]),
        )
