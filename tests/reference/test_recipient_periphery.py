"""T cells in blood: growth into an empty body, labels, and TREC."""

from typing import Any

import numpy as np
import pytest

NO_THYMUS = {"chimerism": 0.0}
MEMORY = NO_THYMUS | {"age": 30.0, "weight": 70.0, "graft_naive_share": 0.0}


def test_memory_cells_grow_into_an_empty_body_at_the_rate_of_the_design(recipient: Any) -> None:
    """q F_M - d_M: 0.0165/day for CD4 and faster for CD8 (section 13.7), at the start values."""
    course = recipient.solve([0, 60], MEMORY | {"graft_t_cells": 1.0})
    growth = {j: np.log(course[j][0, 1] / course[j][0, 0]) / 60 for j in ("cd4", "cd8")}
    assert growth["cd4"] == pytest.approx(0.0165, rel=0.03)
    assert growth["cd8"] == pytest.approx(0.9 * 2.7e-3 * 10 - 2.7e-3, rel=0.03)
    assert growth["cd8"] > growth["cd4"]


def test_one_drive_for_both_lineages_would_leave_cd8_behind(recipient: Any) -> None:
    course = recipient.solve([0, 60], MEMORY | {"graft_t_cells": 1.0, "periphery.memory_cd8_drive": 5.0})
    growth = [np.log(course[j][0, 1] / course[j][0, 0]) / 60 for j in ("cd8", "cd4")]
    assert growth == pytest.approx([0.0095, 0.0165], rel=0.04)


def test_twice_the_healthy_number_of_t_cells_shrinks(recipient: Any) -> None:
    """Each naive share is that of health, so that only crowding is tested."""
    per_kg = 2 * 813 * 1.76 * 7.5e4 / 0.02
    full = {"age": 40.0, "weight": 70.0, "graft_t_cells": per_kg, "periphery.engrafting_share": 1.0}
    shares = {"graft_naive_share": 0.32, "graft_cd4_share": 1 / 1.76}
    course = recipient.solve([0, 30], NO_THYMUS | full | shares)
    for count in ("cd4", "cd8", "cd4_naive"):
        assert course[count][0, 1] < course[count][0, 0]


def test_graft_and_residual_cells_obey_one_equation(recipient: Any) -> None:
    """Labels swapped or mixed change no total."""
    cells = np.array([1e6, 0.0, 5e5])
    labels = {
        "graft_t_cells": cells / 0.3,
        "residual_t_cells": 1e6 - cells,
        "periphery.engrafting_share": 0.3,
        "periphery.residual_naive_share": 0.3,
        "periphery.residual_cd4_share": 0.6,
    }
    course = recipient.solve(np.arange(0, 366.0), NO_THYMUS | labels | {"trec.per_mature": 0.0})
    for count in ("cd3", "cd4", "cd8", "cd4_naive"):
        assert course[count][1] == pytest.approx(course[count][0], rel=1e-6)
        assert course[count][2] == pytest.approx(course[count][0], rel=1e-6)
    assert course["cd4_allo"][1] == pytest.approx(0)
    assert course["cd4_allo"][2] == pytest.approx(course["cd4_allo"][0] / 2, rel=1e-6)


def test_infused_cells_count_in_the_total_and_under_their_own_label(recipient: Any) -> None:
    treated = {"dose": 2.5e7, "infusion_day": 8.0, "conditioning_injury": 0.5}
    course = recipient.solve([0, 180], treated)
    by_origin = [course.pools(f"periphery.{k}[{s}") for k in ("naive", "memory") for s in "HIRG"]
    assert course["cd4"][0, 1] + course["cd8"][0, 1] == pytest.approx(
        0.02 / (7.5e4 * weight_in_half_a_year()) * np.sum(by_origin), rel=1e-6
    )
    assert 0 < course["infused_t"][0, 1] < course["cd3"][0, 1]


def weight_in_half_a_year() -> float:
    """The eight-year-old of 25 kg keeps to his curve."""
    ages = np.array([8.0, 8.0 + 180 / 365.25])
    grown, born = (1 / (1 + np.exp((11.83 - a) / 4.16)) for a in (ages, 0.0))
    curve = 3.48 + 7.06 * (1 - np.exp(-ages / 0.716)) + 67.4 * (grown - born)
    return float(25 * curve[1] / curve[0])


def test_proportionally_larger_bodies_have_the_same_counts(recipient: Any) -> None:
    size = np.array([1.0, 2.0])
    scaled = {"weight": 25 * size, "thymic_capacity.output_slow": 3e8 * size, "dose": 1e7 * size}
    course = recipient.solve(np.arange(0, 366.0), scaled | {"infusion_day": 8.0, "graft_t_cells": 1e4})
    for count in ("cd3", "cd4", "cd8", "cd4_naive", "infused_t", "trec", "nk", "cd19"):
        assert course[count][1] == pytest.approx(course[count][0], rel=1e-6)


NAIVE = NO_THYMUS | {"age": 30.0, "weight": 70.0, "graft_t_cells": 1e6, "graft_naive_share": 1.0}


def test_division_neither_makes_nor_destroys_trec(recipient: Any) -> None:
    drive = {"periphery.naive_drive": [5.0, 31.0, 60.0], "periphery.conversion": 0.0}
    course = recipient.solve(np.arange(0, 366.0), NAIVE | drive)
    assert (np.diff(course["cd4_naive"][:, -1]) > 0).all()
    for other in (1, 2):
        assert course["trec"][other] == pytest.approx(course["trec"][0], rel=1e-6)


def test_without_a_thymus_trec_falls_at_the_loss_rate_of_naive_cells(recipient: Any) -> None:
    still = {"periphery.conversion": 0.0, "turnover.from_naive": 0.0}
    course = recipient.solve([0, 365], NAIVE | still)
    left = (
        course.final("trec.in_naive[CD4]")[0]
        / recipient.solve([0], NAIVE | still).final("trec.in_naive[CD4]")[0]
    )
    loss = course["naive_loss[CD4]"][0].mean()
    assert -np.log(left) / 365 == pytest.approx(loss, rel=1e-3)
    assert course.pools("trec.in_memory")[0] == 0


def test_activation_carries_trec_into_memory(recipient: Any) -> None:
    """More activation in the same loss: what naive cells no longer hold, memory cells do, until they die."""
    moving = {
        "turnover.from_naive": [0.0, 0.1],
        "turnover.memory_cd4_loss": 1e-9,
        "turnover.memory_cd8_loss": 1e-9,
    }
    converting = NAIVE | moving | {"periphery.conversion": [0.0, 0.5]}
    course = recipient.solve([0, 30], converting)
    naive, memory = course.pools("trec.in_naive"), course.pools("trec.in_memory")
    assert naive[1] < naive[0]
    assert naive[1] + memory[1] >= naive[0]


def test_a_pool_that_begins_to_refill_holds_more_trec_per_cell_than_health(recipient: Any) -> None:
    """Compare TREC per uL, never per cell alone (section 5 of the design)."""
    age = {"age": 20.0, "weight": 65.0}
    course = recipient.solve([0, 150], age | {"healthy": [0.0, 1.0]})
    per_cell = course["trec"][:, 1] / course["cd4_naive"][:, 1]
    assert per_cell[0] > per_cell[1]
    assert course["trec"][0, 1] < course["trec"][1, 1]


def test_lymphocytes_in_blood_are_a_larger_share_only_where_the_switch_says_so(recipient: Any) -> None:
    choice = {"periphery.blood_model=lymphopenic": [0.0, 1.0], "periphery.blood_shift": 0.5}
    course = recipient.solve([0, 1], MEMORY | {"graft_t_cells": 1e4} | choice)
    assert course["cd4"][1] / course["cd4"][0] == pytest.approx(1.5, rel=1e-3)


def test_graft_t_cells_expand_in_adults_who_would_otherwise_have_none(recipient: Any) -> None:
    """Section 13.5 of the design: at 40 years, day 365, CD4 cells are few without any mature T cell."""
    seven = 7 * 7.5e4 / 0.02
    adult = {"age": 40.0, "weight": 70.0, "conditioning_injury": 0.5, "periphery.engrafting_share": 1.0}
    course = recipient.solve([0, 365], adult | {"graft_t_cells": [0.0, seven]})
    without, with_graft = course["cd4"][:, 1]
    assert without < 150
    assert with_graft > 2 * without
