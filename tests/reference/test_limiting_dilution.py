"""The frequency of limiting dilution against closed forms and another optimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binom

from thymos.inference.limiting_dilution import frequency
from thymos.lang.errors import DataError, InputError


def test_one_dose_has_a_closed_form():
    # P(negative) = e^(-f n), and the binomial share is its maximum-likelihood estimate.
    found = frequency([5.0], [96], [30])
    assert found.f == pytest.approx(-np.log(30 / 96) / 5, rel=1e-9)
    # The delta method on ln(-ln q): its variance is (1 - q)/(m q ln(q)^2).
    q = 30 / 96
    sd = np.sqrt((1 - q) / (96 * q)) / -np.log(q)
    assert np.log(found.high / found.low) == pytest.approx(2 * 1.959964 * sd, rel=1e-5)
    assert found.slope is None


def test_several_doses_are_where_the_likelihood_is_highest():
    cells, wells = np.array([0.3, 1.0, 3.0, 10.0]), np.array([96, 96, 48, 24])
    negative = np.array([80, 52, 9, 0])

    def loss(ln_f):
        return -binom.logpmf(negative, wells, np.exp(-np.exp(ln_f) * cells)).sum()

    best = minimize_scalar(loss, bounds=(-6, 3), method="bounded", options={"xatol": 1e-10}).x
    assert frequency(cells, wells, negative).f == pytest.approx(np.exp(best), rel=1e-6)


def test_the_interval_covers_and_the_slope_is_one():
    rng = np.random.default_rng(3)
    cells, f = np.array([0.3, 1.0, 3.0]), 0.4
    found = [frequency(cells, [96] * 3, rng.binomial(96, np.exp(-f * cells))) for _ in range(200)]
    covered = np.mean([e.low <= f <= e.high for e in found])
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200)
    slopes = [e.slope for e in found]
    assert abs(np.mean(slopes) - 1) < 4 * np.std(slopes) / np.sqrt(200) + 0.01
    assert np.mean([e.slope_low <= 1 <= e.slope_high for e in found]) > 0.9


def test_two_cells_needed_shows_in_the_slope():
    cells = np.array([0.5, 1.0, 2.0, 4.0])
    negative = np.round(2000 * np.exp(-cells) * (1 + cells))  # fewer than two cells in the well
    assert frequency(cells, [2000] * 4, negative).slope_low > 1.2


@pytest.mark.parametrize(
    ("plate", "kind", "message"),
    [
        (([1.0], [96], [0]), InputError, "some negative wells, and some that are not, got none negative"),
        (([1.0], [96], [96]), InputError, "got all negative"),
        (([0.0], [96], [3]), DataError, r"dose 1 \[cells\]: expected a number above 0"),
        (
            ([1.0, 3.0], [96, 96], [3, 97]),
            DataError,
            r"dose 2 \[negative\]: expected between 0 and the 96 wells",
        ),
        (([1.0, 3.0], [96], [3]), DataError, "one number of cells, wells and negative wells for each dose"),
    ],
)
def test_a_plate_that_says_nothing_is_refused(plate, kind, message):
    with pytest.raises(kind, match=message):
        frequency(*plate)
