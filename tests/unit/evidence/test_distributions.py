import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.evidence.distributions import (
    KINDS,
    Distribution,
    Fixed,
    LogitNormal,
    LogNormal,
    LogUniform,
    Normal,
    Uniform,
    numbers_of,
)
from thymos.lang.streams import stream

EXAMPLES: dict[str, tuple[Distribution, float]] = {
    "fixed": (Fixed(), 2.0),
    "lognormal": (LogNormal(0.5), 2.0),
    "normal": (Normal(0.5), 2.0),
    "logitnormal": (LogitNormal(1.2), 0.8),
    "uniform": (Uniform(1.0, 3.0), 2.0),
    "loguniform": (LogUniform(1.0, 4.0), 2.0),
}


def test_every_kind_has_an_example():
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_half_of_the_draws_lie_below_the_median(kind):
    shape, median = EXAMPLES[kind]
    assert shape.quantile(0.5, median) == pytest.approx(median)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "fixed"])
@given(u=st.floats(0.001, 0.999))
def test_share_undoes_quantile(kind, u):
    shape, median = EXAMPLES[kind]
    assert shape.share(shape.quantile(u, median), median) == pytest.approx(u, abs=1e-9)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "fixed"])
def test_interval_holds_its_share_of_draws(kind):
    shape, median = EXAMPLES[kind]
    drawn = shape.draw(stream(7, "test.interval"), median, 20_000)
    low, high = shape.interval(median)
    assert np.mean((low < drawn) & (drawn < high)) == pytest.approx(0.95, abs=0.005)


def test_coefficient_of_variation_is_the_one_asked_for():
    drawn = LogNormal(0.4).draw(stream(7, "test.cv"), 3.0, 200_000)
    assert drawn.std() / drawn.mean() == pytest.approx(0.4, rel=0.02)
    assert np.median(drawn) == pytest.approx(3.0, rel=0.01)


def test_medians_broadcast_against_draws():
    u = np.array([[0.5], [0.9]])
    assert LogNormal(0.3).quantile(u, np.array([1.0, 2.0, 3.0])).shape == (2, 3)
    assert Fixed().quantile(u, np.array([1.0, 2.0, 3.0])).shape == (2, 3)


def test_shares_stay_between_zero_and_one():
    drawn = LogitNormal(5.0).draw(stream(7, "test.shares"), 0.99, 10_000)
    assert ((drawn >= 0) & (drawn <= 1)).all()


def test_share_knows_the_ends_of_zero_to_one():
    assert LogitNormal(1.0).share(0.0, 0.5) == 0
    assert LogitNormal(1.0).share(1.0, 0.5) == 1


@pytest.mark.parametrize(
    ("shape", "median", "wanted"),
    [
        (LogNormal(0.5), 0.0, "above 0"),
        (LogitNormal(0.5), 1.0, "above 0 and below 1"),
        (Uniform(1, 2), 3.0, "between 1 and 2"),
        (LogUniform(1, 2), 0.5, "between 1 and 2"),
    ],
)
def test_a_median_that_cannot_be_is_refused(shape, median, wanted):
    assert wanted in shape.refuses(median)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_unit_scales_every_draw(kind):
    shape, median = EXAMPLES[kind]
    if kind != "logitnormal":  # a share has no other unit
        scaled = shape.rescaled(24.0).quantile(0.9, 24.0 * median)
        assert scaled == pytest.approx(24.0 * shape.quantile(0.9, median))


@pytest.mark.parametrize(
    ("shape", "median", "width"),
    [
        (Fixed(), 5.0, 1.0),
        (Normal(10.0), 1.0, math.inf),
        (Normal(0.1), -1.0, 1.196 / 0.804),
        (LogitNormal(1.0), 0.94, math.exp(2 * 1.96)),
    ],
)
def test_width_of_the_interval(shape, median, width):
    assert shape.width(median) == pytest.approx(width, rel=1e-3)


def test_numbers_a_kind_asks_for():
    assert numbers_of("fixed") == ()
    assert numbers_of("loguniform") == ("low", "high")
