"""R-hat and effective sample size where the answer is known."""

import numpy as np
import pytest

from thymos.inference.convergence import effective, rhat

RNG = np.random.default_rng(0)


def test_independent_draws_are_worth_their_number():
    x = RNG.standard_normal((4, 5000))
    assert effective(x) == pytest.approx(20_000, rel=0.08)
    assert rhat(x) == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_correlated_draws_are_worth_less_by_the_closed_formula(rho):
    x = np.empty((4, 20_000))
    x[:, 0] = RNG.standard_normal(4)
    for i in range(1, x.shape[1]):
        x[:, i] = rho * x[:, i - 1] + np.sqrt(1 - rho**2) * RNG.standard_normal(4)
    assert effective(x) == pytest.approx(x.size * (1 - rho) / (1 + rho), rel=0.1)


def test_chains_that_never_met_are_told():
    x = RNG.standard_normal((4, 1000))
    assert rhat(x + np.array([[0.0], [0.0], [0.0], [1.0]])) > 1.1  # another place
    assert rhat(x * np.array([[1.0], [1.0], [1.0], [3.0]])) > 1.1  # another width
    assert rhat(x + np.linspace(0, 2, 1000)) > 1.1  # still on the way
