"""Arithmetic as a graph in which equal operations are one node: common subexpressions cost nothing twice.

Nodes are whole numbers; a node's arguments always have smaller numbers, so counting upwards is a topological
order. The graph knows arithmetic and nothing of models, vectors or sympy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

Node = int
Operation = tuple[str, tuple[Node, ...], float | str | None]

# Bases of general powers are lifted to this, so that 0**n and its slope n*0**n/0 are numbers, also for n < 1.
LEAST_BASE = 1e-100


@dataclass
class Graph:
    """Operations by node: (kind, arguments, constant value or leaf name).

    Kinds: leaf constant add sub mul neg inv sqrt exp log lift pow below floor uniform. `inv` is 1/x, `lift` is
    max(x, LEAST_BASE), `pow` holds (base, exponent, log of the lifted base), `below` is 1 where a < b, else 0.
    """

    operations: list[Operation] = field(default_factory=list)
    _known: dict[Operation, Node] = field(default_factory=dict)

    def _node(self, kind: str, *arguments: Node, tag: float | str | None = None) -> Node:
        operation = (kind, arguments, tag)
        node = self._known.get(operation)
        if node is None:
            node = self._known[operation] = len(self.operations)
            self.operations.append(operation)
        return node

    def leaf(self, name: str) -> Node:
        """An input: time, a state or a parameter."""
        return self._node("leaf", tag=name)

    def constant(self, value: float) -> Node:
        """A number."""
        return self._node("constant", tag=float(value) + 0.0)  # + 0.0 turns -0.0 into 0.0: one zero

    def value(self, node: Node) -> float | None:
        """The number a constant node holds, None for any other node."""
        kind, _, tag = self.operations[node]
        return float(tag) if kind == "constant" and tag is not None else None

    def _kind(self, node: Node) -> str:
        return self.operations[node][0]

    def _argument(self, node: Node) -> Node:
        return self.operations[node][1][0]

    def add(self, a: Node, b: Node) -> Node:
        """a + b, with constants folded and a + (-b) written as a - b."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.constant(x + y)
        if x == 0.0:
            return b
        if y == 0.0:
            return a
        if self._kind(b) == "neg":
            return self.sub(a, self._argument(b))
        if self._kind(a) == "neg":
            return self.sub(b, self._argument(a))
        return self._node("add", min(a, b), max(a, b))

    def sub(self, a: Node, b: Node) -> Node:
        """a - b."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.constant(x - y)
        if y == 0.0:
            return a
        if x == 0.0:
            return self.neg(b)
        if a == b:
            return self.constant(0.0)
        if self._kind(b) == "neg":
            return self.add(a, self._argument(b))
        return self._node("sub", a, b)

    def neg(self, a: Node) -> Node:
        """-a."""
        x = self.value(a)
        if x is not None:
            return self.constant(-x)
        if self._kind(a) == "neg":
            return self._argument(a)
        if self._kind(a) == "sub":
            left, right = self.operations[a][1]
            return self.sub(right, left)
        return self._node("neg", a)

    def mul(self, a: Node, b: Node) -> Node:
        """a * b, with signs moved outwards."""
        x, y = self.value(a), self.value(b)
        if x is not None and y is not None:
            return self.constant(x * y)
        for number, other in ((x, b), (y, a)):
            if number == 0.0:
                return self.constant(0.0)
            if number == 1.0:
                return other
            if number is not None and number < 0.0:
                return self.neg(self.mul(self.constant(-number), other))
        if self._kind(a) == "neg":
            return self.neg(self.mul(self._argument(a), b))
        if self._kind(b) == "neg":
            return self.neg(self.mul(a, self._argument(b)))
        return self._node("mul", min(a, b), max(a, b))

    def inv(self, a: Node) -> Node:
        """1 / a."""
        x = self.value(a)
        if x is not None and x != 0.0:
            return self.constant(1.0 / x)
        if self._kind(a) == "inv":
            return self._argument(a)
        return self._node("inv", a)

    def sqrt(self, a: Node) -> Node:
        """Square root; NaN below 0."""
        x = self.value(a)
        return self._node("sqrt", a) if x is None or x < 0 else self.constant(math.sqrt(x))

    def exp(self, a: Node) -> Node:
        """e to the a."""
        x = self.value(a)
        return self._node("exp", a) if x is None or x > 700 else self.constant(math.exp(x))

    def log(self, a: Node) -> Node:
        """Natural logarithm; -inf at 0, NaN below."""
        x = self.value(a)
        return self._node("log", a) if x is None or x <= 0 else self.constant(math.log(x))

    def lift(self, a: Node) -> Node:
        """max(a, LEAST_BASE)."""
        x = self.value(a)
        return self._node("lift", a) if x is None else self.constant(max(x, LEAST_BASE))

    def pow(self, base: Node, exponent: Node) -> Node:
        """base**exponent for base >= 0; a base below 0, a rounding error of the solver, counts as 0."""
        logarithm = self.log(self.lift(base))
        if self.value(logarithm) is not None:
            return self.exp(self.mul(exponent, logarithm))
        return self._node("pow", base, exponent, logarithm)

    def whole_power(self, base: Node, exponent: int) -> Node:
        """base**exponent by repeated squaring."""
        if exponent < 0:
            return self.inv(self.whole_power(base, -exponent))
        result, square = self.constant(1.0), base
        while exponent:
            if exponent & 1:
                result = self.mul(result, square)
            exponent >>= 1
            square = self.mul(square, square) if exponent else square
        return result

    def below(self, a: Node, b: Node) -> Node:
        """1 where a < b, else 0, also where either is NaN."""
        return self._node("below", a, b)

    def floor(self, a: Node) -> Node:
        """The largest whole number that is not above a."""
        x = self.value(a)
        return self._node("floor", a) if x is None else self.constant(math.floor(x))

    def uniform(self, first: Node, second: Node, who: Node, count: Node, which: Node) -> Node:
        """Random number between 0 and 1: the same for the same two words of key, person, count and `which`."""
        return self._node("uniform", first, second, who, count, tag=self.value(which))

    def needed(self, roots: Iterable[Node]) -> list[Node]:
        """All nodes that the roots rest on, each after its arguments."""
        seen: set[Node] = set()
        waiting = list(roots)
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(self.operations[node][1])
        return sorted(seen)
