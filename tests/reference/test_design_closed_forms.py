"""Designs, beliefs and the value of information against textbook answers."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from thymos.inference.design.aim import Aim, Outlook
from thymos.inference.design.belief import Prior, Reading, Runs, condition, known, log_likelihood
from thymos.inference.design.gain import Judge, truths
from thymos.inference.design.optimal import Choice
from thymos.inference.tempered import renew

NOTHING = np.full((2, 2), 1e-9)  # a prior so wide that it says nothing
ALL = np.array([0, 1])


def slopes_of(f, x):
    """Slopes (1, candidate, 1, parameter) of one reading."""
    return np.stack(f(x), axis=-1)[None, :, None, :]


def michaelis_menten(V=1.0, K=2.0):
    return lambda x: (x / (K + x), -V * x / (K + x) ** 2)


def test_d_optimal_michaelis_menten_doses_are_those_of_the_textbook():
    # Atkinson, Donev and Tobias 2007: half of the runs at the top dose, half at K x / (2 K + x).
    x, K = np.linspace(0.0, 10.0, 2001), 2.0
    best = Choice.of(slopes_of(michaelis_menten(K=K), x), NOTHING, ALL).best(6)
    assert sorted(x[best.place]) == pytest.approx([K * 10 / (2 * K + 10)] * 3 + [10.0] * 3, abs=0.005)


def test_d_optimal_times_of_a_decay_are_the_start_and_its_time_constant():
    # y = A exp(-k t): one run at 0 and one at 1/k (Box and Lucas 1959).
    t, k = np.linspace(0.0, 20.0, 4001), 0.4
    best = Choice.of(slopes_of(lambda t: (np.exp(-k * t), -t * np.exp(-k * t)), t), NOTHING, ALL).best(2)
    assert sorted(t[best.place]) == pytest.approx([0.0, 1 / k], abs=0.005)


def test_a_nuisance_parameter_moves_the_design_and_a_known_one_does_not():
    # Only k wanted. A known: all runs at 1/k. A unknown: c-optimal, and some run must be spent on A.
    t, k = np.linspace(0.0, 20.0, 4001), 0.4
    s = slopes_of(lambda t: (np.exp(-k * t), -t * np.exp(-k * t)), t)
    certain = Choice.of(s, np.diag([1e12, 1e-9]), np.array([1])).best(4)
    open_ = Choice.of(s, NOTHING, np.array([1])).best(4)
    assert t[certain.place] == pytest.approx(1 / k, abs=0.005)
    assert t[open_.place].min() < 0.01


def test_straight_line_a_optimal_weights_are_those_of_the_variances():
    # y = a + b x on [0, 1], A-optimal for (a, b): the share of runs at 0 is sqrt(2)/(sqrt(2) + 1).
    x = np.linspace(0.0, 1.0, 101)
    best = Choice.of(slopes_of(lambda x: (np.ones_like(x), x), x), NOTHING, ALL, "A").best(29)
    assert set(x[best.place]) == {0.0, 1.0}
    assert np.mean(x[best.place] == 0.0) == pytest.approx(np.sqrt(2) / (np.sqrt(2) + 1), abs=0.5 / 29)


def test_the_gain_of_an_optimal_design_is_the_information_of_normal_theory():
    # One parameter with prior sd 1 and n readings of slope s: half ln(1 + n s^2).
    best = Choice.of(np.full((1, 1, 1, 1), 0.7), np.eye(1), np.array([0])).best(5)
    assert best.gain.sum() == pytest.approx(0.5 * np.log(1 + 5 * 0.49))
    assert best.after == pytest.approx(1 / np.sqrt(1 + 5 * 0.49))


@pytest.fixture
def prior():
    rng = np.random.default_rng(4)
    members, sites = 3, 6
    return Prior(
        tuple(
            Reading(rng.normal(size=(members, sites)), 0.4 * rng.normal(size=(2, sites)), noise, missed)
            for noise, missed in ((0.2, 0.3), (0.1, 0.5))
        ),
        rng.random((sites, 2)),
        np.array([0.2, 0.5, 0.3]),
    )


@pytest.fixture
def runs():
    rng = np.random.default_rng(5)
    return Runs(np.array([0, 3, 3, 5]), np.array([0, 0, 1, 1]), rng.normal(size=(2, 4)))


def dense(prior, k, site, donor):
    """Covariance of runs written out element by element, Matern 5/2 and donors, apart from the noise."""
    r = prior.readings[k]
    found = np.empty((len(site), len(site)))
    for i, a in enumerate(site):
        for j, b in enumerate(site):
            h = np.sqrt(5) * np.linalg.norm(prior.x[a] - prior.x[b]) / prior.reach
            found[i, j] = r.discrepancy**2 * (1 + h + h**2 / 3) * np.exp(-h)
            found[i, j] += (donor[i] == donor[j]) * sum(d[a] * d[b] for d in r.donor)
    return found


def test_members_are_weighed_by_the_multivariate_normal_density(prior, runs):
    logs = np.zeros(3)
    for k, r in enumerate(prior.readings):
        c = dense(prior, k, runs.site, runs.donor) + r.noise**2 * np.eye(4)
        logs += [multivariate_normal.logpdf(runs.value[k], m[runs.site], c) for m in r.mean]
    assert log_likelihood(prior, runs) == pytest.approx(logs, abs=1e-6)
    weights = prior.weights * np.exp(logs)
    assert condition(prior, runs).weights == pytest.approx(weights / weights.sum(), rel=1e-6)


def test_readings_to_come_follow_the_conditional_normal_law(prior, runs):
    more = Runs(np.array([1, 5]), np.array([0, 2]), np.zeros((2, 2)))
    site, donor = np.concatenate([runs.site, more.site]), np.concatenate([runs.donor, more.donor])
    belief = condition(prior, runs)
    for k, r in enumerate(prior.readings):
        c = dense(prior, k, site, donor)
        seen = np.linalg.inv(c[:4, :4] + r.noise**2 * np.eye(4))
        mean = r.mean[:, more.site] + (runs.value[k] - r.mean[:, runs.site]) @ seen @ c[:4, 4:]
        assert belief.krigings[k].mean(more) == pytest.approx(mean, abs=1e-6)
        left = c[4:, 4:] - c[4:, :4] @ seen @ c[:4, 4:]
        assert belief.krigings[k].covariance(more, more) == pytest.approx(left, abs=1e-6)


# Two protocols far apart, both pure for certain; ln yield of each is normal. Only the first is measured.
TAU, SIGMA, FIRST, SECOND = 0.6, 0.5, 0.1, 0.0


@pytest.fixture
def two():
    mean = np.array([[FIRST, SECOND]])
    readings = (
        Reading(mean, np.zeros((1, 2)), SIGMA, TAU),
        Reading(np.full((1, 2), 50.0), np.zeros((1, 2)), 1.0, 1e-3),
    )
    prior = Prior(readings, np.array([[0.0], [1e3]]), np.ones(1))
    belief = known(prior, Runs.none(2), np.ones(1))
    aim = Aim(0.0, 0.9)
    return belief, aim, Outlook.of(belief, aim, np.array([0, 1]))


def value_of_information(sd):
    """E max(X, c) - max(E X, c), X log-normal with this sd of the logarithm (Black and Scholes 1973)."""
    m, c = np.exp(FIRST + TAU**2 / 2), np.exp(SECOND + TAU**2 / 2)
    d = (np.log(m / c) + sd**2 / 2) / sd
    return m * norm.cdf(d) + c * norm.cdf(sd - d) - max(m, c)


@pytest.mark.parametrize("repeats", [1, 2, 4, 16])
def test_the_gain_of_repeated_runs_is_that_of_the_closed_form(two, repeats):
    belief, aim, now = two
    exact = value_of_information(TAU**2 / np.sqrt(TAU**2 + SIGMA**2 / repeats))
    judge = Judge.of(belief, aim, now, 40_000, repeats, seed=2)
    found = judge.gain(np.zeros(repeats, np.intp), np.arange(repeats))
    # The standard error of 40 000 draws of a gain of this spread is 0.002.
    assert found == pytest.approx(exact, abs=0.008)


def test_the_loss_by_choosing_now_is_that_of_the_closed_form(two):
    belief, aim, now = two
    # Both are unknown here: the ratio of the two is log-normal with sd sqrt(2) tau (Margrabe 1978).
    m, c, sd = np.exp(FIRST + TAU**2 / 2), np.exp(SECOND + TAU**2 / 2), np.sqrt(2) * TAU
    d = (np.log(m / c) + sd**2 / 2) / sd
    exact = m * norm.cdf(d) - c * norm.cdf(d - sd) + c - m
    found = truths(belief, aim, now, 100_000, seed=3).regret(now.choice(aim.probability))
    assert found == pytest.approx(exact, abs=0.012)


def test_worth_and_holding_are_those_of_normal_donors():
    aim, one = Aim(0.4, 0.8), np.ones((2, 1))
    centre, donor = np.array([[1.2]]), 0.5 * one
    assert aim.holds(centre, donor, 0.3 * one)[0, 0] == pytest.approx(norm.cdf(0.8 / np.hypot(0.5, 0.3)))
    # Without doubt a protocol counts fully where 80 % of donors hold the purity, and not at all where they do not.
    log_yield = np.array([[0.7]])
    worth = [
        aim.worth(log_yield, 0.4 + 0.5 * norm.ppf(0.8) + np.array([[e]]), donor, 0 * one)[0, 0]
        for e in (-0.01, 0.01)
    ]
    assert worth == pytest.approx([0.0, np.exp(0.7 + 0.125)])


def test_a_forecast_of_one_normal_member_is_its_quantiles(two):
    belief, _, now = two
    z = norm.ppf(0.95) * TAU
    assert now.forecast(belief.weights, 0, 0) == pytest.approx((FIRST, FIRST - z, FIRST + z), abs=1e-6)


def test_renewed_members_have_the_posterior_of_a_linear_model():
    rng = np.random.default_rng(1)
    A = rng.normal(size=(6, 4))
    y = A @ rng.normal(size=4) + 0.1 * rng.normal(size=6)
    made = renew(
        lambda z: -0.5 * np.sum(((y - z @ A.T) / 0.1) ** 2, axis=1), rng.normal(size=(2000, 4)), 1, moves=5
    )
    precision = np.eye(4) + A.T @ A / 0.01
    sd = np.sqrt(np.linalg.inv(precision).diagonal())
    assert made.powers[-1] == 1.0
    # 2000 members of which some are copies: four standard errors of 500 independent ones.
    assert made.members.mean(axis=0) == pytest.approx(
        np.linalg.solve(precision, A.T @ y / 0.01), abs=4 * sd.max() / np.sqrt(500)
    )
    assert made.members.std(axis=0) == pytest.approx(sd, rel=0.13)
