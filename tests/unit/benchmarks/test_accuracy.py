"""The error that is quoted, and the tolerance that is said to match a peer's."""

import numpy as np


def test_the_error_is_relative_above_the_floor_and_absolute_below():
    from accuracy import errors

    exact = np.array([[[100.0, 0.0]], [[0.99, 1.0]]])  # (patient, time, output)
    got = np.array([[[101.0, 0.002]], [[0.99, 1.0]]])
    np.testing.assert_allclose(errors(got, exact), [0.2, 0.0])


def test_a_missing_value_is_no_small_error():
    from accuracy import errors

    assert np.isnan(errors(np.array([[[np.nan]]]), np.array([[[1.0]]])))[0]


def test_matching_asks_for_median_and_largest():
    from accuracy import loosest

    ours = {
        1e-4: np.array([2e-4, 3e-4, 9e-4, 1.0]),
        1e-5: np.array([2e-5, 3e-5, 8e-4, 1.0]),
        1e-6: np.array([2e-6, 3e-6, 8e-6, 1.0]),
    }
    theirs = np.array([4e-5, 5e-5, 1e-4])  # of three patients only: our fourth does not count
    assert loosest(ours, theirs) == 1e-6
    assert loosest(ours, np.array([4e-5, 5e-5, 1e-3])) == 1e-5
    assert loosest(ours, np.array([1e-9, 1e-9, 1e-9])) is None
