"""What a campaign is for: the dose, for whom, how many patients, and how sure one wants to be."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.therapy.culture import culture_program

if TYPE_CHECKING:
    from thymos.therapy.campaign import Campaign

Floats = NDArray[np.float64]

UNITS = {
    "fold": "",
    "cd7_percent": "percent",
    "cd7_per_cd34": "",
    "viability": "percent",
    "cd7_cells": "cell",
    "cd3_per_cd7": "",
    "locked_share": "",
    "competence": "",
    "dose_per_kg": "cell/kg",
    "cd3_per_kg": "cell/kg",
}


@dataclass(frozen=True)
class Plan:
    """A trial to be supplied.

    dose      : CD7+CD3- cells wanted [cell/kg]
    weight    : body weight of each patient [kg]
    patients  : patients who shall all get their dose
    assurance : how sure that shall be, 0 to 1
    """

    dose: float = 0.5e6
    weight: float = 8.0
    patients: int = 12
    assurance: float = 0.9

    def __post_init__(self) -> None:
        for name in ("dose", "weight"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise StudyError(f"campaign.{name}", "a finite number above 0", f"{value:g}")
        if self.patients < 1:
            raise StudyError("campaign.patients", "at least 1", f"{self.patients}")
        if not 0 < self.assurance < 1:
            raise StudyError("campaign.assurance", "a share above 0 and below 1", f"{self.assurance:g}")

    @property
    def cells(self) -> float:
        """CD7+CD3- cells of one dose [cell]."""
        return self.dose * self.weight


def units_of(source: str) -> dict[str, str]:
    """Unit of every attribute that a limit may be set on, by name."""
    return {q.name: q.unit for q in culture_program(source).outputs} | UNITS


def attributes_of(campaign: Campaign, plan: Plan) -> dict[str, Floats]:
    """Every attribute of `units_of` (lot,); nan for a lot that failed."""
    made = campaign.attributes
    bag = {name: getattr(made, name) for name in UNITS if hasattr(made, name)}
    patient = {"dose_per_kg": made.cd7_cells / plan.weight, "cd3_per_kg": made.cd3_per_cd7 * plan.dose}
    return campaign.lots.harvest | bag | patient
