"""What a campaign gives: attributes, spread by level, release, doses and what a trial needs of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.trial.campaign_plan import Plan, attributes_of, product_of, units_of
from thymos.trial.campaign_supply import Supply
from thymos.trial.interval import quantity
from thymos.trial.variance_components import components

if TYPE_CHECKING:
    from thymos.biology.product.specification import Limit, Specification
    from thymos.therapy.campaign import Campaign

Floats = NDArray[np.float64]
WEIGHTS = np.geomspace(3, 120, 33)  # kg, newborns to adults


def campaign_summary(
    campaign: Campaign, specification: Specification, plan: Plan, seed: int
) -> dict[str, Any]:
    """The object behind `thymos campaign --json`; docs/reference/json.md says its keys."""
    lots = campaign.lots
    attributes, units = attributes_of(campaign, plan), units_of(lots.source, lots.vector is not None)
    met = specification.met(attributes)
    product = product_of(lots.protocol)
    supply = Supply(campaign, plan, met, attributes[product.cells], seed)
    shown = ["fold", product.percent, product.per_cd34, "viability", product.cells, "cd3_per_kg"]
    shown += ["marked_percent", "vcn"] if lots.vector is not None else []
    start = supply.starting_cells()
    return {
        "source": lots.source,
        **({"vector": asdict(lots.vector)} if lots.vector is not None else {}),
        "product": product.text,
        "seed": seed,
        "draws": len(supply.draws),
        "lots": len(supply.draws[0]),
        "donors": int(campaign.donor.max() + 1) // len(supply.draws),
        "failed": int((lots.status != 0).sum()),
        "plan": {**vars(plan), "seeded_cd34": campaign.counted_cd34, "days": lots.protocol.days},
        "attributes": {name: _attribute(attributes[name], units[name], campaign) for name in shown},
        "specification": [_limit(limit, attributes, supply) for limit in specification.limits],
        "out_of_specification": supply.share(~met),
        "holds_the_dose": supply.share(supply.cells >= plan.cells),
        "can_be_given": supply.share(supply.doses > 0),
        "dose_curve": supply.dose_curve(WEIGHTS),
        "needed": {
            "own_donor": supply.own_donor(),
            "any_donor": supply.any_donor(shared=False),
            "shared_lots": supply.any_donor(shared=True),
            "starting_cells": start,
            "collections": supply.collections(start["per_lot"] or campaign.counted_cd34),
        },
    }


def _attribute(values: Floats, unit: str, campaign: Campaign) -> dict[str, Any]:
    """Over lots, over what is not known, and what each level adds to the spread."""
    seen = np.isfinite(values)
    medians = [np.median(values[seen & (campaign.draw == d)]) for d in np.unique(campaign.draw[seen])]
    scale = "logit" if unit == "percent" else "ln"
    with np.errstate(divide="ignore", invalid="ignore"):
        shifted = np.log(values / (100 - values)) if unit == "percent" else np.log(values)
    spread = components(shifted, campaign.draw, campaign.donor)._asdict()
    return {
        "lots": quantity(values, unit),
        "median_lot": quantity(medians, unit),
        "sd": {"scale": scale} | {level: float(x) if np.isfinite(x) else None for level, x in spread.items()},
    }


def _limit(limit: Limit, attributes: dict[str, Floats], supply: Supply) -> dict[str, Any]:
    return {**vars(limit), "out": supply.share(~limit.met(attributes[limit.attribute]))}
