"""Health is a steady state at every age: the closure, and what the design worked out by hand for it."""

from typing import Any

import numpy as np
import pytest

FOUR_YEARS = np.arange(0, 4.01, 0.25) * 365.25
AGES = np.array([1, 2, 3, 5, 8, 12, 20, 30, 40, 60], dtype=float)
WEIGHTS = np.array([9.9, 12.7, 14.6, 18.8, 25.7, 45.2, 67.2, 70, 70, 70])
HEALTHY = {"healthy": 1.0, "age": AGES, "weight": WEIGHTS}


def cd4_median(age: Any) -> Any:
    """Reference curve of the design through Denny 1992 and CDLI 2004 [cells/uL]."""
    return 813 + 2100 * np.exp(-age / 4.2)


CURVES = {
    "healthy_reference.cd4_adult": 813.0,
    "healthy_reference.cd4_infant_excess": 2100.0,
    "healthy_reference.cd4_decline": 4.2,
}


@pytest.mark.parametrize("pair", [0.0, 1.0], ids=["slow pair", "fast pair"])
def test_counts_follow_the_reference_from_1_to_60_years(recipient: Any, pair: float) -> None:
    course = recipient.solve(FOUR_YEARS, HEALTHY | CURVES | {"thymic_capacity.turnover_pair=fast": pair})
    wanted = cd4_median(AGES[:, None] + FOUR_YEARS / 365.25)
    assert course["cd4"] == pytest.approx(wanted, rel=0.01)
    assert course["nk"] == pytest.approx(217.4, rel=0.01)


def test_counts_follow_the_reference_with_a_fixed_number_of_niches(recipient: Any) -> None:
    course = recipient.solve(FOUR_YEARS, HEALTHY | CURVES | {"thymic_capacity.niche_number=fixed": 1.0})
    assert course["cd4"] == pytest.approx(cd4_median(AGES[:, None] + FOUR_YEARS / 365.25), rel=0.01)


def test_a_healthy_thymus_is_94_percent_occupied_and_exports_its_capacity(recipient: Any) -> None:
    course = recipient.solve(FOUR_YEARS, HEALTHY)
    assert course["occupancy"] == pytest.approx(0.94, abs=0.001)
    # Export follows the falling capacity by the 50 days that a thymocyte takes.
    assert course["thymic_export"] == pytest.approx(course["capacity"], rel=0.04)
    assert course["thymic_export"][:, 0] == pytest.approx(course["capacity"][:, 0], rel=1e-6)


def test_export_and_niches_at_six_ages(recipient: Any) -> None:
    """Section 13.2 of the design, worked out without the rounding of the corners of g."""
    at = {"healthy": 1.0, "age": [1, 8, 20, 30, 40, 60]}
    course = recipient.solve([0], at)
    assert course["thymic_export"][:, 0] == pytest.approx([3e8, 5.2e7, 2.1e7, 1.2e7, 6.9e6, 2.3e6], rel=0.05)
    assert course["niches"][:, 0] == pytest.approx([41_500, 7_200, 2_900, 1_700, 960, 310], rel=0.05)


def test_a_healthy_adult_keeps_813_cd4_cells(recipient: Any) -> None:
    course = recipient.solve(FOUR_YEARS, CURVES | {"healthy": 1.0, "age": 30.0, "weight": 70.0})
    assert course["cd4"][0] == pytest.approx(813, rel=0.003)


def test_body_weight_does_not_change_counts_in_health(recipient: Any) -> None:
    light, heavy = (recipient.solve(FOUR_YEARS, HEALTHY | {"weight": f * WEIGHTS}) for f in (1, 2))
    for count in ("cd3", "cd4", "cd8", "nk", "cd19"):
        assert heavy[count] == pytest.approx(light[count], rel=0.005)


def test_trec_content_is_that_of_emigrants_times_the_thymic_share(recipient: Any) -> None:
    adult = {"healthy": 1.0, "age": [30.0, 40.0, 60.0], "weight": 70.0}
    course = recipient.solve([0, 365.25], adult)
    naive = course.pools("periphery.naive[H,CD4")
    content = course.final("trec.in_naive[CD4]") / naive
    emigrants = 0.67 * course["thymic_export"][:, -1]
    # Of all new cells: pools shrink with age, so that fewer are made than die.
    thymic_share = emigrants / (emigrants + course["naive_division[CD4]"][:, -1] * naive)
    # Copies outlast emigrants: content follows a falling output late.
    assert content == pytest.approx(0.125 * thymic_share, rel=0.04)


def test_output_and_naive_loss_of_the_ribeiro_check_give_a_content_of_one_in_a_hundred() -> None:
    thymus, naive, loss, emigrant = 0.032, 400.0, 0.001, 0.125
    assert emigrant * thymus / (loss * naive) == pytest.approx(0.01)
