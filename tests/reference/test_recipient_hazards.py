"""Hazards: what recovery may change, and what it may not."""

from typing import Any

import numpy as np
import pytest

from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import values_of

DAYS = np.arange(0, 3001.0, 10)
ADULT = {"age": 30.0, "weight": 70.0}
DRIVEN = ("relapse_hazard", "infection_hazard", "gvhd_hazard")
# The same patient with more and with less immunity.
UNEQUAL = ADULT | {
    "graft_t_cells": [0.0, 1e8],
    "gvhd_baseline": 0.4,
    "natural_killer.production": [7.4, 22.6],
}
LOG_NK = 0.48
# NK cells that begin at rest and are made at full rate from day 0.
HELD = ADULT | {
    "relapse.relapse_driver=nk": 1.0,
    "initial_nk": 15 / 0.069,
    "engraftment_day": 0.0,
    "natural_killer.lag": 0.0,
    "natural_killer.spread": 1e-3,
    "natural_killer.surplus": 0.0,
}


def test_without_association_every_arm_has_the_incidence_of_its_platform(recipient: Any) -> None:
    course = recipient.solve(np.arange(0, 6001.0, 20), UNEQUAL | {"immune_state.shrink": 0.0})
    for name, total in (("relapse", 1), ("infection", 1), ("mortality", 1), ("gvhd", 0.4)):
        hazard = course[f"{name}_hazard"]
        assert hazard[1] == pytest.approx(hazard[0], rel=1e-6)
        assert hazard[0, -1] == pytest.approx(total, rel=1e-4)


def test_recovery_protects_and_alloreactive_cells_harm(recipient: Any) -> None:
    course = recipient.solve(DAYS, UNEQUAL)
    for name in ("relapse_hazard", "infection_hazard"):
        assert course[name][1, -1] < course[name][0, -1]
    assert course["gvhd_hazard"][1, -1] > course["gvhd_hazard"][0, -1]


def test_other_death_knows_nothing_of_immunity(recipient: Any) -> None:
    hazard = recipient.solve(DAYS, UNEQUAL)["mortality_hazard"]
    assert hazard[1] == pytest.approx(hazard[0], rel=1e-6)


@pytest.mark.parametrize("driver", [0.0, 1.0], ids=["CD4", "NK"])
def test_cd4_and_nk_never_both_protect_from_relapse(recipient: Any, driver: float) -> None:
    choice = ADULT | {"relapse.relapse_driver=nk": driver}
    by_nk = recipient.solve(DAYS, choice | {"natural_killer.production": [7.4, 22.6]})["relapse_hazard"][
        :, -1
    ]
    by_cd4 = recipient.solve(DAYS, choice | {"graft_t_cells": [0.0, 1e8], "natural_killer.surplus": 0.0})[
        "relapse_hazard"
    ][:, -1]
    acting, idle = (by_nk, by_cd4) if driver else (by_cd4, by_nk)
    assert acting[1] < 0.99 * acting[0]
    assert idle[1] == pytest.approx(idle[0], rel=1e-6)


def test_infection_has_one_descriptor(recipient: Any) -> None:
    """NK cells change no hazard of infection, whatever drives relapse."""
    choice = ADULT | {"relapse.relapse_driver=nk": 1.0, "natural_killer.production": [7.4, 22.6]}
    hazard = recipient.solve(DAYS, choice)["infection_hazard"]
    assert hazard[1] == pytest.approx(hazard[0], rel=1e-6)


def test_a_patient_who_follows_the_platform_has_its_hazard(recipient: Any) -> None:
    """NK cells at the platform's own count change nothing, at any shrink factor."""
    same = {"reference_nk": 15 / 0.069, "immune_state.shrink": [0.0, 0.5, 1.0]}
    hazard = recipient.solve(DAYS, HELD | same)["relapse_hazard"]
    assert hazard[1] == pytest.approx(hazard[0], rel=1e-3)
    assert hazard[2] == pytest.approx(hazard[0], rel=1e-3)


def relapse_ratio(recipient: Any, distance: float) -> float:
    """Hazard of relapse with NK cells `distance` natural logs from the platform, relative to at it."""
    reference = 15 / 0.069 * np.exp([0.0, -distance])
    course = recipient.solve([0, 1], HELD | {"reference_nk": reference})
    at, away = course["relapse_hazard"][:, 1]
    return float(away / at)


@pytest.mark.parametrize("distance", [-0.2, 0.2])
def test_a_small_step_of_log_nk_changes_relapse_by_its_coefficient(recipient: Any, distance: float) -> None:
    assert np.log(relapse_ratio(recipient, distance)) == pytest.approx(-LOG_NK * distance, rel=0.005)


@pytest.mark.parametrize("distance", [-1.8, -1.0, 1.0, 1.8])
def test_distances_within_two_natural_logs_are_believed_in_full(recipient: Any, distance: float) -> None:
    """Section 11 of the design: truncate m - m* to +-2."""
    assert np.log(relapse_ratio(recipient, distance)) == pytest.approx(-LOG_NK * distance, rel=0.01)


@pytest.mark.parametrize("distance", [-6.0, 6.0])
def test_no_distance_counts_more_than_two_natural_logs(recipient: Any, distance: float) -> None:
    effect = abs(np.log(relapse_ratio(recipient, distance)))
    assert effect == pytest.approx(2 * LOG_NK, rel=1e-3)


def test_thymus_selected_cells_attack_only_where_the_switch_says_so(recipient: Any) -> None:
    treated = {"dose": 2.5e7, "infusion_day": 8.0, "periphery.allo_thymic=yes": [0.0, 1.0]}
    course = recipient.solve([0, 180], treated)
    assert course["cd4_allo"][0, 1] == 0
    assert course["cd4_allo"][1, 1] == pytest.approx(course["cd4"][1, 1], rel=1e-6)


def test_gvhd_begins_when_the_hazard_reaches_the_threshold_of_the_patient(recipient: Any) -> None:
    ill = ADULT | {"gvhd_baseline": 1.0, "gvhd_threshold": [0.1, 0.5, 2.0], "immune_state.shrink": 0.0}
    course = recipient.solve(np.arange(0, 301.0), ill | {"gvhd_severity": 0.7})
    when = course.solution.fired[:, course.program.events.index("gvhd")]
    # H = 1 - (1 + x) e^-x with x = t/tau is 0.1 at x = 0.53181 and 0.5 at x = 1.67835; it never reaches 2.
    tau = recipient_timing()
    assert when[:2] / tau == pytest.approx([0.53181, 1.67835], rel=1e-4)
    assert np.isnan(when[2])
    assert course["gvhd"][2].max() == 0
    assert course["gvhd"][:2].max(axis=1) == pytest.approx(0.7, rel=0.03)


def recipient_timing() -> float:
    """Day of the largest hazard."""
    return values_of(recipient_models())["gvhd.timing"].value


PRECURSORS = ADULT | {"infection.infection_driver=precursors": 1.0, "immune_state.shrink": 1.0}


def test_naive_cells_hold_infection_off_where_precursors_do(recipient: Any) -> None:
    """Memory cells of the graft change nothing then; naive ones do."""
    graft = {"graft_t_cells": 1e7, "graft_cd4_share": 0.6}
    by_share = recipient.solve(DAYS, PRECURSORS | graft | {"graft_naive_share": [0.0, 0.9]})
    hazard = by_share["infection_hazard"][:, -1]
    assert hazard[1] < 0.95 * hazard[0]
    by_cd4 = recipient.solve(DAYS, ADULT | graft | {"graft_naive_share": [0.0, 0.9]})["infection_hazard"][
        :, -1
    ]
    assert abs(np.log(by_cd4[1] / by_cd4[0])) < abs(np.log(hazard[1] / hazard[0]))


def test_below_one_specific_cell_in_the_body_fewer_change_nothing(recipient: Any) -> None:
    """With a frequency at which nobody has a specific cell, patient and platform are alike."""
    none = {"immune_state.precursor_frequency": 1e-30, "graft_t_cells": [0.0, 1e8]}
    hazard = recipient.solve(DAYS, PRECURSORS | none)["infection_hazard"]
    assert hazard[1] == pytest.approx(hazard[0], rel=1e-6)
    assert hazard[0, -1] == pytest.approx(1.0, rel=1e-3)


def test_a_step_of_log_precursors_changes_infection_by_its_coefficient(recipient: Any) -> None:
    """At equal courses but for a reference a tenth lower: the cut is at 2, far from here."""
    reference = {"reference_naive": [10.0, 10.0 * np.exp(-0.1)], "reference_naive_slope": 1.0}
    held = PRECURSORS | {"graft_t_cells": 1e7, "immune_state.widest": 30.0, "infection.log_precursors": 0.5}
    hazard = recipient.solve([0.0, 400.0], held | reference)["infection_hazard"][:, -1]
    assert hazard[1] / hazard[0] == pytest.approx(np.exp(-0.05), rel=2e-3)
