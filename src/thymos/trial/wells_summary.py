"""What plates of few cells give: numbers of cells by dose, wells without any, and the ODE beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.therapy.culture import typical_lots
from thymos.trial.interval import Draws, probability, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from thymos.therapy.culture_jumps import Wells
    from thymos.therapy.culture_protocol import CultureProtocol

SOUGHT = "cd7_cells"


def wells_summary(
    plates: Mapping[float, Wells], protocol: CultureProtocol, source: str, volume: float
) -> list[dict[str, Any]]:
    """One entry for each dose, in the order given.

    plates : wells by mean CD34+ cells in a well
    volume : medium in each well [mL]
    """
    doses = np.array(list(plates))
    flow = typical_lots(protocol, source, {"seeded_cd34": doses, "seeding_density": doses / volume})
    return [
        {"cells": float(dose), **_plate(wells), "ode": float(flow.harvest[SOUGHT][i])}
        for i, (dose, wells) in enumerate(plates.items())
    ]


def _plate(wells: Wells) -> dict[str, Any]:
    """Numbers over the wells of one dose; a well that failed counts as one with cells."""
    final = wells.readouts[SOUGHT][:, -1]
    known = final[np.isfinite(final)]
    each = Draws.of(np.arange(len(final)))
    return {
        "wells": len(final),
        "failed": int((wells.status != 0).sum()),
        "mean": float(known.mean()),
        "over_wells": quantity(known, "cell"),
        "without": probability(wells.without(SOUGHT), each),
        "died_out": probability(wells.without("live_cells"), each),
        "negative": int(wells.without(SOUGHT).sum()),
    }
