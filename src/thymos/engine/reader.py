"""Reads sympy expressions of one system into a graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from thymos.engine.graph import Graph, Node
from thymos.lang.errors import DefinitionError

if TYPE_CHECKING:
    from thymos.lang.system import System

TIME = "t"


def state_leaf(i: int) -> str:
    """Name of state i's leaf."""
    return f"y{i}"


def parameter_leaf(i: int) -> str:
    """Name of parameter i's leaf."""
    return f"p{i}"


class Reader:
    """Reads sympy expressions of one system into its graph."""

    def __init__(self, system: System) -> None:
        self.graph = Graph()
        self.where = system.name
        leaves = {system.time: TIME}
        leaves |= {q.symbol: parameter_leaf(i) for i, q in enumerate(system.parameters)}
        leaves |= {s.symbol: state_leaf(i) for i, s in enumerate(system.states)}
        self.known: dict[Any, Node] = {symbol: self.graph.leaf(name) for symbol, name in leaves.items()}
        self.moving: dict[Node, bool] = {}

    def read_all(self, expressions: Iterable[Any]) -> tuple[Node, ...]:
        """The node of each expression."""
        import sympy

        return tuple(self.read(sympy.sympify(e)) for e in expressions)

    def read(self, e: Any) -> Node:
        """The node of an expression; raises `DefinitionError` at a function the kernels do not have."""
        if e not in self.known:
            self.known[e] = self._convert(e)
        return self.known[e]

    def _convert(self, e: Any) -> Node:
        if e.is_Number or e.is_NumberSymbol:
            return self.graph.constant(float(e))
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            return self._power(e.base, e.exp)
        name = e.func.__name__
        if name in ("exp", "log", "below", "floor", "uniform"):
            return getattr(self.graph, name)(*map(self.read, e.args))  # type: ignore[no-any-return]
        what = f"symbol {e}" if e.is_Symbol else f"{name}(...)"
        raise DefinitionError(
            f"{self.where}, expression {e}",
            "time, states, parameters, + - * /, powers, sqrt, exp and log",
            what,
            "write it with the functions of thymos.lang (maximum, minimum, positive, sigmoid are smooth)",
        )

    def _moves(self, node: Node) -> bool:
        """Whether a node changes with time or states."""
        if node not in self.moving:
            kind, arguments, tag = self.graph.operations[node]
            is_variable = kind == "leaf" and not str(tag).startswith("p")
            self.moving[node] = is_variable or any(self._moves(a) for a in arguments)
        return self.moving[node]

    def _ordered(self, nodes: Iterable[Node]) -> list[Node]:
        """Parameters before what moves, so that they meet in subexpressions computed once per patient."""
        return sorted(nodes, key=self._moves)

    def _sum(self, e: Any) -> Node:
        total = self.graph.constant(0.0)
        for node in self._ordered([self.read(a) for a in e.args]):
            total = self.graph.add(total, node)
        return total

    def _multiplied(self, nodes: Iterable[Node]) -> Node:
        result = self.graph.constant(1.0)
        for node in self._ordered(nodes):
            result = self.graph.mul(result, node)
        return result

    def _product(self, e: Any) -> Node:
        below = [a for a in e.args if a.is_Pow and a.exp.is_Number and a.exp < 0]
        top = self._multiplied([self.read(a) for a in e.args if a not in below])
        bottom = self._multiplied([self._power(a.base, -a.exp) for a in below])
        return self.graph.mul(top, self.graph.inv(bottom))

    def _power(self, base: Any, exponent: Any) -> Node:
        b = self.read(base)
        if exponent.is_Integer:
            return self.graph.whole_power(b, int(exponent))
        if exponent.is_Number and (2 * exponent).is_integer:
            return self.graph.whole_power(self.graph.sqrt(b), int(2 * exponent))
        return self.graph.pow(b, self.read(exponent))
