"""NK cells, B cells and the drugs of the transplant."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import simpson

ADULT = {"age": 40.0, "weight": 70.0}


def test_nk_cells_settle_at_217_with_a_time_constant_of_14_days(recipient: Any) -> None:
    """15 cells/uL/day over 6.9 %/day (Zhang 2007)."""
    at_once = {"engraftment_day": 0.0, "natural_killer.lag": 0.0, "natural_killer.spread": 1e-3}
    alone = at_once | {"natural_killer.surplus": 0.0}
    nk = recipient.solve([0, 1 / 0.069, 400], ADULT | alone)["nk"][0]
    assert nk[0] == 0
    assert nk[1] == pytest.approx(217.4 * (1 - np.exp(-1)), rel=1e-3)
    assert nk[2] == pytest.approx(217.4, rel=1e-3)


def test_what_t_cells_leave_unused_feeds_nk_cells(recipient: Any) -> None:
    empty = ADULT | {"chimerism": 0.0, "natural_killer.surplus": [0.0, 0.3]}
    nk = recipient.solve([0, 300], empty)["nk"][:, 1]
    assert nk[1] / nk[0] == pytest.approx(1.3, rel=1e-3)


def test_nk_production_starts_from_nothing(recipient: Any) -> None:
    """Section 6 of the design: E_NK is E with its own lag, and E(0) = 0."""
    early = ADULT | {"engraftment_day": 9.0, "natural_killer.lag": 1.0, "natural_killer.spread": 8.0}
    made = recipient.solve([0, 0.001], early)["nk"][0, 1] / 0.001
    assert made < 0.01 * 15


def test_b_cells_of_health_are_those_of_the_reference(recipient: Any) -> None:
    course = recipient.solve([0, 1000], ADULT | {"healthy": 1.0})
    assert course["cd19"][0] == pytest.approx(330, rel=1e-3)


def test_b_cells_return_to_the_reference_after_transplant(recipient: Any) -> None:
    assert recipient.solve([0, 2000], ADULT)["cd19"][0, 1] == pytest.approx(330, rel=1e-3)


def test_rituximab_takes_b_cells_away_and_they_return(recipient: Any) -> None:
    treated = ADULT | {"healthy": 1.0, "rituximab_doses": [0.0, 1.0], "b_cells.rituximab_kill": 1.0}
    days = np.arange(0, 1001.0)
    course = recipient.solve(days, treated)
    assert course["cd19"][1].min() < 10
    assert course["cd19"][1, -1] == pytest.approx(330, rel=0.01)
    # Nothing else is touched.
    assert course["cd4"][1] == pytest.approx(course["cd4"][0], rel=1e-6)


def test_antibody_exposure_adds_up_where_clearance_is_linear(recipient: Any) -> None:
    linear = {"serotherapy.atg_saturable": 0.0, "serotherapy.atg_elimination": 0.1}
    days = np.arange(0, 400.5, 0.5)
    atg = recipient.solve(days, linear | {"atg_level": [0.0, 1.0, 3.0]})["atg"]
    assert simpson(atg, x=days, axis=1) == pytest.approx([0, 10, 30], rel=1e-4)


def test_antibody_that_is_gone_was_eliminated_or_bound(recipient: Any) -> None:
    bound = {
        "serotherapy.atg_saturable": 0.3,
        "serotherapy.atg_half": 1.0,
        "serotherapy.atg_elimination": 0.1,
    }
    days = np.arange(0, 20.01, 0.05)
    atg = recipient.solve(days, bound | {"atg_level": 5.0})["atg"][0]
    gone = simpson(0.1 * atg + 0.3 * atg / (1 + atg), x=days)
    assert 5 - atg[-1] == pytest.approx(gone, rel=1e-5)


def test_no_drug_kills_nothing(recipient: Any) -> None:
    """Rates of killing do not matter when there is nothing that kills."""
    lethal = {
        "serotherapy.atg_kill_max": [0.0, 3.0],
        "serotherapy.alemtuzumab_kill_max": [0.0, 3.0],
        "serotherapy.cyclophosphamide_kill": [0.0, 6.0],
    }
    treated = {"graft_t_cells": 1e5, "dose": 2.5e7, "infusion_day": 8.0}
    course = recipient.solve(np.arange(0, 181.0), treated | lethal)
    assert np.array_equal(course.solution.outputs[0], course.solution.outputs[1])


@pytest.mark.parametrize("drug", ["atg_level", "alemtuzumab_level"])
def test_antibodies_kill_t_cells_in_proportion_to_nothing_else_than_their_level(
    recipient: Any, drug: str
) -> None:
    levels = [0.0, 0.1, 1.0, 10.0]
    course = recipient.solve([0, 14], {"graft_t_cells": 1e6, "chimerism": 0.0, drug: levels})
    assert (np.diff(course["cd4"][:, 1]) < 0).all()


def test_cyclophosphamide_acts_on_its_days_and_on_dividing_cells(recipient: Any) -> None:
    days = np.arange(0, 11.0)
    course = {"graft_t_cells": 1e6, "chimerism": 0.0, "serotherapy.cyclophosphamide_kill": 2.0}
    treated = {"cyclophosphamide_start": [np.inf, 3.0], "cyclophosphamide_end": [np.inf, 5.0]}
    cd4 = recipient.solve(days, course | treated)["cd4"]
    assert cd4[1, :4] == pytest.approx(cd4[0, :4], rel=1e-6)
    assert cd4[1, 5] < 0.9 * cd4[0, 5]
    assert (np.diff(cd4[1, 5:]) > 0).all()
    still = {"periphery.dividing_half": 1e12}
    spared = recipient.solve(days, course | treated | still)["cd4"]
    assert spared[1] == pytest.approx(spared[0], rel=1e-6)


def test_progenitors_survive_when_they_come_after_cyclophosphamide(recipient: Any) -> None:
    ptcy = {"cyclophosphamide_start": 3.0, "cyclophosphamide_end": 5.0, "dose": 2.5e4}
    course = recipient.solve(np.arange(0, 200.0), ptcy | {"infusion_day": [3.5, 6.0, 8.0], "chimerism": 0.0})
    peak = course["infused_export"].max(axis=1)
    assert peak[0] < 0.7 * peak[1]
    assert peak[1] == pytest.approx(peak[2], rel=0.05)
