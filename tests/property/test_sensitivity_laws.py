"""Laws of shares of a variance and of the worth of data, on toys and on simulated twins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.inference.shapley import shapley_effects
from thymos.inference.smooth import smooth
from thymos.inference.worth import worth
from thymos.therapy.posterior import NOTHING
from thymos.therapy.sampling import Block, values_of
from thymos.trial.headlines import HEADLINES
from thymos.trial.measurements import DAYS, MEASUREMENTS, OUTPUTS, READINGS, measured
from thymos.trial.pairs import Pairs
from thymos.trial.population import models_of, population, under
from thymos.trial.run import load_study
from thymos.trial.same_patients import Twins
from thymos.trial.uncertain import draws, uncertain


def toy(seed, n=200):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4)) @ rng.standard_normal((4, 4))
    return rng, x, np.column_stack([x[:, 0] * x[:, 1] + x[:, 2], np.exp(x[:, 3] / 4)])


@given(seed=st.integers(0, 1000))
@settings(max_examples=3)
def test_shapley_effects_add_up_to_what_all_explain_and_none_is_negative(seed):
    _, x, y = toy(seed)
    found = shapley_effects([x[:, [0]], x[:, 1:3], x[:, [3]]], y, seed)
    assert found.effect.sum(axis=0) == pytest.approx(found.explained)
    assert (found.effect >= 0).all()
    assert (found.explained <= 1).all()


@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_a_measurement_of_pure_noise_is_worth_nothing(seed):
    rng, _, y = toy(seed)
    found = worth(y, [rng.standard_normal((len(y), 2)) for _ in range(4)], seed)
    # By chance alone the best of many penalties may explain a few percent of the variance of 200 draws.
    assert (found.cut < 0.03).all()
    assert found.width == pytest.approx(found.width_before, rel=0.25)


@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_more_patients_are_worth_more(seed):
    rng, x, _ = toy(seed)
    wanted = x[:, [0]] / x[:, 0].std()
    cuts = [
        worth(wanted, [wanted + 3 * rng.standard_normal(wanted.shape) / np.sqrt(n) for _ in range(4)], 1).cut[
            0
        ]
        for n in (3, 12, 48)
    ]
    assert cuts[0] < cuts[1] < cuts[2]


@given(seed=st.integers(0, 1000))
@settings(max_examples=3)
def test_the_scale_on_which_a_feature_is_written_does_not_matter(seed):
    _, x, y = toy(seed)
    same = smooth(x, y).residual
    # Exact powers of two keep ranks and ties; a cube keeps the order.
    assert np.array_equal(smooth(8.0 * x, y).residual, same)
    assert np.allclose(smooth(x**3, y).residual, same)


@pytest.fixture(scope="module")
def study():
    return load_study("scid-haplo")


def test_patients_under_one_value_for_all_are_those_of_the_population(study):
    block = Block(3, 1, 12)
    known = {name: row.value for name, row in values_of(models_of(study)).items()}
    usual = population(study, 5, block, known, NOTHING)
    ours = under({}, study, 5, block, np.arange(12))
    for mine, theirs in ((ours.parameters, usual.parameters), (ours.covariates, usual.covariates)):
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_a_patient_under_other_values_keeps_ranks_covariates_and_chances(study):
    block, which = Block(0, 0, 4), np.array([2, 2, 0])
    found = under({"homing.homing_fraction": np.array([1e-3, 4e-3, 1e-3])}, study, 5, block, which)
    h = found.parameters["homing.homing_fraction"]
    assert h[1] > h[0]
    for name in ("age", "weight", "graft_t_cells", "gvhd_threshold"):
        assert found.covariates[name][0] == found.covariates[name][1] != found.covariates[name][2]


def test_twins_are_the_same_bits_for_any_number_of_workers(study):
    values = draws(uncertain(study), 40, 3)
    one, many = (Twins(study, 3, 120.0, n).on_average(values, HEADLINES[:1], 30) for n in (1, 3))
    assert np.array_equal(one, many)
    other = Twins(study, 4, 120.0, 1).on_average(values, HEADLINES[:1], 30)
    assert not np.array_equal(one, other)


def test_a_label_is_seen_only_where_cells_home(study):
    values = draws(uncertain(study), 8, 3)
    place = READINGS.index(("label", 100.0))
    pairs = Pairs(study, 3, DAYS, OUTPUTS)
    given_cells = measured(pairs, values, "treated", 4)
    nothing = measured(pairs, values, "untreated", 4)
    assert nothing.below[:, :, place].all()
    assert not given_cells.below[:, :, place].all()
    assert not nothing.failed.any()


def test_every_measurement_can_be_read(study):
    for m in MEASUREMENTS:
        assert all((quantity, m.day) in READINGS for quantity in m.quantities)
