"""Engraftment and the three steps from marrow to thymus."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import simpson

DAYS = np.arange(0, 1000.1, 1.0)


def test_engraftment_rises_from_exactly_0_to_1(recipient: Any) -> None:
    rise = recipient.solve(DAYS, {"engraftment_day": [5.0, 15.0, 60.0]})["engraftment"]
    assert (rise[:, 0] == 0).all()
    assert rise[:, -1] == pytest.approx(1)
    assert (np.diff(rise, axis=1) >= 0).all()


@pytest.mark.parametrize("lag", [30.0, 45.0, 90.0])
def test_progenitors_follow_engraftment_by_the_mean_lag(recipient: Any, lag: float) -> None:
    course = recipient.solve(DAYS, {"marrow.lag": lag})
    behind = course["engraftment"][0] - course["seeding_progenitors[H]"][0]
    assert simpson(behind, x=DAYS) == pytest.approx(lag, rel=1e-4)


def test_donor_and_host_progenitors_never_exceed_the_normal(recipient: Any) -> None:
    mixed = {"chimerism": [0.0, 0.3, 0.9, 1.0], "host_progenitors": 1.0}
    course = recipient.solve(DAYS, mixed)
    donor, host = (course[f"seeding_progenitors[{s}]"] for s in "HR")
    assert (donor >= 0).all()
    assert (host >= 0).all()
    assert (donor + host <= 1 + 1e-9).all()
    assert donor[:, -1] == pytest.approx(np.array([0.0, 0.3, 0.9, 1.0]), abs=1e-6)


def test_b_lymphopoiesis_lags_by_another_mean_delay(recipient: Any) -> None:
    adult = {"age": 40.0, "weight": 70.0, "b_cells.turnover": 100.0}
    days = np.arange(0, 1500.1, 1.0)
    course = recipient.solve(days, adult)
    behind = course["seeding_progenitors[H]"][0] - course["cd19"][0] / 330
    # B cells that turn over at once show lymphopoiesis itself.
    assert simpson(behind, x=days) == pytest.approx(60 + 1 / 100, rel=1e-3)
