"""Intervals: between draws what we do not know, within them chance."""

import numpy as np
import pytest

from thymos.trial.interval import Draws, difference, probability, quantity, spread_of_means

of = Draws.of


def patients(between: float, draws: int, each: int, seed: int) -> tuple[np.ndarray, Draws]:
    rng = np.random.default_rng(seed)
    middle = between * rng.standard_normal(draws)
    return (np.repeat(middle, each) + rng.standard_normal(draws * each)), of(
        np.repeat(np.arange(draws), each)
    )


def test_the_variance_between_draws_is_freed_of_chance() -> None:
    found = [spread_of_means(*patients(0.5, 100, 10, seed)) for seed in range(40)]
    assert np.mean([sd**2 for _, sd, _ in found]) == pytest.approx(0.25, rel=0.1)
    assert np.mean([chance for *_, chance in found]) == pytest.approx(1 / np.sqrt(1000), rel=0.05)


def test_without_a_difference_between_draws_only_chance_is_left() -> None:
    found = [spread_of_means(*patients(0.0, 100, 10, seed))[1] for seed in range(40)]
    assert np.median(found) < 0.1


def test_one_patient_in_each_draw_says_nothing_of_the_draws() -> None:
    values, draw = patients(1.0, 200, 1, 0)
    assert spread_of_means(values, draw)[1] == 0


def test_intervals_of_a_probability_cover_it() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(300):
        share = rng.beta(6, 4, size=80)
        happened = rng.random((80, 12)) < share[:, None]
        found = probability(happened.ravel(), of(np.repeat(np.arange(80), 12)))
        truth = rng.beta(6, 4)
        hits += found["low"] <= truth <= found["high"]
    assert 0.90 <= hits / 300 <= 0.99


@pytest.mark.parametrize("happened", [np.zeros(50, bool), np.ones(50, bool)])
def test_never_and_always_keep_an_interval(happened: np.ndarray) -> None:
    found = probability(happened, of(np.repeat(np.arange(5), 10)))
    assert found["p"] == happened.mean()
    assert found["low"] <= found["p"] <= found["high"]
    assert found["high"] - found["low"] > 0.01


def test_a_difference_keeps_its_skew_and_its_sign() -> None:
    rng = np.random.default_rng(2)
    gain = np.repeat(np.exp(rng.standard_normal(200)), 10)
    twin = 100 * np.exp(rng.standard_normal(2000))
    found = difference(twin + gain, twin, of(np.repeat(np.arange(200), 10)), "cell/uL")
    assert 0 < found["low"] < found["median"] < found["high"]
    assert found["high"] - found["median"] > found["median"] - found["low"]


def test_missing_values_are_left_out_and_none_is_null() -> None:
    assert quantity([1.0, np.nan, 3.0], "day")["median"] == 2
    assert quantity([np.nan], "day") == {"median": None, "low": None, "high": None, "unit": "day"}


@pytest.mark.parametrize("skewed", [True, False])
def test_intervals_of_a_difference_cover_the_population_difference(skewed: bool) -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        *middle, truth = np.exp(rng.standard_normal(101)) if skewed else rng.standard_normal(101)
        apart = np.repeat(middle, 10) + rng.standard_normal(1000)
        found = difference(apart, np.zeros(1000), of(np.repeat(np.arange(100), 10)), "")
        hits += found["low"] <= truth <= found["high"]
    assert 0.91 <= hits / 400 <= 0.985  # 95 % and three standard errors, rounded outwards
