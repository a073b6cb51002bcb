"""What the NK cells of a culture would kill in an assay, over lots and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.assay.lytic_units import LYTIC_SHARE, lytic_units
from thymos.assay.virtual_plate import Layout, Sample, simulate_plate
from thymos.therapy.culture import typical_lots
from thymos.therapy.product_lysis import killers_of, lytic_ratio, product_lysis
from thymos.trial.interval import quantity

if TYPE_CHECKING:
    from thymos.assay.cytotoxicity import Target
    from thymos.io.well import Plate
    from thymos.therapy.culture import Lots
    from thymos.therapy.culture_protocol import CultureProtocol


def killing_summary(
    lots: Lots, layout: Layout, seed: int, target: Target, car_share: float = 0.0, car_gain: float = 1.0
) -> dict[str, Any]:
    """Expected specific lysis [percent] by time and ratio, and lytic units; intervals hold 95 % of lots."""
    killers = killers_of(lots, car_share, car_gain)
    times = []
    for hours in layout.hours:
        lysis = 100 * product_lysis(killers, layout.ratios, hours, seed, target)
        units = lytic_units(lytic_ratio(killers, LYTIC_SHARE, hours, seed, target), layout.targets)
        points = [
            {"ratio": ratio, **quantity(lysis[:, i], "percent")} for i, ratio in enumerate(layout.ratios)
        ]
        times.append({"hours": hours, "lysis": points, "lu20_per_million": quantity(units, "")})
    return {
        "source": lots.source,
        "target": target.name,
        "lots": len(lots.status),
        "failed": int((lots.status != 0).sum()),
        "strength": quantity(lots.harvest["nk_strength"], ""),
        "cd16_percent": quantity(lots.harvest["cd16_percent"], "percent"),
        "targets_per_well": layout.targets,
        "times": times,
    }


def typical_plate(
    protocol: CultureProtocol,
    source: str,
    layout: Layout,
    seed: int,
    target: Target,
    car_share: float = 0.0,
    car_gain: float = 1.0,
) -> Plate:
    """The wells of one virtual plate with the NK cells of the typical lot."""
    killers = killers_of(typical_lots(protocol, source, {}), car_share, car_gain)
    one = type(killers)(
        *(float(np.asarray(x).flat[0]) for x in (killers.strength, killers.mature, car_share, car_gain))
    )
    name = "CAR-NK" if car_share > 0 else "NK"
    return simulate_plate([Sample(name, one, target)], layout, seed)
