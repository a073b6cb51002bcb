"""Weights of least surprise: closed forms, what cannot be reached, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.inference.importance import worth
from thymos.inference.tilting import tilt

NORMAL = np.random.default_rng(4).standard_normal((40_000, 1))


def test_a_normal_moved_to_another_mean_is_tilted_by_that_mean():
    # exp(m x) tilts N(0, 1) to N(m, 1); E w^2/(E w)^2 = e^(m^2), so the effective share is e^(-m^2).
    found = tilt(NORMAL, np.array([0.8]))
    slope = np.polyfit(NORMAL[:, 0], np.log(found.weights), 1)[0]
    assert slope == pytest.approx(
        0.8, abs=0.02
    )  # the sample's own mean and variance are off by half a percent
    assert found.effective / len(NORMAL) == pytest.approx(np.exp(-0.64), rel=0.03)


def test_a_share_is_reached_by_one_factor_and_the_effective_number_is_known():
    # Half of the sample to a share s: n_eff = n / (2 (s^2 + (1 - s)^2)).
    half = np.repeat([0.0, 1.0], 500)[:, None]
    found = tilt(half, np.array([0.8]))
    assert found.weights[-1] / found.weights[0] == pytest.approx(4)
    assert found.effective == pytest.approx(1000 / (2 * (0.64 + 0.04)))


def test_the_effective_number_is_that_of_kish():
    w = tilt(NORMAL, np.array([0.5])).weights
    assert worth(w) == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert worth(np.full(50, 0.02)) == pytest.approx(50)


def test_of_all_weights_with_the_same_means_these_have_the_most_entropy():
    found = tilt(NORMAL[:300], np.array([0.4])).weights
    rng = np.random.default_rng(1)
    for _ in range(50):
        # A step that keeps the sum and the mean.
        step = rng.standard_normal(300)
        basis = np.stack([np.ones(300), NORMAL[:300, 0]], axis=1)
        step -= basis @ np.linalg.lstsq(basis, step, rcond=None)[0]
        other = found + 1e-4 * step / np.abs(step).max() * found.min()
        assert -(other @ np.log(other)) < -(found @ np.log(found))


def test_a_target_outside_says_how_near_it_comes():
    found = tilt(NORMAL, np.array([9.0]))
    assert not found.possible
    assert found.reached[0] == pytest.approx(NORMAL.max())
    assert found.gap[0] == pytest.approx(9 - NORMAL.max())


def test_targets_that_contradict_each_other_are_told_from_those_that_can_be_met():
    below = (NORMAL < 0).astype(float)
    moments = np.hstack([below, 1 - below, NORMAL])
    found = tilt(moments, np.array([0.3, 0.5, 0.2]))
    assert found.gap.sum() == pytest.approx(0.2, abs=1e-6)
    assert tilt(moments, np.array([0.3, 0.7, 0.2])).possible


def test_figures_that_hold_already_leave_everyone_alike():
    found = tilt(NORMAL, NORMAL.mean(axis=0))
    assert np.ptp(found.weights) < 1e-9
    assert found.effective == pytest.approx(len(NORMAL))


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(-0.7, 0.7), st.floats(0.01, 100), st.integers(0, 5))
def test_unit_and_order_do_not_matter(share, mean, unit, seed):
    order = np.random.default_rng(seed).permutation(2000)
    x = NORMAL[:2000]
    moments = np.hstack([(x < 0.1).astype(float), x])
    # Both at once can only be had where the mean lies on the side of the share.
    targets = np.array([share, mean])
    found, other = tilt(moments, targets), tilt(moments[order] * [1, unit], targets * [1, unit])
    if found.possible and found.effective > 20:
        assert other.weights == pytest.approx(found.weights[order], rel=1e-3, abs=1e-9)
        assert found.weights @ moments == pytest.approx(targets, abs=1e-5)
    assert found.possible == other.possible
