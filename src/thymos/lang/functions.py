"""Mathematical functions of the modelling language, smooth so that a solver never meets a corner."""

from __future__ import annotations

from typing import Any


def _apply(name: str, x: Any) -> Any:
    """sympy's function for symbols, numpy's for numbers, so that a curve is written once for both."""
    if hasattr(x, "free_symbols"):
        import sympy

        return getattr(sympy, name)(x)
    import numpy as np

    return getattr(np, name)(x)


def exp(x: Any) -> Any:
    """e to the dimensionless x."""
    return _apply("exp", x)


def log(x: Any) -> Any:
    """Natural logarithm of a positive dimensionless x."""
    return _apply("log", x)


def sqrt(x: Any) -> Any:
    """Square root; the unit is halved in power."""
    return _apply("sqrt", x)


def hill(x: Any, half: Any, power: Any = 1) -> Any:
    """x^power / (half^power + x^power): 0 at x = 0, 1/2 at `half`, towards 1."""
    if power == 1:
        return x / (half + x)
    ratio = (x / half) ** power
    return ratio / (1 + ratio)


def sigmoid(x: Any) -> Any:
    """Logistic step 1/(1 + e^-x) of a dimensionless x."""
    return 1 / (1 + exp(-x))


def positive(x: Any, within: Any = 1e-3) -> Any:
    """Smooth max(0, x): off by at most within/2, at x = 0; `within` has the unit of x."""
    return (x + sqrt(x * x + within * within)) / 2


def maximum(a: Any, b: Any, within: Any = 1e-3) -> Any:
    """Smooth maximum of a and b: off by at most within/2, where they meet."""
    return b + positive(a - b, within)


def minimum(a: Any, b: Any, within: Any = 1e-3) -> Any:
    """Smooth minimum of a and b: off by at most within/2, where they meet."""
    return b - positive(b - a, within)


def constant(value: float, unit: str) -> Any:
    """A number with a unit that is a definition, not a finding, such as 365.25 day/year."""
    import sympy

    return sympy.Symbol(f"{value!r} {unit}", positive=True)


def derivative(expression: Any, variable: Any) -> Any:
    """Derivative with respect to one symbol, for example a growth rate from a curve over age."""
    import sympy

    return sympy.diff(expression, variable)
