"""Stroma between injury and repair."""

from typing import Any

import numpy as np
import pytest

REPAIR = np.log(2) / 120
GVHD = {"gvhd_baseline": 1.0, "gvhd_threshold": 1e-9, "gvhd.healing": 1e12}


def test_the_young_recover_half_of_the_loss_in_120_days(recipient: Any) -> None:
    course = recipient.solve([0, 120, 240], {"age": 8.0, "conditioning_injury": 0.6})
    assert course["stroma"][0] == pytest.approx([0.4, 0.7, 0.85], rel=2e-3)


def test_adults_recover_at_half_that_rate(recipient: Any) -> None:
    adult = {"age": 45.0, "conditioning_injury": 0.6, "stroma.adult_slowing": 0.5}
    assert recipient.solve([0, 240], adult)["stroma"][0, 1] == pytest.approx(0.7, rel=2e-3)


def test_lasting_gvhd_holds_stroma_between_repair_and_injury(recipient: Any) -> None:
    severity = np.array([0.1, 0.3, 1.0])
    course = recipient.solve([0, 1500], GVHD | {"age": 3.0, "gvhd_severity": severity})
    assert course["stroma"][:, 1] == pytest.approx(REPAIR / (REPAIR + 0.04 * severity), rel=2e-3)


def test_stroma_stays_between_0_and_1(recipient: Any) -> None:
    harsh = GVHD | {"gvhd_severity": 1.0, "conditioning_injury": [0.0, 0.7, 0.99]}
    stroma = recipient.solve(np.arange(0, 2000.0, 10), harsh)["stroma"]
    assert ((stroma > 0) & (stroma <= 1)).all()


def test_infused_progenitors_repair_stroma_only_where_the_switch_says_so(recipient: Any) -> None:
    treated = {"conditioning_injury": 0.5, "infusion_day": 8.0, "dose": [0.0, 2.5e8]}
    choice = "stroma.stroma_repair=infused"
    without = recipient.solve([0, 60], treated | {choice: 0.0})["stroma"][:, 1]
    assert without[1] == pytest.approx(without[0], rel=1e-9)
    repaired = recipient.solve([0, 60], treated | {choice: 1.0})["stroma"][:, 1]
    assert repaired[0] == pytest.approx(without[0], rel=1e-9)
    assert repaired[1] > repaired[0]


def test_gvhd_lowers_thymic_export(recipient: Any) -> None:
    ill = GVHD | {"gvhd_severity": [0.0, 1.0], "gvhd.healing": 45.0, "immune_state.shrink": 0.0}
    export = recipient.solve(np.arange(0, 366.0), ill)["thymic_export"]
    assert export[1, 150] < 0.8 * export[0, 150]
