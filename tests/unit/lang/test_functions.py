"""Smooth functions, for symbols and numbers alike."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from thymos.lang import derivative, exp, hill, log, maximum, minimum, positive, sigmoid

real = st.floats(-1e3, 1e3)


@given(real)
def test_positive_is_above_max_by_at_most_half_its_width(x: float) -> None:
    smooth = float(positive(x, within=0.1))
    assert max(x, 0) <= smooth + 1e-12
    assert smooth <= max(x, 0) + 0.05 + 1e-12


@given(real, real)
def test_maximum_and_minimum_add_up(a: float, b: float) -> None:
    assert float(maximum(a, b) + minimum(a, b)) == pytest.approx(a + b, abs=1e-9)


def test_hill_is_half_at_its_half() -> None:
    assert hill(0.0, 2.0) == 0
    assert hill(2.0, 2.0) == 0.5
    assert hill(2.0, 2.0, 3) == 0.5


def test_one_curve_serves_symbols_and_numbers() -> None:
    x = sympy.Symbol("x")
    written = sigmoid(x) + log(exp(x))
    assert float(written.subs(x, 0.3)) == pytest.approx(float(sigmoid(0.3) + log(exp(0.3))))
    assert derivative(x**2, x) == 2 * x
    assert np.allclose(exp(np.array([0.0, 1.0])), [1, np.e])
