"""Scores against closed forms of the normal distribution, and against numbers worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from thymos.inference.scores import (
    crps,
    crps_of_quantiles,
    fold_error,
    inside,
    log_score,
    ranks,
    scores,
    uniformity,
    within_fold,
)
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

SEEN = np.array([0.0, 1.0, -2.5, 0.3])
LEVELS = np.arange(0.005, 1, 0.01)


def standard(draws=20_000, n=4, seed=1):
    return stream(seed, "test.scores").standard_normal((draws, n))


def gaussian_crps(y):
    """Gneiting and Raftery 2007, equation 21, for the standard normal."""
    return y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)


def test_crps_of_a_gaussian_sample_is_the_closed_form():
    np.testing.assert_allclose(
        crps(standard(), SEEN), gaussian_crps(SEEN), atol=0.012
    )  # 1/sqrt(20,000), and some


def test_crps_of_quantiles_is_the_closed_form():
    quantiles = np.repeat(norm.ppf(LEVELS)[:, None], len(SEEN), axis=1)
    # One hundred levels leave out the far tails.
    np.testing.assert_allclose(crps_of_quantiles(LEVELS, quantiles, SEEN), gaussian_crps(SEEN), atol=0.005)


def test_crps_of_a_certain_forecast_is_its_error():
    np.testing.assert_allclose(crps(np.full((50, 2), 1.0), [3.0, 1.0]), [2.0, 0.0], atol=1e-12)


def test_log_score_of_a_gaussian_sample_is_minus_the_log_density():
    # The kernel widens a standard normal by 1.06 * 20,000^-0.2 = 0.146, its variance by 2 %.
    np.testing.assert_allclose(
        log_score(standard(), SEEN), -norm.logpdf(SEEN, 0, np.hypot(1, 0.146)), atol=0.12
    )


def test_a_value_far_outside_all_draws_costs_much_but_not_infinitely_much():
    found = log_score(standard(2000, 2), [60.0, 600.0])
    assert np.isfinite(found).all()
    assert 1000 < found[0] < found[1]


def test_below_the_limit_the_log_score_is_that_of_a_probability():
    draws = np.array([[0.0], [0.0], [1.0], [5.0]])
    # Two of four draws lie at the limit or below, with half a draw added to each side.
    np.testing.assert_allclose(log_score(draws, [0.0], floor=0.0), -np.log(2.5 / 5))


def test_a_censored_value_is_not_a_low_number():
    """Where, below the limit, the value or the draws lie changes no score."""
    draws = standard(500, 3)
    deep = np.where(draws < 0, draws - 7, draws)
    assert scores(draws, [-1.0, 0.5, -0.2], floor=0.0) == scores(deep, [-9.0, 0.5, -0.7], floor=0.0)


def test_central_intervals_of_a_gaussian():
    low, high = norm.ppf([0.1, 0.9])
    seen = np.array([low - 0.05, low + 0.05, high - 0.05, high + 0.05])
    assert inside(standard(), seen, 0.80).tolist() == [False, True, True, False]


@pytest.mark.parametrize("share", [0.8, 0.95])
def test_intervals_hold_their_share_of_values_from_the_same_law(share):
    held = inside(standard(2000, 4000), standard(1, 4000, seed=2)[0], share).mean()
    assert held == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 4000))


def test_a_true_forecast_scores_better_than_a_wider_a_narrower_or_a_shifted_one():
    """Proper: no hedge pays."""
    draws, seen = standard(400, 3000), standard(1, 3000, seed=2)[0]
    true = scores(draws, seen)
    for other in (draws * 2, draws / 2, draws + 0.7):
        false = scores(other, seen)
        assert true.crps < false.crps
        assert true.log_score < false.log_score


def test_fold_errors_by_hand():
    predicted, seen = np.log([100.0, 100.0, 100.0]), np.log([100.0, 400.0, 50.0])
    assert fold_error(predicted, seen) == pytest.approx((1 * 4 * 2) ** (1 / 3))
    assert within_fold(predicted, seen) == pytest.approx(2 / 3)
    assert within_fold(predicted, seen, fold=5) == 1


def test_ranks_count_the_draws_below():
    draws = np.array([[1.0, 9.0], [2.0, 9.0], [3.0, 9.0]])
    assert ranks(draws, [2.5, 0.0]).tolist() == [2, 0]


def test_ranks_of_a_conjugate_posterior_are_uniform_and_of_a_wrong_one_are_not():
    """mu ~ N(0, 1), y | mu ~ N(mu, 1): mu | y ~ N(y / 2, 1/2).  Talts 2018, section 3."""
    rng = stream(3, "test.ranks")
    mu = rng.standard_normal(2000)
    y = mu + rng.standard_normal(2000)
    z = rng.standard_normal((99, 2000))
    assert uniformity(ranks(y / 2 + z * np.sqrt(0.5), mu), 99) > 0.01
    assert uniformity(ranks(y / 2 + z * np.sqrt(0.2), mu), 99) < 1e-6


def test_too_few_ranks_for_the_bins_are_refused():
    with pytest.raises(DataError, match="at least 5 expected in each bin, got 2"):
        uniformity(np.arange(40), 99)


@pytest.mark.parametrize(
    ("draws", "seen", "message"),
    [
        (np.zeros((5, 2)), [1.0], r"got \(5, 2\) beside \(1,\)"),
        (np.zeros(5), [1.0], r"got \(5,\) beside \(1,\)"),
        (np.zeros((0, 2)), [1.0, 1.0], r"got \(0, 2\)"),
        (np.full((5, 1), np.nan), [1.0], "got nan or inf"),
        (np.zeros((5, 1)), [-np.inf], "raise 0 to the limit"),
    ],
)
def test_what_cannot_be_scored_is_said(draws, seen, message):
    with pytest.raises(DataError, match=message):
        scores(draws, seen)
