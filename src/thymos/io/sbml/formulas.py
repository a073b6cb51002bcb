"""Formulas: sympy's expressions as the trees of which libSBML writes MathML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from thymos.io.sbml.library import libsbml, must
from thymos.lang.errors import DefinitionError

# As in the engine: a base of a general power below 0 is a rounding error of the solver, and counts as 0.
LEAST_BASE = 1e-100
LARGEST_WHOLE = 2**31  # libSBML keeps whole numbers in 32 bits
DIMENSIONLESS = "dimensionless"


class Formulas:
    """Turns expressions of one system into trees; every plain number in them is dimensionless.

    ids : the identifier of each symbol;  moving : symbols whose values change with time
    """

    def __init__(self, time: Any, ids: Mapping[Any, str], moving: set[Any]) -> None:
        self._time, self._ids, self._moving = time, ids, moving

    def of(self, expression: Any, unit: str = DIMENSIONLESS) -> Any:
        """The tree of an expression; raises `DefinitionError` at a function SBML is not told of here.

        unit : where the expression is nothing but a number
        """
        import sympy

        e = sympy.sympify(expression)
        return _number(e, unit) if e.is_Number else self._node(e)

    def _node(self, e: Any) -> Any:
        if e.is_Symbol:
            return self._symbol(e)
        if e.is_Integer or e.is_Float or e.is_NumberSymbol:
            return _number(e, DIMENSIONLESS)
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul or e.is_Pow or e.is_Rational:
            return self._product(e)
        name = {"exp": "AST_FUNCTION_EXP", "log": "AST_FUNCTION_LN"}.get(e.func.__name__)
        if name is None:
            known = "time, states, parameters, + - * /, powers, sqrt, exp and log"
            raise DefinitionError(f"SBML, expression {e}", known, f"{e.func.__name__}(...)")
        return tree(name, [self._node(e.args[0])])

    def _symbol(self, e: Any) -> Any:
        if e != self._time:
            return named(self._ids[e])
        node = tree("AST_NAME_TIME", [])
        must(node.setName("time"), "time")
        return node

    def _sum(self, e: Any) -> Any:
        added = [a for a in e.as_ordered_terms() if not _is_negative(a)]
        taken = [-a for a in e.as_ordered_terms() if _is_negative(a)]
        if not added:
            return tree("AST_MINUS", [self._node(-e)])
        node = self._joined("AST_PLUS", added)
        for a in taken:
            node = tree("AST_MINUS", [node, self._node(a)])
        return node

    def _product(self, e: Any) -> Any:
        import sympy

        if _is_negative(e):
            return tree("AST_MINUS", [self._node(-e)])
        top, bottom = sympy.fraction(e, exact=True)
        if bottom != 1:
            return tree("AST_DIVIDE", [self._node(top), self._node(bottom)])
        return self._power(e) if e.is_Pow else self._joined("AST_TIMES", e.as_ordered_factors())

    def _power(self, e: Any) -> Any:
        if not e.exp.is_Number or not (2 * e.exp).is_integer:
            return tree("AST_FUNCTION_POWER", [self._lifted(e.base), self._node(e.exp)])
        if e.exp.is_Integer:
            return tree("AST_FUNCTION_POWER", [self._node(e.base), self._node(e.exp)])
        root = tree("AST_FUNCTION_ROOT", [self.of(2), self._node(e.base)])
        return root if 2 * e.exp == 1 else tree("AST_FUNCTION_POWER", [root, self.of(2 * e.exp)])

    def _lifted(self, base: Any) -> Any:
        """The base, or the least one where that is larger; as it stands where it never moves."""
        if not base.free_symbols & self._moving:
            return self._node(base)
        return tree("AST_FUNCTION_MAX", [self._node(base), self.of(LEAST_BASE)])

    def _joined(self, kind: str, parts: Sequence[Any]) -> Any:
        nodes = [self._node(a) for a in parts]
        return nodes[0] if len(nodes) == 1 else tree(kind, nodes)


def tree(kind: str, parts: Sequence[Any]) -> Any:
    """A node of that kind over its parts."""
    node = libsbml().ASTNode(getattr(libsbml(), kind))
    for part in parts:
        must(node.addChild(part), kind)
    return node


def _number(e: Any, unit: str) -> Any:
    node = libsbml().ASTNode()
    whole = e.is_Integer and abs(e) < LARGEST_WHOLE
    must(node.setValue(int(e) if whole else float(e)), f"number {e}")
    must(node.setUnits(unit), f"number {e}")
    return node


def named(identifier: str) -> Any:
    """The node of an identifier."""
    node = tree("AST_NAME", [])
    must(node.setName(identifier), identifier)
    return node


def _is_negative(e: Any) -> bool:
    return bool(e.as_coeff_Mul()[0] < 0)
