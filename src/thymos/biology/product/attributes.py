"""Quality attributes of a lot: what the culture left in the vessel, and what of it reaches the bag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

PerLot = Annotated[NDArray[np.float64], "lot"]


@dataclass(frozen=True)
class LotAttributes:
    """True attributes of lots, one entry for each; what an instrument reports of them is `assay`'s.

    fold          : live cells at harvest for one CD34+ cell seeded
    cd7_percent   : CD7+CD3- share of live cells [percent]
    cd7_per_cd34  : CD7+CD3- cells at harvest for one CD34+ cell seeded
    viability     : live share of all cells [percent]
    cd7_cells     : viable CD7+CD3- cells in the bag [cell]
    cd3_per_cd7   : CD3+ cells for one CD7+CD3- cell
    locked_share  : share of CD7+CD3- cells that can no longer become NK cells
    competence    : thymus seeding of a mean CD7+ cell, in units of a CD5- one
    """

    fold: PerLot
    cd7_percent: PerLot
    cd7_per_cd34: PerLot
    viability: PerLot
    cd7_cells: PerLot
    cd3_per_cd7: PerLot
    locked_share: PerLot
    competence: PerLot


def competence(cd5_share: PerLot, cd5_advantage: PerLot) -> PerLot:
    """Thymus seeding of a mean CD7+ cell in units of a CD5- one; a CD5+ cell seeds as `cd5_advantage` of them."""
    return 1 + (cd5_advantage - 1) * cd5_share


def lot_attributes(readouts: Mapping[str, PerLot], recovery: PerLot, cd5_advantage: PerLot) -> LotAttributes:
    """Attributes from the culture's readouts at harvest.

    A lot without any CD7+ cell has no CD3+ per CD7+: it is nan there, and gives no dose.

    readouts      : `fold`, `cd7_percent`, `cd7_per_cd34`, `viability`, `cd7_cells`, `cd3_cells`,
                    `locked_percent`, `cd5_percent` as the culture gives them
    recovery      : share of cells left after harvest and concentration
    cd5_advantage : thymus reconstitution by a CD5+ cell over that by a CD5- cell
    """
    cells, percent = readouts["cd7_cells"], readouts["cd7_percent"]
    with np.errstate(divide="ignore", invalid="ignore"):
        cd3_per_cd7 = np.where(cells > 0, readouts["cd3_cells"] / cells, np.nan)
        locked = np.where(percent > 0, readouts["locked_percent"] / percent, np.nan)
    return LotAttributes(
        fold=readouts["fold"],
        cd7_percent=percent,
        cd7_per_cd34=readouts["cd7_per_cd34"],
        viability=readouts["viability"],
        cd7_cells=cells * recovery,
        cd3_per_cd7=cd3_per_cd7,
        locked_share=locked,
        competence=competence(readouts["cd5_percent"] / 100, cd5_advantage),
    )
