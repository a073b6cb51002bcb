"""Choosing among scored choices, against answers worked out by hand."""

import numpy as np
import pytest

from thymos.inference.choice import Scores, cheapest, largest

GROUP = np.repeat([0, 1], 4)


def scores(rows, cost, later=None, allowed=None, group=GROUP):
    n = len(rows)
    return Scores(
        np.array(rows, float),
        np.array(cost, float),
        np.zeros(n) if later is None else np.array(later, float),
        np.ones(n, bool) if allowed is None else np.array(allowed),
        group,
    )


def flat(*values):
    return [[v] * 8 for v in values]


def test_the_cheapest_of_those_that_are_nearly_best_is_chosen():
    pick = largest(scores(flat(10.0, 9.8, 9.6, 5.0), [4, 3, 2, 1]), loss=0.05, seed=1)
    assert (pick.place, pick.as_good.tolist()) == (2, [True, True, True, False])
    assert (pick.best, pick.again) == (1.0, 1.0)
    assert pick.regret == pytest.approx(0.4)


def test_of_equal_costs_the_earlier_is_chosen():
    assert largest(scores(flat(1.0, 1.0), [1, 1], later=[9, 4]), 0.05, 1).place == 1


def test_what_breaks_a_limit_is_never_chosen():
    pick = largest(scores(flat(10.0, 1.0), [1, 1], allowed=[False, True]), 0.05, 1)
    assert pick.place == 1
    assert pick.as_good.tolist() == [False, True]
    assert pick.regret == pytest.approx(0.0)


def test_regret_is_what_knowing_the_draw_would_add():
    # Choice 0 brings 4 under one draw and 0 under the other, choice 1 the other way round, choice 2 always 3.
    rows = [[4.0] * 4 + [0.0] * 4, [0.0] * 4 + [4.0] * 4, [3.0] * 8]
    pick = largest(scores(rows, [1, 1, 1]), 0.0, 1)
    assert pick.place == 2
    assert pick.best == 0.0
    assert pick.regret == pytest.approx(1.0)


def test_a_gain_of_nothing_is_not_reached():
    assert not largest(scores(flat(0.0, 0.0), [1, 2]), 0.05, 1).reached
    assert not largest(scores(flat(-1.0), [1]), 0.05, 1).reached


def test_the_cheapest_that_reaches_the_share_is_chosen_and_those_as_cheap_are_as_good():
    rows = [[1, 0, 0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1, 0], [1] * 8]
    pick = cheapest(scores(rows, [1.0, 2.0, 2.08, 3.0]), least=0.7, more=0.05, seed=1)
    assert (pick.place, pick.reached) == (1, True)
    assert pick.as_good.tolist() == [False, True, True, False]
    # Both draws have the same share, so that no resample differs.
    assert (pick.best, pick.regret, pick.again) == (1.0, 0.0, 1.0)


def test_where_none_reaches_it_the_nearest_is_named():
    pick = cheapest(scores(flat(0.2, 0.4, 0.4), [1, 3, 2]), least=0.7, more=0.05, seed=1)
    assert (pick.place, pick.reached, pick.best, pick.again) == (2, False, 0.0, 0.0)
    assert pick.regret == pytest.approx(0.3)


def test_chance_of_the_simulation_is_that_of_a_dirichlet_over_draws():
    # One draw in which all are reached, one in which none is: the share is Beta(1, 1), so 0.3 is passed in 70 %.
    rows = [[1] * 4 + [0] * 4]
    pick = cheapest(scores(rows, [1.0]), least=0.3, more=0.05, seed=1)
    assert pick.best == pytest.approx(0.7, abs=0.06)  # 1000 resamples: four standard errors
    assert pick.regret == pytest.approx(0.3**2 / 2, abs=0.012)


def test_a_patient_that_failed_under_one_choice_counts_for_none():
    rows = [[1.0] * 7 + [np.nan], [1.0] * 7 + [100.0]]
    assert scores(rows, [1, 1]).mean == pytest.approx([1.0, 1.0])
