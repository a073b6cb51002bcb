"""The forecasts without a model of the body: the last value, and the mixed-effects spline."""

import numpy as np
import pytest

from thymos.inference.last_value import LastValue
from thymos.inference.mixed_spline import MixedSpline
from thymos.inference.series import Series
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

DAYS = np.array([2.0, 5.0, 9.0, 14.0, 20.0, 27.0, 34.0])


def straight(n, seed, noise=0.1):
    """Patients on straight lines: level N(3, 1), slope N(0.1, 0.02) a day."""
    rng = stream(seed, "test.straight lines")
    level, slope = 3 + rng.standard_normal(n), 0.1 + 0.02 * rng.standard_normal(n)
    return [
        Series(DAYS, a + b * DAYS + noise * rng.standard_normal(len(DAYS)))
        for a, b in zip(level, slope, strict=True)
    ]


def test_a_series_refuses_days_that_fall():
    with pytest.raises(DataError, match="rising days"):
        Series(np.array([3.0, 2.0]), np.zeros(2))


def test_a_series_is_cut_on_a_day_that_stays_with_the_past():
    whole = Series(DAYS, DAYS)
    assert whole.until(9).day.tolist() == [2, 5, 9]
    assert whole.after(9).day.tolist() == [14, 20, 27, 34]
    with pytest.raises(DataError, match="as many days as values"):
        whole.after(34)


def test_the_last_value_scatters_as_others_moved():
    # One step of +1 over 2 days and of -3 over 10: root mean squares 1 and 3; over 12 days it moved by -2.
    one = Series(np.array([0.0, 2.0, 12.0]), np.array([0.0, 1.0, -2.0]))
    learnt = LastValue.learnt([one], edges=(3, 11))
    np.testing.assert_allclose(learnt.moved, [1, 3, 2])
    made = learnt.forecast(
        Series(np.array([5.0]), np.array([4.0])), np.array([6.0, 15.0]), 20_000, stream(1, "test")
    )
    np.testing.assert_allclose(made.mean(axis=0), [4, 4], atol=0.08)  # 4 standard errors of the wider one
    np.testing.assert_allclose(made.std(axis=0), [1, 3], rtol=0.02)


def test_a_distance_nobody_has_seen_borrows_the_nearest():
    one = Series(np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    np.testing.assert_allclose(LastValue.learnt([one], edges=(3, 11)).moved, [1, 1, 1])


def test_the_last_value_needs_a_pair():
    with pytest.raises(DataError, match="two measurements of one patient"):
        LastValue.learnt([Series(np.array([1.0]), np.array([1.0]))], edges=(3,))


def test_the_spline_finds_how_patients_differ():
    found = MixedSpline.fitted(straight(300, 1))
    # Slope over the 32 days of the data: sd 0.02 * 32 = 0.64; the level is that of the middle, day 18.
    level = np.hypot(1, 0.02 * 18)
    np.testing.assert_allclose(
        np.sqrt(np.diag(found.between)), [level, 0.64], rtol=0.12
    )  # sd of a sd of 300: 4 %
    np.testing.assert_allclose(np.sqrt(found.noise), 0.1, rtol=0.08)


def test_the_spline_forecasts_a_straight_line():
    found = MixedSpline.fitted(straight(200, 2))
    new = Series(DAYS[:4], 5.0 + 0.12 * DAYS[:4])
    made = found.forecast(new, DAYS[4:], 4000, stream(1, "test"))
    np.testing.assert_allclose(made.mean(axis=0), 5.0 + 0.12 * DAYS[4:], atol=0.15)
    assert (np.diff(made.std(axis=0)) > 0).all()  # the further, the less sure


def test_the_spline_covers_what_it_forecasts():
    found = MixedSpline.fitted(straight(200, 3))
    rng, held = stream(2, "test"), []
    for one in straight(300, 4):
        made = found.forecast(one.until(14), one.after(14).day, 400, rng)
        low, high = np.quantile(made, [0.1, 0.9], axis=0)
        held.append((low <= one.after(14).log) & (one.after(14).log <= high))
    assert np.mean(held) == pytest.approx(0.80, abs=0.05)  # 900 forecasts of 300 patients: 0.02 is one error


def test_the_spline_needs_patients():
    with pytest.raises(DataError, match="three patients and 12 measurements, got 2 and 14"):
        MixedSpline.fitted(straight(2, 5))
