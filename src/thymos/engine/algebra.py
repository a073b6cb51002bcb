"""A traced system as arithmetic on one graph: right-hand sides, Jacobian, outputs, starts and jumps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.engine.derivative import gradients
from thymos.engine.elimination import Elimination, Entry, eliminate
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


@dataclass(frozen=True)
class Algebra:
    """Everything the kernels compute, as nodes of one graph, and the plan of the linear solves.

    `hoisted` are the results that rest on parameters alone and are computed once per patient.
    """

    graph: Graph
    size: int
    parameters: int
    rhs: tuple[Node, ...]
    jacobian: dict[Entry, Node]
    time_slopes: tuple[Node, ...]
    outputs: tuple[Node, ...]
    starts: tuple[Node, ...]
    jumps: tuple[Node, ...]
    elimination: Elimination
    hoisted: tuple[Node, ...]


def algebra(system: System) -> Algebra:
    """Convert, differentiate and plan."""
    reader = _Reader(system)
    graph, size = reader.graph, len(system.states)
    rhs = reader.read_all(system.rhs)
    slopes = gradients(graph, rhs, {TIME, *(state_leaf(i) for i in range(size))})
    column = {state_leaf(j): j for j in range(size)}
    jacobian = {(i, column[v]): d for i, g in enumerate(slopes) for v, d in g.items() if v in column}
    zero = graph.constant(0.0)
    time_slopes = tuple(g.get(TIME, zero) for g in slopes)
    outputs = reader.read_all(o.expression for o in system.outputs)
    jumps = reader.read_all(change[2] for event in system.events for change in event.changes)
    dynamic = (*rhs, *jacobian.values(), *time_slopes, *outputs, *jumps)
    return Algebra(
        graph,
        size,
        len(system.parameters),
        rhs,
        jacobian,
        time_slopes,
        outputs,
        reader.read_all(system.starts),
        jumps,
        eliminate(size, set(jacobian)),
        _parameter_only(graph, dynamic),
    )


def _parameter_only(graph: Graph, roots: Iterable[Node]) -> tuple[Node, ...]:
    """The largest subexpressions that hold parameters but neither time nor states."""
    fixed: set[Node] = set()
    found: set[Node] = set()
    nodes = graph.needed(roots)
    for node in nodes:
        kind, arguments, tag = graph.operations[node]
        own = kind == "constant" or (kind == "leaf" and str(tag).startswith("p"))
        if own or (kind != "leaf" and all(a in fixed for a in arguments)):
            fixed.add(node)
    used_by_moving = {a for node in nodes if node not in fixed for a in graph.operations[node][1]}
    for node in (*used_by_moving, *roots):
        if node in fixed and graph.operations[node][0] not in ("leaf", "constant"):
            found.add(node)
    return tuple(sorted(found))


class _Reader:
    """Reads sympy expressions of one system into its graph."""

    def __init__(self, system: System) -> None:
        self.graph = Graph()
        self.where = system.name
        leaves = {system.time: TIME}
        leaves |= {q.symbol: parameter_leaf(i) for i, q in enumerate(system.parameters)}
        leaves |= {s.symbol: state_leaf(i) for i, s in enumerate(system.states)}
        self.known: dict[Any, Node] = {symbol: self.graph.leaf(name) for symbol, name in leaves.items()}
        self.parameters = {q.symbol for q in system.parameters}

    def read_all(self, expressions: Iterable[Any]) -> tuple[Node, ...]:
        import sympy

        return tuple(self.read(sympy.sympify(e)) for e in expressions)

    def read(self, e: Any) -> Node:
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
        if name in ("exp", "log"):
            return getattr(self.graph, name)(self.read(e.args[0]))  # type: ignore[no-any-return]
        what = f"symbol {e}" if e.is_Symbol else f"{name}(...)"
        raise DefinitionError(
            f"{self.where}, expression {e}",
            "time, states, parameters, + - * /, powers, sqrt, exp and log",
            what,
            "write it with the functions of thymos.lang (maximum, minimum, positive, sigmoid are smooth)",
        )

    def _ordered(self, arguments: Iterable[Any]) -> list[Any]:
        """Parameters before what moves, so that they meet in subexpressions computed once per patient."""
        return sorted(arguments, key=lambda a: not (a.free_symbols <= self.parameters))

    def _sum(self, e: Any) -> Node:
        total = self.graph.constant(0.0)
        for a in self._ordered(e.args):
            total = self.graph.add(total, self.read(a))
        return total

    def _product(self, e: Any) -> Node:
        one = self.graph.constant(1.0)
        top, bottom = one, one
        for a in self._ordered(e.args):
            if a.is_Pow and a.exp.is_Number and a.exp < 0:
                bottom = self.graph.mul(bottom, self._power(a.base, -a.exp))
            else:
                top = self.graph.mul(top, self.read(a))
        return self.graph.mul(top, self.graph.inv(bottom))

    def _power(self, base: Any, exponent: Any) -> Node:
        b = self.read(base)
        if exponent.is_Integer:
            return self.graph.whole_power(b, int(exponent))
        if exponent.is_Number and (2 * exponent).is_integer:
            return self.graph.whole_power(self.graph.sqrt(b), int(2 * exponent))
        return self.graph.pow(b, self.read(exponent))
