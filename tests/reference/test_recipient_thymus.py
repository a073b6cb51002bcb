"""The chain of thymocytes against the mouse, and what stroma does to it."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

MATURE = ("DN1", "DN2", "DN3", "DN4", "eDP1", "eDP2", "lDP", "SP1", "SP2")
# A thymus whose size does not change with age.
STILL = {
    "healthy": 1.0,
    "age": 30.0,
    "thymic_capacity.decline_child": 0.0,
    "thymic_capacity.decline_youth": 0.0,
    "thymic_capacity.decline_adult": 0.0,
}
# Residence times, gains and influx of Thomas-Vaslin 2008 and its descendants (P305-P312).
MOUSE = STILL | {
    "thymic_capacity.human_clock": 1.0,
    "thymic_capacity.output_slow": 2.78e6,
    "thymus.cd4_share": 0.86,
    "thymus.dn_residence": 1 / 0.23,
    "thymus.early_dp_residence": 0.55,
    "thymus.late_dp_residence": 1 / 0.37,
    "thymus.sp_residence": 1 / 0.23,
    "thymus.sp_late_residence": 1.44,
    "thymus.dn_gain": 2.0,
    "thymus.early_dp_gain": 6.83,
    "thymus.selection": 0.07,
    "thymus.sp_gain": 2.0,
    "thymus.sp_late_gain": 1.33,
}


def stages(course: Any, *names: str) -> NDArray[np.float64]:
    return np.asarray(sum(course.pools(f"thymus.thymocytes[H,{k}]") for k in names))


def test_pools_and_export_of_the_mouse(recipient: Any) -> None:
    course = recipient.solve([0, 400], MOUSE)
    assert stages(course, *MATURE[:4])[0] == pytest.approx(1.30e6, rel=0.05)
    assert stages(course, *MATURE[4:7])[0] == pytest.approx(4.2e7, rel=0.05)
    assert 0.86 * stages(course, *MATURE[7:])[0] == pytest.approx(6.5e6, rel=0.05)
    assert 2.75e6 < course["thymic_export"][0, -1] < 2.9e6


@pytest.mark.parametrize("made", [3e4, 1e5, 3e5])
def test_export_is_seeding_times_the_cells_that_one_makes(recipient: Any, made: float) -> None:
    course = recipient.solve([0, 600], STILL | {"thymic_capacity.cells_per_seeding": made})
    seeding = course.final("thymus.etp[H]")[0] / 13
    assert course["thymic_export"][0, -1] == pytest.approx(made * seeding, rel=1e-4)


def test_export_follows_settling_by_the_sum_of_the_residences(recipient: Any) -> None:
    days = np.arange(0, 400.5, 0.5)
    lone = STILL | {
        "healthy": 0.0,
        "chimerism": 0.0,
        "dose": 10.0,
        "infusion_day": 0.0,
        "homing.clearance": 50.0,
    }
    export = recipient.solve(days, lone)["infused_export"][0]
    mean = np.sum(days * export) / np.sum(export)
    transit = 1.3 * (10 + 4 * 4.35 + 2 * 0.55 + 2.7 + 4.35 + 1.44)
    assert mean == pytest.approx(transit + 1 / 50, rel=0.01)


def test_halving_the_stroma_halves_the_niches_and_not_their_occupancy(recipient: Any) -> None:
    slow = STILL | {"healthy": 0.0, "chimerism": 0.0, "host_progenitors": 1.0, "stroma.repair": 0.0}
    course = recipient.solve([0, 600], slow | {"conditioning_injury": [0.0, 0.5]})
    assert course["occupancy"][:, -1] == pytest.approx(0.94, abs=1e-3)
    etp = course.final("thymus.etp[R]")
    assert etp[1] / etp[0] == pytest.approx(0.5, rel=1e-3)
    # eta = 1/2: injured stroma also lowers the yield of each cell.
    export = course["thymic_export"][:, -1]
    assert export[1] / export[0] == pytest.approx(0.5 * 0.75, rel=1e-3)


def test_occupancy_follows_progenitors_and_saturates(recipient: Any) -> None:
    p = np.array([0.01, 0.1, 0.5, 1.0])
    course = recipient.solve([0, 1500], STILL | {"healthy": 0.0, "chimerism": p})
    pull = 0.94 / 0.06 * p
    assert course["occupancy"][:, -1] == pytest.approx(pull / (1 + pull), rel=1e-3)


def test_a_block_before_dp_leaves_niches_full_and_export_empty(recipient: Any) -> None:
    blocked = {"chimerism": 0.0, "host_progenitors": 1.0, "host_block": [0.0, 0.84, 1.0]}
    course = recipient.solve([0, 600], STILL | {"healthy": 0.0} | blocked)
    assert course["occupancy"][:, -1] == pytest.approx(0.94, abs=1e-3)
    export = course["thymic_export"][:, -1]
    assert export / export[0] == pytest.approx([1, 0.16, 0], abs=1e-6)


def test_progenitors_that_missed_divisions_export_half_for_each(recipient: Any) -> None:
    lone = STILL | {"healthy": 0.0, "chimerism": 0.0, "dose": 10.0, "infusion_day": 0.0}
    course = recipient.solve(np.arange(0, 300.0), lone | {"thymus.missed_divisions": [0.0, 1.0, 9.0]})
    exported = course["infused_export"].sum(axis=1)
    assert exported / exported[0] == pytest.approx([1, 1 / 2, 1 / 512], rel=1e-6)


def test_one_wave_without_limits(recipient: Any) -> None:
    """P424: Z h A f4 f_B/7.5e4 = 9 CD4+ cells/uL at 0.5e6 cells/kg, h = 1e-3, A = 1e5; weight cancels."""
    lone = STILL | {
        "healthy": 0.0,
        "chimerism": 0.0,
        "thymic_capacity.output_slow": 1e12,
        "infusion_day": 0.0,
    }
    weight = np.array([7.0, 70.0])
    course = recipient.solve(np.arange(0, 500.0), lone | {"weight": weight, "dose": 0.5e6 * weight})
    exported = 0.67 * course["infused_export"].sum(axis=1)
    assert exported * 0.02 / (7.5e4 * weight) == pytest.approx(9, rel=0.02)
