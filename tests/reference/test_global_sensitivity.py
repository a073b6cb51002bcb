"""Sobol indices and Shapley effects against closed forms; SALib's own Shapley effects as another hand."""

from itertools import permutations

import numpy as np
import pytest

from thymos.inference.shapley import shapley_effects, values
from thymos.inference.sobol import base_for, design, indices, screened
from thymos.lang.errors import DataError

# Ishigami and Homma 1990, with a = 7 and b = 0.1: variance and its parts in closed form.
A, B = 7.0, 0.1
FIRST = np.array([0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, 0.0])
JOINT = B**2 * np.pi**8 * (1 / 18 - 1 / 50)  # of the first and the third input together
VARIANCE = FIRST.sum() + JOINT
TOTAL = FIRST + np.array([JOINT, 0, JOINT])


def ishigami(x):
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def on_the_cube(u):
    return ishigami((2 * u - 1) * np.pi)[:, None]


def test_sobol_indices_of_the_ishigami_function():
    found = indices(3, on_the_cube(design(3, 2048, 0)), 0)
    # The standard error at 2048 base points is about 0.015, see the bootstrap intervals.
    assert found.first[:, 0] == pytest.approx(FIRST / VARIANCE, abs=0.04)
    assert found.total[:, 0] == pytest.approx(TOTAL / VARIANCE, abs=0.03)
    assert (found.first_low <= found.first).all()
    assert (found.total <= found.total_high).all()


def test_an_output_that_never_varies_has_no_sensitivity():
    found = indices(2, np.ones((4 * 8, 1)), 1)
    assert not found.first.any()
    assert not found.total.any()


def test_a_coarse_look_keeps_the_inputs_that_matter_and_the_rest_do_nothing():
    def function(u):
        return on_the_cube(u[:, [4, 11, 17]])

    found = screened(function, 20, always=(0,), most=3, bases=(64, 2048), seed=3)
    assert found.kept == (0, 4, 11, 17)
    total = found.indices.total[:, 0]
    assert total[1:4] == pytest.approx(TOTAL / VARIANCE, abs=0.05)
    assert total[[0, 4]] == pytest.approx(0, abs=1e-12)


def test_what_was_not_kept_is_seen_as_one_input():
    def function(u):
        return (u[:, [0]] + u[:, [1]]) * 1.0

    found = screened(function, 2, always=(1,), most=0, bases=(16, 2048), seed=3)
    assert found.indices.first[:, 0] == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_budget_buys_the_largest_power_of_two_that_it_pays_for():
    assert base_for(1000, 3) == 128  # 128 x 5 = 640, 256 x 5 = 1280
    assert base_for(1, 50) == 2


def test_shapley_effects_of_the_ishigami_function_from_given_draws():
    x = np.random.default_rng(5).uniform(-np.pi, np.pi, (1500, 3))
    found = shapley_effects([x[:, [i]] for i in range(3)], ishigami(x)[:, None], 5)
    closed = (FIRST + TOTAL) / 2 / VARIANCE
    # The regression leaves 3 % of the variance: x1 x3^4 needs higher products than it has.
    assert found.effect[:, 0] == pytest.approx(closed, abs=0.03)


def test_salib_finds_the_same_shapley_effects_by_trajectories():
    from SALib.analyze import shapley as analysis
    from SALib.sample import shapley as sampling

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-np.pi, np.pi]] * 3}
    points = sampling.sample(problem, 4000, seed=7)
    theirs = analysis.analyze(problem, points, ishigami(points))
    x = np.random.default_rng(5).uniform(-np.pi, np.pi, (1500, 3))
    ours = shapley_effects([x[:, [i]] for i in range(3)], ishigami(x)[:, None], 5)
    assert ours.effect[:, 0] == pytest.approx(np.asarray(theirs["shapley_normalized"]), abs=0.05)


def gaussian_shapley(weights, covariance):
    """Owen and Prieur 2017: by all orders, with conditional variances of a normal law."""
    k, variance = len(weights), weights @ covariance @ weights

    def explained(known):
        known, other = list(known), [i for i in range(k) if i not in known]
        if not known or not other:
            return float(bool(known))
        across = covariance[np.ix_(other, known)]
        left = covariance[np.ix_(other, other)] - across @ np.linalg.solve(
            covariance[np.ix_(known, known)], across.T
        )
        return 1 - weights[other] @ left @ weights[other] / variance

    found = np.zeros(k)
    orders = list(permutations(range(k)))
    for order in orders:
        for i in range(k):
            found[order[i]] += (explained(order[: i + 1]) - explained(order[:i])) / len(orders)
    return found


@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.8])
def test_shapley_effects_of_dependent_normal_inputs(correlation):
    covariance = np.array([[1.0, 0, 0], [0, 1, 2 * correlation], [0, 2 * correlation, 4]])
    weights = np.array([1.0, 1.0, 0.5])
    x = np.random.default_rng(2).multivariate_normal(np.zeros(3), covariance, 1500)
    found = shapley_effects([x[:, [i]] for i in range(3)], (x @ weights)[:, None], 2)
    assert found.effect[:, 0] == pytest.approx(gaussian_shapley(weights, covariance), abs=0.02)
    assert found.explained == pytest.approx(1, abs=1e-3)


def test_the_glove_game():
    # Two left gloves and a right one make one pair; Shapley 1953: 1/6, 1/6, 2/3.
    game = np.array([bool(c & 0b100) and bool(c & 0b011) for c in range(8)], dtype=float)[:, None]
    assert values(game)[:, 0] == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_too_many_players_are_refused_with_what_to_do():
    with pytest.raises(DataError, match="expected 1 to 10 players, got 11") as problem:
        shapley_effects([np.zeros((64, 1))] * 11, np.zeros((64, 1)), 1)
    assert "join the weakest" in str(problem.value)
