"""The Jacobian in its sparsest form: what many rows share stays an unknown of its own.

A quantity such as the total of all T cells rests on many states and enters many rates. Written out, it makes a
dense block of products; kept as one more unknown z of the linear system, it costs a row and a column:

    df_i/dy_j = E[i, j] + sum_z E[i, z] dz/dy_j,    dz/dy_j = E[z, j] + sum_w E[z, w] dw/dy_j

We start from the graph itself, every operation an unknown, and eliminate the operations one by one by the chain
rule, as long as that adds few entries. Reference: `griewank2008`, on vertex
elimination and the extended Jacobian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from thymos.engine.derivative import partials
from thymos.engine.elimination import Entry
from thymos.engine.graph import Graph, Node

# An operation stays an unknown if its elimination would add more than this many entries.
MOST_ADDED = 1


@dataclass(frozen=True)
class Jacobian:
    """Entries by (row, column): rows and columns below `size` are the states, those behind them the kept nodes.

    A kept node rests only on states and on kept nodes before it.
    """

    size: int
    kept: tuple[Node, ...]
    entries: dict[Entry, Node]

    @property
    def order(self) -> int:
        """Number of unknowns in all."""
        return self.size + len(self.kept)


def jacobian(graph: Graph, roots: Sequence[Node], leaves: Sequence[Node]) -> Jacobian:
    """Derivatives of the roots with respect to as many leaves."""
    linear = _Linearised(graph, roots, leaves)
    while (node := linear.cheapest()) is not None:
        linear.eliminate(node)
    size, kept = len(roots), tuple(sorted(linear.inner))
    column = {leaf: j for j, leaf in enumerate(leaves)} | {z: size + k for k, z in enumerate(kept)}
    rows = [linear.into[-1 - i] for i in range(size)] + [linear.into[z] for z in kept]
    slopes = {(i, column[a]): slope for i, row in enumerate(rows) for a, slope in row.items()}
    return Jacobian(size, kept, {at: slopes[at] for at in sorted(slopes) if graph.value(slopes[at]) != 0.0})


class _Linearised:
    """The graph as slopes along its edges; root i is the vertex -1 - i, which nothing rests on."""

    def __init__(self, graph: Graph, roots: Sequence[Node], leaves: Sequence[Node]) -> None:
        self.graph = graph
        self.into: dict[Node, dict[Node, Node]] = {}
        self.users: dict[Node, set[Node]] = {leaf: set() for leaf in leaves}
        for node in graph.needed(roots):
            slopes = {a: d for a, d in partials(graph, node).items() if a in self.users}
            if slopes and node not in self.users:
                self._add(node, slopes)
        self.inner = set(self.into)
        for i, root in enumerate(roots):
            self._add(-1 - i, {root: graph.constant(1.0)} if root in self.users else {})
        self._costs: dict[Node, tuple[int, int, int]] = {}

    def _add(self, node: Node, slopes: dict[Node, Node]) -> None:
        self.into[node] = slopes
        self.users[node] = set()
        for a in slopes:
            self.users[a].add(node)

    def _cost(self, node: Node) -> tuple[int, int, int]:
        """Entries that eliminating the node would add, products it would take, and its number for ties."""
        below, above = self.into[node], self.users[node]
        filled = sum(a not in self.into[b] for b in above for a in below)
        return filled - len(below) - len(above), len(below) * len(above), node

    def cheapest(self) -> Node | None:
        """The node to eliminate next; None when each would add too many entries."""
        for node in self.inner - self._costs.keys():
            self._costs[node] = self._cost(node)
        best = min(self._costs.values(), default=None)
        return None if best is None or best[0] > MOST_ADDED else best[2]

    def eliminate(self, node: Node) -> None:
        """Replace the paths through a node by slopes from its arguments to its users."""
        below, above = self.into.pop(node), self.users.pop(node)
        for b in sorted(above):
            row, outer = self.into[b], self.into[b].pop(node)
            for a, inner in below.items():
                part = self.graph.mul(outer, inner)
                row[a] = self.graph.add(row[a], part) if a in row else part
        for a in below:
            self.users[a] = (self.users[a] - {node}) | above
        self.inner.discard(node)
        del self._costs[node]
        self._forget(below, above)

    def _forget(self, below: dict[Node, Node], above: set[Node]) -> None:
        """Drop the costs that the elimination has changed."""
        for a in below:
            self._costs.pop(a, None)
        for b in above:
            self._costs.pop(b, None)
            for a in self.into[b]:
                self._costs.pop(a, None)
