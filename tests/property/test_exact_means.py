"""Means from exact sums: those of fractions, whatever the numbers, their order and the cut."""

from fractions import Fraction
from math import fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thymos.engine.reducers.means import Sum
from thymos.lang.errors import SolveError

finite = st.floats(allow_nan=False, allow_infinity=False)


def of(values):
    found = Sum.empty(np.arange(float(values.shape[1])))
    found.add(values)
    return found


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=finite))
def test_the_mean_is_that_of_exact_fractions(x):
    exact = [sum(map(Fraction, column)) / len(x) for column in x.T.tolist()]
    np.testing.assert_array_equal(of(x).mean, [float(mean) for mean in exact])


def test_what_a_plain_sum_loses_is_kept():
    x = np.array([1e16, 1.0, -1e16, 1.0])
    assert x.sum() != 2
    assert of(x[:, None]).mean[0] == 0.5
    rng = np.random.default_rng(0)
    many = np.exp(5 * rng.standard_normal(65_536))  # a power of two: dividing by it rounds nothing
    assert of(many[:, None]).mean[0] == fsum(many) / 65_536


@given(
    arrays(np.float64, st.tuples(st.integers(0, 60), st.integers(1, 3)), elements=st.floats()),
    st.integers(1, 20),
    st.randoms(),
)
def test_any_cut_and_any_order_gives_the_same_bits(x, size, mixer):
    order = list(range(len(x)))
    mixer.shuffle(order)
    cuts = [x[order][i : i + size] for i in range(0, len(x), size)]
    merged = of(x[:0])
    for cut in reversed(cuts):
        merged.merge(of(cut))
    np.testing.assert_array_equal(merged.mean, of(x).mean)
    np.testing.assert_array_equal(merged.missing, np.isnan(x).sum(axis=0))
    np.testing.assert_array_equal(merged.present + merged.missing, len(x))


def test_missing_infinite_and_nobody():
    x = np.array([[1.0, np.inf, np.nan, np.inf], [3.0, 1.0, np.nan, -np.inf]])
    np.testing.assert_array_equal(of(x).mean, [2.0, np.inf, np.nan, np.nan])
    np.testing.assert_array_equal(of(x).missing, [0, 0, 2, 0])
    assert np.isnan(of(np.empty((0, 2))).mean).all()


def test_sums_at_other_times_are_not_merged():
    with pytest.raises(SolveError, match="merging sums"):
        of(np.ones((1, 2))).merge(of(np.ones((1, 3))))
