"""Numbers of lots against distributions that others worked out."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln

from thymos.trial.lots_needed import all_served, at_least_one, least, least_amount, mean_of


@pytest.mark.parametrize("p", [0.3, 0.72, 0.97])
@pytest.mark.parametrize("patients", [1, 5, 12])
def test_one_dose_a_lot_is_the_negative_binomial(p, patients):
    chance = all_served(np.array([1 - p, p]), patients)
    lots = np.arange(1, len(chance) + 1)
    np.testing.assert_allclose(chance, stats.nbinom.cdf(lots - patients, patients, p), atol=1e-12)
    for assurance in (0.5, 0.9, 0.99):
        assert least(chance, assurance) == patients + stats.nbinom.ppf(assurance, patients, p)


def test_shared_lots_are_the_distribution_of_the_sum():
    # Doses of a lot are Poisson here, so those of L lots are Poisson with L times the mean.
    mean, patients = 0.8, 9
    pmf = stats.poisson.pmf(np.arange(60), mean)
    chance = all_served(pmf, patients)
    wanted = stats.poisson.sf(patients - 1, mean * np.arange(1, len(chance) + 1))
    np.testing.assert_allclose(chance, wanted, atol=1e-12)


def test_no_number_of_lots_makes_up_for_lots_that_never_succeed():
    assert least(all_served(np.array([1.0, 0.0]), 3, most=50), 0.9) == np.inf


def test_tries_of_one_donor_are_not_independent():
    # Donors whose lots succeed with chance Beta(a, b): all of k fail with chance B(a, b + k) / B(a, b).
    a, b, made, donors = 0.6, 0.4, 6, 200_000
    rng = np.random.default_rng(5)
    successes = rng.binomial(made, rng.beta(a, b, donors))
    for tried in range(1, made + 1):
        found = at_least_one(successes, np.full(donors, made), tried)
        wanted = 1 - np.exp(betaln(a, b + tried) - betaln(a, b))
        assert abs(found.mean() - wanted) < 4 * found.std() / np.sqrt(donors)
    independent = 1 - (b / (a + b)) ** made
    assert independent - at_least_one(successes, np.full(donors, made), made).mean() > 0.1


@pytest.mark.parametrize(("successes", "lots", "tried"), [(1, 4, 2), (2, 5, 3), (0, 3, 3), (3, 3, 1)])
def test_tries_of_one_donor_are_hypergeometric(successes, lots, tried):
    found = at_least_one(np.array([successes]), np.array([lots]), tried)
    assert found[0] == pytest.approx(1 - stats.hypergeom.pmf(0, lots, successes, tried), abs=1e-12)


def test_curves_that_ended_early_count_as_arrived():
    np.testing.assert_allclose(mean_of([np.array([0.5, 1.0]), np.array([0.1, 0.2, 0.4])]), [0.3, 0.6, 0.7])


def test_the_least_amount_is_the_first_that_is_enough():
    candidates = np.arange(1.0, 101.0)
    chance = stats.norm(50, 10).cdf
    assert least_amount(chance, candidates, 0.9) == np.ceil(stats.norm(50, 10).ppf(0.9))
    assert least_amount(lambda _: 0.0, candidates, 0.9) == np.inf
