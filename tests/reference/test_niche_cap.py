"""The dose that fills the free niches once, against the design's own arithmetic and against the simulated thymus."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import simpson

from thymos.trial.niche_cap import niche_cap, niches

START = {
    "thymic_capacity.output_slow": 3e8,
    "thymic_capacity.output_fast": 1.5e9,
    "thymic_capacity.newborn_share": 0.35,
    "thymic_capacity.decline_child": 0.25,
    "thymic_capacity.decline_youth": 0.075,
    "thymic_capacity.decline_adult": 0.056,
    "thymic_capacity.age_peak": 1.0,
    "thymic_capacity.age_child": 8.0,
    "thymic_capacity.age_youth": 20.0,
    "thymic_capacity.bend": 0.02,
    "thymic_capacity.cells_per_seeding": 1e5,
    "thymic_capacity.healthy_occupancy": 0.94,
    "thymic_capacity.etp_residence": 10.0,
    "thymic_capacity.human_clock": 1.3,
    "homing.homing_fraction": 1e-3,
    "homing.competent": 1.0,
    "homing.entry_after_irradiation": 0.1,
    "homing.entry_recovery": 14.0,
    "homing.cni_block": 0.2,
    "irradiated": 0.0,
    "calcineurin_inhibitor": 0.0,
}


def cap(age: float, weight: float, free: float, day: float = 0.0, **changed: float) -> float:
    values = START | {key.replace("__", ".").replace("_is_", "="): x for key, x in changed.items()}
    return float(niche_cap(values, np.array(age), np.array(weight), np.array(free), day, np.array(1.0)))


@pytest.mark.parametrize(
    ("age", "number"), [(1, 41_500), (8, 7_200), (20, 2_900), (30, 1_700), (40, 960), (60, 310)]
)
def test_niches_by_age_are_those_of_the_design(age: float, number: float) -> None:
    # Section 13.2 of the design gives two digits; the rounded corners cost 2 % there.
    assert niches(START, np.array(float(age))) == pytest.approx(number, rel=0.03)


@pytest.mark.parametrize(
    ("age", "weight", "stroma", "dose"), [(0.5, 7.0, 0.7, 2.8e6), (8, 25.6, 0.5, 1.4e5), (40, 70, 0.5, 6.8e3)]
)
def test_the_cap_is_that_of_the_design(age: float, weight: float, stroma: float, dose: float) -> None:
    # Section 13.3: Z* = n_max S / (h W), two digits; h and h/(1 - h) differ by a thousandth.
    assert cap(age, weight, stroma) == pytest.approx(dose, rel=0.03)


def test_what_hinders_entry_raises_the_cap_in_proportion() -> None:
    free = cap(8, 25, 0.5)
    assert cap(8, 25, 0.5, calcineurin_inhibitor=1.0) == pytest.approx(free / 0.8)
    assert cap(8, 25, 0.5, day=14.0, irradiated=1.0) == pytest.approx(free / (1 - 0.9 * np.exp(-1)))
    small = {"homing__homing_scale_is_proportional": 1.0}
    assert cap(1, 25, 0.5, **small) == pytest.approx(cap(1, 25, 0.5), rel=0.01)
    assert cap(8, 25, 0.5, **small) == pytest.approx(free / np.exp(-0.25 * 7), rel=0.03)
    fixed = {"thymic_capacity__niche_number_is_fixed": 1.0}
    assert cap(60, 70, 0.5, **fixed) == pytest.approx(41_489 * 0.5 / (70 * 1e-3), rel=0.01)


def test_no_homing_has_no_cap() -> None:
    assert cap(8, 25, 0.5, homing__homing_fraction=0.0) == np.inf


@pytest.mark.parametrize("times", [0.1, 0.5, 1.0, 2.0, 4.0])
def test_the_cap_times_z_fills_all_but_exp_minus_z_of_the_free_niches(recipient: Any, times: float) -> None:
    """Cells that leave blood far faster than niches empty: dE/dB = k_h (1 - E/n) / k_c."""
    clearance, h = 100.0, 1e-3
    days = np.concatenate([np.linspace(0, 0.2, 401)])
    who = {"chimerism": 0.0, "age": 8.0, "weight": 25.0, "infusion_day": 0.0, "conditioning_injury": 0.5}
    changed = {"homing.homing_fraction": h, "homing.clearance": clearance}
    dose = times * cap(8, 25, 0.5, homing__homing_fraction=h) * 25.0
    course = recipient.solve(days, who | changed | {"dose": dose})
    settled = simpson(course["infused_seeding"], x=days, axis=1)[0]
    free = niches(START, np.array(8.0)) * 0.5
    assert settled / free == pytest.approx(1 - np.exp(-times), rel=0.02)
