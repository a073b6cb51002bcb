"""Units of a traced expression: walked once, when the model is defined; afterwards numbers are plain floats."""

from __future__ import annotations

from typing import Any

from thymos.lang.errors import UnitError
from thymos.lang.units import DIMENSIONLESS, Dimension, dimension


class UnitChecker:
    """Finds the unit of expressions of one model; `where` names the file and the statement in errors."""

    def __init__(self, units: dict[Any, str], where: str) -> None:
        self.units, self.where = units, where

    def expect(self, expression: Any, unit: str, what: str) -> None:
        """Raise `UnitError` unless the expression is in `unit`; a plain 0 fits every unit."""
        import sympy

        expression = sympy.sympify(expression)
        if expression.is_zero:
            return
        got, wanted = self.of(expression, what), dimension(unit)
        if not got.same(wanted):
            raise UnitError(
                f"{self.where} [{what}]",
                f"{unit or 'a pure number'}, that is {wanted}",
                f"{got}",
                self._hint(got, wanted),
            )

    @staticmethod
    def _hint(got: Dimension, wanted: Dimension) -> str:
        if got.same_kind(wanted):
            return "the kind is right, the scale is not: declare rates in 1/day, ages in year, counts alike"
        return "look for a missing factor, or a parameter declared in another unit"

    def of(self, e: Any, what: str) -> Dimension:
        """The unit of an expression; raises `UnitError` at the smallest part that does not fit."""
        if e.is_Number or e.is_NumberSymbol:
            return DIMENSIONLESS
        if e.is_Symbol:
            return dimension(self.units[e] if e in self.units else e.name.split(" ", 1)[1])
        if e.is_Add:
            return self._sum(e, what)
        if e.is_Mul:
            product = DIMENSIONLESS
            for a in e.args:
                product = product * self.of(a, what)
            return product
        if e.is_Pow and e.exp.is_Number:
            return self.of(e.base, what) ** float(e.exp)
        for a in e.args:
            self._pure(a, e, what)
        return DIMENSIONLESS

    def _sum(self, e: Any, what: str) -> Dimension:
        first = self.of(e.args[0], what)
        for a in e.args[1:]:
            other = self.of(a, what)
            if not other.same(first):
                raise UnitError(
                    f"{self.where} [{what}]",
                    f"terms of one unit in the sum {e}",
                    f"{e.args[0]} in {first} and {a} in {other}",
                    self._hint(other, first),
                )
        return first

    def _pure(self, a: Any, e: Any, what: str) -> None:
        got = self.of(a, what)
        if not got.same(DIMENSIONLESS):
            raise UnitError(
                f"{self.where} [{what}]", f"a pure number inside {e.func.__name__}", f"{a} in {got}"
            )
