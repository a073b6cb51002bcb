"""The dose: as many CD7+CD3- cells per kg as wanted, or as there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray

PerLot = Annotated[NDArray[np.float64], "lot"]


@dataclass(frozen=True)
class Dose:
    """What a patient gets of a lot.

    per_kg      : CD7+CD3- cells given [cell/kg]
    cells       : CD7+CD3- cells given [cell]
    cd3_per_kg  : CD3+ cells that come with them [cell/kg]
    short       : whether the lot held fewer cells than wanted
    """

    per_kg: PerLot
    cells: PerLot
    cd3_per_kg: PerLot
    short: NDArray[np.bool_]


def dose(available: ArrayLike, weight: ArrayLike, target: ArrayLike, cd3_per_cd7: ArrayLike) -> Dose:
    """Dose from one lot: the target, or everything when the lot is short.

    available   : viable CD7+CD3- cells in the bag [cell]
    weight      : body weight [kg]
    target      : CD7+CD3- cells wanted [cell/kg]
    cd3_per_cd7 : CD3+ cells for one CD7+CD3- cell
    """
    most = np.asarray(available, dtype=float) / np.asarray(weight, dtype=float)
    wanted = np.broadcast_to(np.asarray(target, dtype=float), most.shape)
    given = np.minimum(wanted, most)
    # Nothing given carries nothing, also where a lot without CD7+ cells has no ratio.
    carried = np.where(given > 0, given * np.asarray(cd3_per_cd7, dtype=float), 0.0)
    return Dose(given, given * np.asarray(weight, dtype=float), carried, most < wanted)


def expected_cd3_per_kg(
    cd3_per_cd34: ArrayLike,
    net_growth: ArrayLike,
    days: ArrayLike,
    per_kg: ArrayLike,
    fold: ArrayLike,
    purity: ArrayLike,
) -> PerLot:
    r"""CD3+ cells per kg that come with a dose, in closed form: the check of the simulated ones.

    $$ x_0 e^{r_3 t} Z / (fold \cdot purity) $$

    cd3_per_cd34 : x_0, CD3+ cells for one CD34+ cell seeded
    net_growth   : r_3, division less death of carried-over T cells [1/day]
    days         : t, length of the culture [day]
    per_kg       : Z, CD7+CD3- cells given [cell/kg]
    fold, purity : live cells for one CD34+ seeded, and the CD7+CD3- share of them (0 to 1)
    """
    kept = np.asarray(cd3_per_cd34) * np.exp(np.asarray(net_growth) * np.asarray(days))
    return np.asarray(kept * np.asarray(per_kg) / (np.asarray(fold) * np.asarray(purity)))
