"""The dose that fills the free niches of a thymus once: more than that has nowhere to settle."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.biology.recipient.thymic_capacity import ThymicCapacity

Floats = NDArray[np.float64]


def niches(values: Mapping[str, Any], age: Floats) -> Floats:
    """Niches in intact stroma at an age [year], from the engine's parameters by full name (patient,)."""
    model = ThymicCapacity()
    p = SimpleNamespace(**{d.name: values[f"thymic_capacity.{d.name}"] for d in model.parameters()})
    fast, fixed = (
        values.get(f"thymic_capacity.{n}", 0.0) for n in ("turnover_pair=fast", "niche_number=fixed")
    )
    at_one = p.output_slow + fast * (p.output_fast - p.output_slow)
    size = organ_size(values, age) * (1 - fixed) + fixed
    residence = p.etp_residence * p.human_clock
    return np.asarray(at_one * residence / (p.cells_per_seeding * p.healthy_occupancy) * size)


def organ_size(values: Mapping[str, Any], age: Floats) -> Floats:
    """g: output of a healthy thymus relative to that at one year (patient,)."""
    model = ThymicCapacity()
    p = SimpleNamespace(**{d.name: values[f"thymic_capacity.{d.name}"] for d in model.parameters()})
    return np.asarray(model.involution(p, age))


def niche_cap(
    values: Mapping[str, Any], age: Floats, weight: Floats, free: Floats, day: float, competence: Floats
) -> Floats:
    r"""Dose at which as many cells would settle as there are free niches [cell/kg] (patient,).

    $$ Z^* = \frac{n_{max} S (1 - o)}{W u\, \epsilon\, r_v c\, h/(1 - h)} $$

    free       : S (1 - o), free niches over all those of intact stroma
    day        : of the infusion;  weight : [kg];  competence : seeding by a cell of the lot over that of a CD5- one
    """
    h = values["homing.homing_fraction"]
    lasting = values["irradiated"] * (1 - values["homing.entry_after_irradiation"])
    entry = 1 - lasting * np.exp(-day / values["homing.entry_recovery"])
    drugs = 1 - values["homing.cni_block"] * values["calcineurin_inhibitor"]
    scaled, fixed = (
        values.get(n, 0.0) for n in ("homing.homing_scale=proportional", "thymic_capacity.niche_number=fixed")
    )
    scale = 1 - scaled * (1 - fixed) * (1 - organ_size(values, age))
    with np.errstate(divide="ignore"):
        settle = values["homing.competent"] * competence * scale * entry * drugs * h / (1 - h)
        return np.asarray(niches(values, age) * free / (weight * settle))
