"""Laws of proposals: what is never violated, what order and workers never change, and when a search stops."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.inference.design.aim import Aim, Outlook
from thymos.inference.design.belief import Prior, Reading, Runs, Scales, condition, known, learn, thin
from thymos.inference.design.gain import Judge, truths
from thymos.inference.design.proposal import Effort, Reason, Rules, propose
from thymos.inference.design.space import Factor, Space, factors_of
from thymos.lang.errors import StudyError

SITES, MEMBERS = 24, 60
EFFORT = Effort(truths=128, outcomes=16, verdict=32, contenders=12, batches=4, sweeps=1, swaps=3)
AIM = Aim(0.0, 0.8)


def toy(seed=0, spread=0.8, noise=0.2, missed=0.2, purity=2.0):
    """Members that differ in where the yield is highest, and by how much."""
    rng = np.random.default_rng(seed)
    x = rng.random((SITES, 2))
    top = rng.random((MEMBERS, 1, 2))
    gain = 1.0 + spread * (rng.normal(size=(MEMBERS, 1)) - 4 * ((x - top) ** 2).sum(axis=-1))
    pure = purity + 0.5 * spread * rng.normal(size=(MEMBERS, 1)) + 0 * gain
    readings = (
        Reading(gain, np.full((1, SITES), 0.3), noise, missed),
        Reading(pure, np.full((1, SITES), 0.5), noise, missed),
    )
    return Prior(readings, x, np.full(MEMBERS, 1 / MEMBERS))


def some_runs(seed, n=9):
    rng = np.random.default_rng(seed)
    value = rng.normal(size=(2, n)) + np.array([[0.5], [2.0]])
    value[1, rng.random(n) < 0.3] = np.nan  # purity was not measured in every vessel
    return Runs(rng.integers(SITES, size=n), rng.integers(3, size=n), value)


def proposal(prior, runs=None, budget=100.0, n=4, gain=0.01, regret=0.02, sites=None, costs=None):
    belief = learn(prior, runs or Runs.none(2))
    sites = np.arange(SITES) if sites is None else sites
    costs = np.ones(len(sites)) if costs is None else costs
    return propose(belief, AIM, sites, costs, np.array([0, 1]), Rules(n, budget, gain, regret), 1, EFFORT)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_no_batch_is_expected_to_lose(seed):
    belief = condition(toy(seed), some_runs(seed))
    now = Outlook.of(belief, AIM, np.arange(SITES))
    rng = np.random.default_rng(seed)
    judge = Judge.of(belief, AIM, now, 64, 6, seed)
    assert judge.gain(rng.integers(SITES, size=6), rng.integers(3, size=6)) >= 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_more_runs_are_never_expected_to_gain_less(seed):
    # 5000 draws: the standard error of each gain is about a hundredth of it.
    belief = known(toy(seed), Runs.none(2), np.full(MEMBERS, 1 / MEMBERS))
    now = Outlook.of(belief, AIM, np.arange(SITES)).contenders(belief.weights, AIM.probability, 6)
    judge = Judge.of(belief, AIM, now, 5000, 8, seed)
    gains = [judge.gain(np.resize(now.sites, n), np.arange(n)) for n in (1, 2, 4, 8)]
    assert all(b > 0.97 * a for a, b in pairwise(gains))
    assert gains[-1] > 1.2 * gains[0]
    # Knowing everything is worth at least as much.
    chosen = now.choice(AIM.probability)
    assert gains[-1] < 1.03 * truths(belief, AIM, now, 5000, seed).regret(chosen)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_order_of_runs_does_not_matter(seed):
    runs, order = some_runs(seed), np.random.default_rng(seed).permutation(9)
    moved = Runs(runs.site[order], runs.donor[order], runs.value[:, order])
    assert condition(toy(), moved).weights == pytest.approx(
        condition(toy(), runs).weights, rel=1e-6, abs=1e-12
    )


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_names_of_donors_do_not_matter(seed):
    runs = some_runs(seed)
    renamed = Runs(runs.site, np.array([7, 0, 4])[runs.donor], runs.value)
    assert condition(toy(), renamed).weights == pytest.approx(condition(toy(), runs).weights, rel=1e-9)


@settings(max_examples=20)
@given(st.permutations(range(SITES)))
def test_the_order_of_candidates_does_not_move_the_choice(order):
    prior = toy(3)
    belief = known(prior, Runs.none(2), prior.weights)
    sites = np.array(order)
    chosen = [
        int(now.sites[now.choice(AIM.probability)])
        for now in (Outlook.of(belief, AIM, np.arange(SITES)), Outlook.of(belief, AIM, sites))
    ]
    assert chosen[0] == chosen[1]


def test_a_proposal_is_the_same_twice():
    first, again = proposal(toy(), some_runs(1)), proposal(toy(), some_runs(1))
    assert first.batch.site.tolist() == again.batch.site.tolist()
    assert first.batch.gain == again.batch.gain


def test_fewer_members_say_the_same_as_all():
    belief = condition(toy(), some_runs(2))
    small, kept = thin(belief, 40, 1)
    assert len(kept) <= 40
    assert small.weights.sum() == pytest.approx(1.0)
    assert small.weights == pytest.approx(belief.weights[kept], abs=1 / 40)


@settings(max_examples=20)
@given(st.floats(0.5, 30.0), st.integers(1, 6), st.integers(0, 10_000))
def test_no_batch_costs_more_than_the_budget(budget, n, seed):
    costs = np.random.default_rng(seed).uniform(1.0, 9.0, SITES)
    made = proposal(toy(), budget=budget, n=n, costs=costs)
    if made.batch is None:
        assert made.reason is Reason.spent
    else:
        assert made.batch.cost == pytest.approx(costs[made.batch.site].sum())
        assert made.batch.cost <= budget
        assert 1 <= len(made.batch.site) <= n


def test_a_flat_problem_stops_and_a_steep_one_goes_on():
    flat = toy(spread=1e-6, missed=1e-6)
    assert proposal(flat).reason is Reason.settled
    assert proposal(toy()).reason is Reason.go_on


def test_a_batch_too_noisy_to_tell_anything_is_not_proposed():
    assert proposal(toy(noise=1e3, missed=0.0), regret=0.0).reason is Reason.little


def test_a_choice_that_does_not_hold_its_purity_is_not_settled():
    flat = toy(spread=1e-6, missed=1e-6, purity=0.1)
    made = proposal(flat)
    assert made.outlook.holds[made.chosen] < AIM.probability
    assert made.reason is not Reason.settled


def test_what_is_chosen_holds_its_purity_where_anything_does():
    prior = toy()
    pure = prior.readings[1].mean.copy()
    pure[:, ::2] = -2.0
    prior = Prior(
        (prior.readings[0], Reading(pure, prior.readings[1].donor, 0.2, 0.2)), prior.x, prior.weights
    )
    made = proposal(prior)
    assert made.site % 2 == 1


LIMIT = 60.0


def within(x):
    return x.sum(axis=1) <= LIMIT


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_points_are_inside_their_limits_and_keep_the_constraint(seed, n):
    space = Space(
        (Factor("a", 1.0, 50.0, log=True), Factor("b", 0.0, 40.0), *factors_of("c", [(0.0, 10.0, 30.0)])),
        within,
    )
    spread = space.spread(n, seed)
    for x in (spread, space.near(spread[:3], 5, 0.3, seed)):
        assert within(x).all()
        assert ((x >= [1.0, 0.0, 0.0]) & (x <= [50.0, 40.0, 30.0])).all()
        assert set(x[:, 2]) <= {0.0, 10.0, 30.0}
        assert len(np.unique(x, axis=0)) == len(x)
    assert len(spread) == n


def test_where_few_points_are_allowed_all_are_found():
    space = Space(factors_of("ab", [(0.0, 10.0, 50.0), (0.0, 20.0, 55.0)]), within)
    assert sorted(map(tuple, space.spread(100, 1))) == [(0, 0), (0, 20), (0, 55), (10, 0), (10, 20), (50, 0)]


def test_where_none_is_allowed_it_is_said():
    space = Space((Factor("a", 70.0, 90.0),), within)
    with pytest.raises(StudyError, match="some settings that keep every constraint, got none"):
        space.spread(4, 1)


@given(st.floats(0.011, 9e4))
def test_a_setting_has_two_digits(x):
    found = float(
        Factor("a", 0.01, 1e5, log=True).value(Factor("a", 0.01, 1e5, log=True).place(np.array([x])))[0]
    )
    assert found == pytest.approx(float(f"{x:.1e}"), rel=0.06)
    assert found == float(f"{found:.1e}")


def drawn_from(prior, scales, seed, donors=30):
    """Runs of a truth that has other spreads than the prior states: one run of each donor at some sites."""
    rng = np.random.default_rng(seed)
    site, donor = np.tile(np.arange(4), donors), np.repeat(np.arange(donors), 4)
    runs = Runs(site, donor, np.zeros((2, len(site))))
    truth, value = prior.scaled(scales), []
    for k, reading in enumerate(truth.readings):
        c = truth.covariance(k, runs, runs) + reading.noise**2 * np.eye(len(site))
        value.append(reading.mean[7, site] + np.linalg.cholesky(c) @ rng.standard_normal(len(site)))
    return Runs(site, donor, np.array(value))


@pytest.mark.parametrize("factors", [(0.5, 0.5), (1.0, 2.0), (2.0, 1.0)])
def test_the_spread_of_donors_is_learnt_from_many(factors):
    prior = toy(5)
    found = learn(prior, drawn_from(prior, Scales(1.0, factors), 1)).scales.donors
    # Thirty donors tell a standard deviation to an eighth; the steps between multiples are of 1.4.
    assert found == pytest.approx(factors, rel=0.45)


def test_a_wrong_mechanism_raises_the_discrepancy():
    prior = toy(5, missed=0.3)
    wrong = drawn_from(prior, Scales(1.0, (1.0, 1.0)), 2)
    moved = Runs(wrong.site, wrong.donor, wrong.value + 3.0 * np.sin(9 * prior.x[wrong.site, 0]))
    assert learn(prior, moved).scales.missed > 1
    assert learn(prior, wrong).scales.missed <= 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_other_multiple_is_likelier_than_the_one_learnt(seed):
    prior, runs = toy(seed), some_runs(seed)
    best = learn(prior, runs)

    def score(scales):
        return condition(prior.scaled(scales), runs).evidence - scales.surprise

    for which in (-1, 0, 1):
        assert score(best.scales) >= max(map(score, best.scales.alternatives(which))) - 1e-9


def test_without_runs_the_spreads_are_those_stated():
    assert learn(toy(), Runs.none(2)).scales == Scales(1.0, (1.0, 1.0))
