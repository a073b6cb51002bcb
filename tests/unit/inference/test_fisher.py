"""Information, bounds and hidden combinations, where linear algebra on paper gives them."""

import numpy as np
import pytest

from thymos.inference.fisher import Information, information
from thymos.lang.errors import DataError

DAYS = np.array([0.0, 1.0, 2.0, 5.0])


def test_a_straight_line_has_the_bounds_of_least_squares():
    # intercept and slope of a line from n points with error sd: variances sd^2 sum(t^2)/D and sd^2 n/D
    found = information(("a", "b"), 1 + DAYS, np.stack([np.ones(4), DAYS], axis=1), 0.3)
    n, one, two = 4, DAYS.sum(), (DAYS**2).sum()
    determinant = n * two - one**2
    np.testing.assert_allclose(found.matrix, np.array([[n, one], [one, two]]) / 0.09)
    np.testing.assert_allclose(found.bounds["a"], 0.3 * np.sqrt(two / determinant))
    np.testing.assert_allclose(found.bounds["b"], 0.3 * np.sqrt(n / determinant))
    np.testing.assert_allclose(found.covariance[0, 1], -0.09 * one / determinant)
    assert found.hidden == ()
    np.testing.assert_allclose(found.eigenvalues.sum(), found.matrix.trace())


def test_a_log_normal_error_is_a_relative_one():
    # m = A e^(-k t), error of the logarithm 0.2: ln m = ln A - k t is a line again
    m = 5 * np.exp(-0.4 * DAYS)
    slopes = np.stack([m, -DAYS * m], axis=1)  # in ln A and in k
    line = information(("lnA", "k"), m, np.stack([np.ones(4), -DAYS], axis=1), 0.2)
    found = information(("lnA", "k"), m, slopes, 0.2, log_normal=True)
    np.testing.assert_allclose(found.matrix, line.matrix)


def test_a_product_hides_the_ratio():
    # only a b is seen: on the log scale ln a + ln b is known with sd / sqrt(n), ln a - ln b is not
    found = information(("a", "b", "c"), DAYS, np.stack([DAYS, DAYS, np.ones(4)], axis=1), 1.0)
    (unseen,) = found.hidden
    assert list(unseen.weights)[2] == "c"
    np.testing.assert_allclose(sorted(unseen.weights.values()), [-np.sqrt(0.5), 0, np.sqrt(0.5)], atol=1e-12)
    assert found.bounds["a"] == found.bounds["b"] == np.inf
    # c is the intercept of a line: sd sqrt(sum t^2 / D)
    np.testing.assert_allclose(found.bounds["c"], np.sqrt(30 / (4 * 30 - 64)))


def test_a_prior_shows_what_data_hide():
    data = information(("a", "b"), DAYS, np.stack([DAYS, DAYS], axis=1), 1.0)
    found = data.with_prior([0.5, np.inf])
    assert found.hidden == ()
    np.testing.assert_allclose(found.bounds["a"], 0.5)  # the data say a + b alone
    np.testing.assert_allclose(found.bounds["b"], np.sqrt(0.25 + 1 / 30))


def test_two_data_sets_add_up():
    one = information(("a", "b"), DAYS, np.stack([np.ones(4), DAYS], axis=1), 0.3)
    np.testing.assert_allclose(one.with_data(one).matrix, 2 * one.matrix)
    with pytest.raises(DataError, match="expected a, b, got a, c"):
        one.with_data(information(("a", "c"), DAYS, np.ones((4, 2)), 1.0))


def test_fewer_data_than_parameters_hide_the_rest():
    found = information(("a", "b", "c"), [2.0], [[1.0, 0.0, 0.0]], 0.1)
    assert found.bounds == {"a": pytest.approx(0.1), "b": np.inf, "c": np.inf}
    assert len(found.hidden) == 2
    assert len(found.directions) == 3


def test_data_that_say_nothing_hide_everything():
    found = information(("a", "b"), [2.0], [[0.0, 0.0]], 0.1)
    assert len(found.hidden) == 2


@pytest.mark.parametrize(
    ("slopes", "sd", "text"),
    [
        ([[1.0], [np.nan]], 0.1, "got neither at observation 1"),
        ([[1.0], [1.0]], [0.1, 0.0], "got neither at observation 1"),
        ([[1.0, 2.0], [1.0, 2.0]], 0.1, r"slopes of \(observations, 1 parameters\), got \(2, 2\)"),
    ],
)
def test_what_cannot_be_information_is_refused(slopes, sd, text):
    with pytest.raises(DataError, match=text):
        information(("a",), [1.0, 1.0], slopes, sd)


def test_information_needs_a_parameter():
    with pytest.raises(DataError, match="0 parameters"):
        Information((), np.zeros((2, 0)))
