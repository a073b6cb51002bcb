"""Resampling by weight: how often each draw may come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.inference.importance import systematic, weights, worth


@given(st.lists(st.floats(-20, 5), min_size=1, max_size=30), st.integers(1, 200), st.integers(0, 99))
def test_each_draw_comes_as_often_as_its_weight_says_to_within_one(logs, count, seed):
    w = weights(np.array(logs))
    drawn = systematic(w, count, np.random.default_rng(seed))
    times = np.bincount(drawn, minlength=len(w))
    assert drawn.size == count
    assert (np.abs(times - count * w) < 1 + 1e-9).all()
    assert (np.diff(drawn) >= 0).all()


def test_a_draw_that_cannot_be_has_no_weight_and_equal_ones_count_in_full():
    w = weights(np.array([3.0, -np.inf, 3.0]))
    assert w.tolist() == [0.5, 0.0, 0.5]
    assert worth(w) == pytest.approx(2.0)
    assert set(systematic(w, 50, np.random.default_rng(0)).tolist()) == {0, 2}
