"""Headline numbers of a course, counted by hand."""

import numpy as np
import pytest

from thymos.trial.headlines import HEADLINES, QUANTITIES, Course, days_of, scaled

DAYS = np.array([10.0, 60.0, 80.0, 100.0, 150.0, 365.0])
PLANNED = np.array([False, True, False, True, True, True])


def course(*cd4):
    true = {name: np.array([cd4], dtype=float) for name in ("cd4", "cd4_naive", "trec")}
    return Course(DAYS, PLANNED, true)


def test_recovery_is_two_visits_in_a_row_by_day_100():
    assert course(0, 51, 0, 51, 0, 0).recovered() == 1  # day 80 is no visit
    assert course(99, 49, 99, 99, 99, 99).recovered() == 0  # day 150 comes too late
    assert np.isnan(course(0, 51, 0, 51, 0, np.nan).recovered()).all()


def test_the_day_above_200_lies_between_two_recorded_ones():
    assert course(0, 0, 100, 300, 400, 500).day_of_200() == pytest.approx(90)
    assert course(250, 300, 300, 300, 300, 300).day_of_200() == 10
    assert course(0, 0, 0, 0, 0, 100).day_of_200() == 365
    assert course(0, 0, 0, 0, 0, 300).day_of_200(180.0) == 180


def test_a_gain_is_that_over_the_twin():
    treated, twin = course(0, 60, 0, 80, 200, 300), course(0, 40, 0, 70, 100, 300)
    found = {h.name: float(h.of(treated, twin)[0]) for h in QUANTITIES}
    assert found["gain_cd4_day100"] == 10
    assert found["gain_cd4_ir_day100"] == 1
    assert scaled(np.array([list(found.values())]))[0, 1] == 1  # the order of magnitude of 10
    logs = {h.name: float(h.of(treated, twin)[0]) for h in HEADLINES}
    assert logs["gain_cd4_day100"] == 1  # the decimal logarithm of 10
    assert logs["cd4_day100"] == pytest.approx(np.log10(80))


def test_visits_are_marked_among_the_recorded_days():
    days, planned = days_of((14.0, 60.0, 100.0, 730.0), 120.0)
    assert days[planned].tolist() == [14, 60, 100]
    assert days[-1] == 120
    assert (np.diff(days) > 0).all()
