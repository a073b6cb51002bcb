"""Infused progenitors between the vein and the niche."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import simpson

DAYS = np.linspace(0, 30, 3001)
EMPTY = {"chimerism": 0.0, "age": 1.0, "weight": 10.0, "infusion_day": 0.0}


def settled(course: Any, days: NDArray[np.float64] = DAYS) -> NDArray[np.float64]:
    """Infused cells that entered the thymus, by patient."""
    return np.asarray(simpson(course["infused_seeding"], x=days, axis=1))


@pytest.mark.parametrize("h", [1e-4, 1e-2, 0.5])
def test_the_homing_fraction_is_the_share_that_settles_in_an_empty_thymus(recipient: Any, h: float) -> None:
    course = recipient.solve(DAYS, EMPTY | {"homing.homing_fraction": h, "dose": 10.0})
    assert settled(course)[0] == pytest.approx(10 * h, rel=1e-3)


def test_cells_that_do_not_settle_are_cleared(recipient: Any) -> None:
    """Infused = in blood + settled + cleared, at any time."""
    h, dose = 0.5, 1e5
    days = np.linspace(0, 2, 2001)
    in_blood = [dose] + [
        float(
            recipient.solve([0, d], EMPTY | {"homing.homing_fraction": h, "dose": dose}).final(
                "homing.blood"
            )[0]
        )
        for d in days[100::100]
    ]
    course = recipient.solve(days, EMPTY | {"homing.homing_fraction": h, "dose": dose})
    cleared = simpson(np.interp(days, days[::100], in_blood), x=days)
    # Odds of homing are 1 at h = 1/2, so that the weighted cells are the cells.
    assert in_blood[-1] + settled(course, days)[0] + cleared == pytest.approx(dose, rel=2e-3)


def test_full_niches_turn_cells_away_to_be_cleared(recipient: Any) -> None:
    flood = EMPTY | {"homing.homing_fraction": 0.5, "dose": 1e12}
    early, late = (recipient.solve([0, d], flood).final("homing.blood")[0] for d in (5.0, 8.0))
    assert np.log(early / late) / 3 == pytest.approx(1, rel=1e-3)
    empty = EMPTY | {"homing.homing_fraction": 0.5, "dose": 10.0}
    early, late = (recipient.solve([0, d], empty).final("homing.blood")[0] for d in (5.0, 8.0))
    assert np.log(early / late) / 3 == pytest.approx(2, rel=1e-3)


def test_small_doses_act_in_proportion_and_large_ones_saturate(recipient: Any) -> None:
    per_kg = np.array([1e3, 2e3, 1e8, 1e9])
    course = recipient.solve(DAYS, EMPTY | {"dose": 10 * per_kg})
    cells = settled(course)
    assert cells[1] / cells[0] == pytest.approx(2, rel=0.01)
    assert cells[3] / cells[2] < 1.3
    niches = course["niches"][:, 0].max()
    assert (cells <= niches * (1 + DAYS[-1] / 13)).all()
    assert (course["occupancy"] <= 1).all()


def test_occupancy_stays_below_one_for_any_dose(recipient: Any) -> None:
    dose = 10.0 ** np.arange(3, 11)
    full = {"chimerism": 1.0, "healthy": 1.0, "dose": dose, "infusion_day": 8.0}
    assert (recipient.solve(np.arange(0, 200.0), full)["occupancy"] <= 1).all()


@pytest.mark.parametrize(
    "twin",
    [{"dose": 0.0}, {"homing.homing_fraction": 0.0}, {"homing.competent": 0.0}],
    ids=["no dose", "no homing", "no competent cells"],
)
def test_a_product_that_cannot_seed_leaves_no_trace(recipient: Any, twin: dict[str, float]) -> None:
    days = np.arange(0, 731.0)
    treated = {"dose": 2.5e7, "infusion_day": 8.0, "conditioning_injury": 0.5, "graft_t_cells": 1e4}
    control = recipient.solve(days, treated | {"dose": 0.0, "homing.homing_fraction": 0.0})
    course = recipient.solve(days, treated | twin)
    assert np.array_equal(course.solution.outputs, control.solution.outputs)
    assert np.array_equal(course.solution.final, control.solution.final)


def test_antibody_left_at_infusion_costs_progenitors(recipient: Any) -> None:
    days = np.arange(0, 200.0)
    levels = [0.0, 1.0, 5.0, 20.0]
    treated = {"dose": 2.5e6, "infusion_day": 8.0, "atg_level": levels, "conditioning_injury": 0.5}
    export = recipient.solve(days, treated)["infused_export"].max(axis=1)
    assert (np.diff(export) < 0).all()
    assert export[-1] < 0.9 * export[0]


def test_waiting_for_the_antibody_to_fall_saves_progenitors(recipient: Any) -> None:
    treated = {"dose": 2.5e6, "infusion_day": [0.0, 10.0], "atg_level": 10.0}
    course = recipient.solve(np.arange(0, 300.0), treated)
    early, late = course["infused_export"].max(axis=1)
    assert late > early


def test_irradiation_delays_entry_and_not_for_long(recipient: Any) -> None:
    entry = EMPTY | {"dose": 10.0, "homing.entry_recovery": 14.0, "homing.entry_after_irradiation": 0.1}
    days = 200 + DAYS
    fresh, injured = (settled(recipient.solve(DAYS, entry | {"irradiated": i})) for i in (0.0, 1.0))
    assert injured / fresh == pytest.approx(1 - 0.9 / (1 + 1 / 14), rel=0.01)
    later = entry | {"infusion_day": 200.0}
    fresh, injured = (settled(recipient.solve(days, later | {"irradiated": i}), days) for i in (0.0, 1.0))
    assert injured / fresh == pytest.approx(1, rel=1e-3)


def gain(recipient: Any, age: float, weight: float, choice: dict[str, float]) -> float:
    """Relative gain in naive CD4 cells half a year after the transplant, by 5e6 progenitors per kg."""
    patient = {"age": age, "weight": weight, "infusion_day": 8.0, "conditioning_injury": 0.5} | choice
    course = recipient.solve([0, 180], patient | {"dose": [0.0, 5e6 * weight]})
    without, treated = course["cd4_naive"][:, 1]
    return float((treated - without) / without)


def added(recipient: Any, age: float, weight: float, choice: dict[str, float]) -> float:
    """Cells exported from infused progenitors at their peak, relative to the capacity of the thymus."""
    patient = {"age": age, "weight": weight, "infusion_day": 8.0, "dose": 5e6 * weight} | choice
    course = recipient.solve(np.arange(0, 366.0), patient)
    return float(course["infused_export"].max() / course["capacity"][0, 0])


def test_progenitors_cannot_rescue_an_involuted_thymus_unless_its_niches_are_left(recipient: Any) -> None:
    fixed = {"thymic_capacity.niche_number=fixed": 1.0}
    shrunken, kept = (added(recipient, 60.0, 70.0, choice) for choice in ({}, fixed))
    assert shrunken <= 1.001
    assert kept > 10 * shrunken
    assert gain(recipient, 60.0, 70.0, fixed) > 3 * gain(recipient, 60.0, 70.0, {})


def test_a_dose_that_fills_the_niches_once(recipient: Any) -> None:
    """Section 13.3 of the design: Z* = n_max S/(h W) at h = 1e-3, S(0) 0.7 in SCID and 0.5 after MAC."""
    ages, kg, stroma = np.array([0.5, 8.0, 40.0]), np.array([7.0, 25.7, 70.0]), np.array([0.7, 0.5, 0.5])
    niches = recipient.solve([0], {"age": ages})["niches"][:, 0]
    assert niches * stroma / (1e-3 * kg) == pytest.approx([2.8e6, 1.4e5, 6.8e3], rel=0.05)
