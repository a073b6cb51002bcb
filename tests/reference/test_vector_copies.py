"""Copies per cell against scipy's laws and against cells drawn one by one."""

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from thymos.biology.culture.copies import SAFE, relative_dose, share_above, share_with, without

CELLS = 200_000
MEANS = np.array([0.05, 0.357, 1.0, 1.9, 2.3, 8.0])


def test_poisson_copies_are_scipys():
    for n in range(8):
        assert share_with(n, MEANS) == pytest.approx(poisson.pmf(n, MEANS), rel=1e-12)
    assert share_above(SAFE, MEANS) == pytest.approx(poisson.sf(SAFE, MEANS), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("spread", [0.05, 0.5, 2.0])
def test_overdispersed_copies_are_scipys_negative_binomial(spread):
    law = nbinom(1 / spread, 1 / (1 + spread * MEANS))
    assert law.var() == pytest.approx(MEANS * (1 + spread * MEANS), rel=1e-12)
    for n in range(8):
        assert share_with(n, MEANS, spread) == pytest.approx(law.pmf(n), rel=1e-10)
    assert share_above(SAFE, MEANS, spread) == pytest.approx(law.sf(SAFE), rel=1e-9, abs=1e-14)


def test_the_negative_binomial_without_spread_is_the_poisson_law():
    # The two differ by a mean^2 / 2 to first order: here 3e-7 of the share at most.
    assert without(MEANS, 1e-8) == pytest.approx(without(MEANS), rel=1e-6)


def test_published_shares_are_the_published_copies():
    # C085 and C088: 80-90 % of cells are 1.61-2.30 copies; C087: 30 % of resting cells are 0.357.
    assert 1 - without(np.array([1.609438, 2.302585, 0.356675])) == pytest.approx([0.8, 0.9, 0.3], abs=1e-6)


def test_cells_drawn_one_by_one_are_without_a_copy_as_often():
    rng = np.random.default_rng(1)
    resting, means = 0.6, (0.3, 1.9)
    n = int(CELLS * resting)
    drawn = np.concatenate([rng.poisson(means[0], n), rng.poisson(means[1], CELLS - n)])
    none = resting * without(means[0]) + (1 - resting) * without(means[1])
    assert np.mean(drawn == 0) == pytest.approx(none, abs=4 * np.sqrt(none * (1 - none) / CELLS))
    # Each copy is expressed by a coin of its own: a thinned law is the same law of a smaller mean.
    seen = rng.binomial(drawn, 0.7)
    silent = resting * without(0.7 * means[0]) + (1 - resting) * without(0.7 * means[1])
    assert np.mean(seen == 0) == pytest.approx(silent, abs=4 * np.sqrt(silent * (1 - silent) / CELLS))


def test_thinned_overdispersed_copies_keep_their_overdispersion():
    rng = np.random.default_rng(2)
    mean, spread, kept = 1.9, 0.5, 0.6
    drawn = rng.binomial(rng.poisson(rng.gamma(1 / spread, mean * spread, CELLS)), kept)
    none = without(kept * mean, spread)
    assert np.mean(drawn == 0) == pytest.approx(none, abs=4 * np.sqrt(none * (1 - none) / CELLS))


def test_no_vector_is_exactly_no_dose():
    assert relative_dose(0.0, 0.5) == 0
    assert relative_dose(np.array([1.0, 4.0]), 0.5) == pytest.approx([1, 2], rel=1e-12)
