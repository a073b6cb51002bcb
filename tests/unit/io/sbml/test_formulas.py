"""Formulas, read back by libSBML as a person would write them."""

from typing import Any

import libsbml
import pytest
import sympy

from thymos.io.sbml.formulas import Formulas
from thymos.lang.errors import DefinitionError

T, X, A, B = sympy.symbols("t model.x model.a b", real=True)
FORMULAS = Formulas(T, {X: "x", A: "a", B: "b"}, {T, X})


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (X - A, "x - a"),
        (-X, "-x"),
        (-X - A, "-(a + x)"),
        (A / X, "a / x"),
        (2 * A / (3 * X * B), "2 * a / (3 * b * x)"),
        (X / 2, "x / 2"),
        (A * X**2, "a * x^2"),
        (X**-2, "1 / x^2"),
        (sympy.sqrt(X), "sqrt(x)"),
        (X ** sympy.Rational(3, 2), "sqrt(x)^3"),
        (sympy.exp(-T / A), "exp(-(time / a))"),
        (sympy.log(X), "ln(x)"),
        (X**A, "max(x, 1e-100)^a"),
        (B**A, "b^a"),
        (B ** sympy.Rational(-1, 4), "1 / b^(1 / 4)"),
        (sympy.Float(0.25) * X, "0.25 * x"),
        (3 * 10**9 * X, "3000000000 * x"),
        (sympy.pi * X, "3.14159265358979 * x"),
    ],
)
def test_an_expression_reads_as_it_would_be_written(expression: Any, said: str) -> None:
    found = libsbml.formulaToL3String(FORMULAS.of(expression))
    assert found.replace(" dimensionless", "") == said


def test_every_number_is_dimensionless() -> None:
    text = libsbml.writeMathMLToString(FORMULAS.of((X + 2) ** 3 / 7 + 0.5))
    assert text.count("<cn ") == text.count('sbml:units="dimensionless"') == 4


def test_a_function_that_no_model_may_use_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"expected time, states, parameters.* got sin\(...\)"):
        FORMULAS.of(sympy.sin(X))
