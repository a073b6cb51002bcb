"""What a campaign is for: the dose, for whom, how many patients, and how sure one wants to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.therapy.culture import culture_program

if TYPE_CHECKING:
    from thymos.therapy.campaign import Campaign
    from thymos.therapy.culture_protocol import CultureProtocol

Floats = NDArray[np.float64]
MOST = {"dose": 1e12, "weight": 1e3}
"""Cells per kg and kg: no process or patient comes near."""
MOST_PATIENTS = 1000  # the lots of more are counted as fast by hand: chance averages out


@dataclass(frozen=True)
class Product:
    """The cells a lot is made for, by their readouts.

    cells, percent, per_cd34 : number in the vessel, share of live cells, number for one CD34+ cell seeded
    dose : cells for one kg of the patient where nothing else is said [cell/kg]
    """

    name: str
    cells: str
    percent: str
    per_cd34: str
    text: str
    dose: float


# The highest dose of progenitors given (C003); what an immunoselected NK product holds for 70 kg (`koehl2013`).
T_PROGENITORS = Product("t", "cd7_cells", "cd7_percent", "cd7_per_cd34", "CD7+CD3- cells", 0.5e6)
NK_CELLS = Product("nk", "nk_cells", "nk_percent", "nk_per_cd34", "CD56+CD3- cells", 1e7)


def product_of(protocol: CultureProtocol) -> Product:
    """What a protocol makes: NK cells where it has a stage for them, else T progenitors."""
    return NK_CELLS if protocol.nk_day < protocol.days else T_PROGENITORS


OF_THE_DOSE = {
    "dose_per_kg": "cells of the product in the bag for one kg of the patient",
    "cd3_per_kg": "CD3+ cells that come with the dose",
}
IN_THE_BAG = {
    "cd7_cells": "viable CD7+CD3- cells in the bag",
    "nk_cells": "viable CD56+CD3- cells in the bag",
    "cd3_cells": "viable CD3+ cells in the bag",
}


@dataclass(frozen=True)
class Plan:
    """A trial to be supplied.

    dose      : cells of the product wanted [cell/kg]
    weight    : body weight of each patient [kg]
    patients  : patients who shall all get their dose
    assurance : how sure that shall be, 0 to 1
    """

    dose: float = 0.5e6
    weight: float = 8.0
    patients: int = 12
    assurance: float = 0.9

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            value = getattr(self, name)
            if not 0 < value <= most:
                raise StudyError(f"campaign.{name}", f"a number above 0, at most {most:g}", f"{value:g}")
        if not 1 <= self.patients <= MOST_PATIENTS:
            raise StudyError("campaign.patients", f"1 to {MOST_PATIENTS}", f"{self.patients}")
        if not 0 < self.assurance < 1:
            raise StudyError("campaign.assurance", "a share above 0 and below 1", f"{self.assurance:g}")

    @property
    def cells(self) -> float:
        """Cells of one dose [cell]."""
        return self.dose * self.weight


def columns_of(source: str, vector: bool = False) -> dict[str, tuple[str, str]]:
    """Unit and meaning of every attribute of a lot, by name: limits may be set on each."""
    seen = {q.name: (q.unit, q.text) for q in culture_program(source, vector).outputs}
    bag = {name: ("cell", text) for name, text in IN_THE_BAG.items()}
    return seen | bag | {name: ("cell/kg", text) for name, text in OF_THE_DOSE.items()}


def units_of(source: str, vector: bool = False) -> dict[str, str]:
    """Unit of every attribute of a lot, by name."""
    return {name: unit for name, (unit, _) in columns_of(source, vector).items()}


def attributes_of(campaign: Campaign, plan: Plan) -> dict[str, Floats]:
    """Every attribute of `columns_of` (lot,); nan for a lot that failed, and for CD3+ of a dose without cells."""
    lots = campaign.lots
    seen, kept = lots.harvest, lots.sample["harvest.recovery"]
    bag = {name: seen[name] * kept for name in IN_THE_BAG}
    cells = bag[product_of(lots.protocol).cells]
    with np.errstate(divide="ignore", invalid="ignore"):
        cd3 = np.where(cells > 0, plan.dose * bag["cd3_cells"] / cells, np.nan)
    return seen | bag | {"dose_per_kg": cells / plan.weight, "cd3_per_kg": cd3}
