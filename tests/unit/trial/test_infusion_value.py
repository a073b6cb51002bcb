"""What is compared between twins, on courses drawn by hand."""

import numpy as np
import pytest

from thymos.lang.errors import StudyError
from thymos.trial.infusion import HORIZON
from thymos.trial.infusion_value import (
    VALUES,
    Seen,
    at_visits,
    day_of_200,
    effect,
    mean_gain,
    unknown_share,
    value_named,
    visits_within,
    worths,
)
from thymos.trial.interval import Draws
from thymos.trial.visits import Visits

TIMES = np.array([0.0, 50.0, 100.0, 180.0, HORIZON])


def seen(cd4):
    cd4 = np.array(cd4, float)
    days = np.array([60.0, 75.0, 90.0])
    visits = Visits(days, np.broadcast_to(days, (len(cd4), 3)), {"cd4": at_visits(TIMES, cd4, days)}, {})
    return Seen(TIMES, cd4, 0.1 * cd4, visits)


COURSES = [
    [1, 100, 400, 500, 500],  # 200 is crossed half way between 100 and 400 on a log scale
    [300, 300, 300, 300, 300],
    [1, 1, 10, 20, 30],
    [1, np.nan, np.nan, np.nan, np.nan],
]


def test_the_day_of_200_is_found_between_output_days_and_is_the_last_where_there_is_none():
    assert day_of_200(seen(COURSES)) == pytest.approx([75.0, 0.0, HORIZON, np.nan], nan_ok=True)


def test_values_of_courses():
    found = {name: value.of(seen(COURSES)) for name, value in VALUES.items()}
    assert found["cd4"] == pytest.approx([400, 300, 10, np.nan], nan_ok=True)
    assert found["trec"] == pytest.approx([50, 30, 2, np.nan], nan_ok=True)
    assert found["recovery"] == pytest.approx([1, 1, 0, np.nan], nan_ok=True)


def test_an_earlier_day_is_a_gain():
    assert VALUES["days"].gain(np.array([60.0]), np.array([80.0])) == [20.0]
    assert VALUES["cd4"].gain(np.array([60.0]), np.array([80.0])) == [-20.0]


def test_visits_that_count_are_those_until_day_100():
    assert visits_within((14.0, 100.0, 120.0)).tolist() == [14.0, 100.0]


def test_of_a_count_the_interval_is_that_of_pairs():
    draws = Draws.of(np.arange(1000) // 10)
    gain = np.arange(1000.0)
    found = effect(VALUES["cd4"], gain, np.zeros(1000), draws, worth=749.0)
    assert found == pytest.approx({"median": 499.5, "low": 24.975, "high": 974.025, "chance": 0.25})


def test_of_a_share_the_interval_is_that_of_the_mean():
    """With no doubt between draws it is the binomial one, by the normal law 0.3 +- 1.96 sqrt(0.21 / 1000)."""
    gain = np.tile([1.0] * 3 + [0.0] * 7, 100)
    found = mean_gain(gain, worth=0.3, unknown=0.0)
    half = 1.96 * np.sqrt(0.21 / 1000)
    assert found["median"] == pytest.approx(0.3)
    assert (found["low"], found["high"]) == pytest.approx((0.3 - half, 0.3 + half), rel=0.02)
    assert found["chance"] == pytest.approx(0.5, abs=0.02)


def test_where_all_of_the_variance_is_doubt_the_law_is_that_of_a_coin_nobody_knows():
    # Beta with mean 1/2 and variance 1/4 has all its mass at the ends; the law is held short of that.
    found = mean_gain(np.repeat([1.0, 0.0], 500), worth=0.5, unknown=0.99)
    assert found["low"] < 0.01
    assert found["high"] > 0.99
    assert found["chance"] == pytest.approx(0.5, abs=0.01)


def test_where_no_pair_differs_three_in_n_might():
    found = mean_gain(np.zeros(100), worth=0.1, unknown=0.0)
    assert found == {"median": 0.0, "low": -0.03, "high": 0.03, "chance": 0.0}


def test_the_share_of_variance_between_draws_is_found_again():
    rng = np.random.default_rng(3)
    draws = Draws.of(np.arange(40_000) // 20)
    gains = rng.normal(size=2000).repeat(20) + 2 * rng.normal(size=(3, 40_000))
    assert unknown_share(gains, draws) == pytest.approx(1 / 5, abs=0.02)
    assert unknown_share(np.zeros((2, 40_000)), draws) == 0.0


def test_nothing_is_said_of_pairs_that_all_failed():
    nothing = np.full(8, np.nan)
    found = effect(VALUES["recovery"], nothing, nothing, Draws.of(np.arange(8) // 2), 0.1)
    assert set(found.values()) == {None}


def test_what_is_worthwhile_is_read_in_the_unit_of_the_value():
    assert worths(["cd4=50", "recovery=0.2"]) == {"cd4": 50.0, "recovery": 0.2}
    with pytest.raises(StudyError, match="a gain above 0 day, got days=nan"):
        worths(["days=nan"])
    with pytest.raises(StudyError, match="did you mean recovery"):
        value_named("recover")
