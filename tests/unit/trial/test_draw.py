"""Draws from the distributions of a study file."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from thymos.io.distribution import Distribution
from thymos.io.quantity import Age
from thymos.trial.draw import draw

SHAPES = {
    "fixed": ({"kind": "fixed", "value": "3 year"}, 3.0, 3.0),
    "uniform": ({"kind": "uniform", "low": "1 year", "high": "5 year"}, 1.0, 5.0),
    "lognormal": (
        {"kind": "lognormal", "median": "2 year", "cv": 0.5, "low": "1 year", "high": "4 year"},
        1.0,
        4.0,
    ),
    "normal": (
        {"kind": "normal", "mean": "40 year", "sd": "10 year", "low": "18 year", "high": "70 year"},
        18.0,
        70.0,
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_draws_stay_within_their_limits(name: str) -> None:
    said, low, high = SHAPES[name]
    shape = TypeAdapter(Distribution[Age]).validate_python(said)
    drawn = draw(shape, np.random.default_rng(0), 2000)
    assert drawn.min() >= low
    assert drawn.max() <= high


def test_the_median_of_a_cut_lognormal_between_even_limits_is_its_median() -> None:
    said = SHAPES["lognormal"][0]
    drawn = draw(TypeAdapter(Distribution[Age]).validate_python(said), np.random.default_rng(1), 20_000)
    assert np.median(drawn) == pytest.approx(2, rel=0.02)


def test_a_mixture_and_a_choice_keep_their_shares() -> None:
    mixture = {
        "kind": "mixture",
        "parts": [
            {"weight": 0.25, "of": {"kind": "fixed", "value": "1 year"}},
            {"weight": 0.75, "of": {"kind": "uniform", "low": "20 year", "high": "30 year"}},
        ],
    }
    choice = {
        "kind": "choice",
        "options": [{"value": "1 year", "weight": 0.25}, {"value": "2 year", "weight": 0.75}],
    }
    for said in (mixture, choice):
        drawn = draw(TypeAdapter(Distribution[Age]).validate_python(said), np.random.default_rng(2), 20_000)
        assert np.mean(drawn == 1) == pytest.approx(0.25, abs=0.012)
