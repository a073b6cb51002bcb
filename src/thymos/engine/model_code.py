"""The functions of one model as vector code: rhs, jaclu, solve, defect, observe, starts, jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thymos.engine import elementary, rodas5p
from thymos.engine.algebra import TIME, Algebra, parameter_leaf, state_leaf
from thymos.engine.elimination import Invert, Scale, Substitute
from thymos.engine.graph import LEAST_BASE, Node
from thymos.engine.vector import VectorFunction


class Expressions:
    """Writes graph nodes into one function, each once, where it is first asked for.

    Hoisted nodes are read from behind the parameters; `starts` is the one function that computes them.
    """

    def __init__(self, algebra: Algebra, v: VectorFunction, hoist: bool = True) -> None:
        self.graph, self.v = algebra.graph, v
        place: dict[str, tuple[str, int]] = {TIME: ("t", 0)}
        place |= {state_leaf(i): ("y", i) for i in range(algebra.size)}
        place |= {parameter_leaf(i): ("p", i) for i in range(algebra.parameters)}
        self.place = place
        self.stored = {n: algebra.parameters + i for i, n in enumerate(algebra.hoisted)} if hoist else {}
        self.written: dict[Node, Any] = {}

    def value(self, root: Node) -> Any:
        """The IR value of a node; arguments first, without recursion since sums can be long."""
        waiting = [root]
        while waiting:
            node = waiting[-1]
            arguments = () if node in self.stored else self.graph.operations[node][1]
            missing = [a for a in arguments if a not in self.written]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            if node not in self.written:
                self.written[node] = self._write(node, [self.written[a] for a in arguments])
        return self.written[root]

    def _write(self, node: Node, x: list[Any]) -> Any:
        v, (kind, _, tag) = self.v, self.graph.operations[node]
        if node in self.stored:
            return v.load(v.arguments["p"], self.stored[node])
        if kind == "leaf":
            pointer, index = self.place[str(tag)]
            return v.load(v.arguments[pointer], index)
        if kind == "constant":
            return v.number(float(tag or 0.0))
        operations: dict[str, Callable[..., Any]] = {
            "add": v.add,
            "sub": v.sub,
            "mul": v.mul,
            "neg": v.neg,
            "inv": lambda a: v.div(v.number(1.0), a),
            "sqrt": lambda a: v.intrinsic("sqrt", a),
            "exp": lambda a: elementary.exp(v, a),
            "log": lambda a: elementary.log(v, a),
            "lift": lambda a: v.choose(v.less(a, v.number(LEAST_BASE)), v.number(LEAST_BASE), a),
            "pow": lambda base, exponent, logarithm: elementary.exp(v, v.mul(exponent, logarithm)),
        }
        return operations[kind](*x)


def rhs(module: Any, a: Algebra, width: int) -> VectorFunction:
    """f = dy/dt."""
    v = VectorFunction(module, "rhs", ("t", "y", "p", "f"), width)
    write = Expressions(a, v)
    for i, node in enumerate(a.rhs):
        v.store(write.value(node), v.arguments["f"], i)
    return v.done()


def jaclu(module: Any, a: Algebra, width: int) -> VectorFunction:
    """From `diagonal` = 1/(h gamma): df/dt, the entries of df/dy, and the factors of diagonal I - df/dy."""
    v = VectorFunction(module, "jaclu", ("t", "diagonal", "y", "p", "time_slope", "entries", "factor"), width)
    write, diagonal = Expressions(a, v), v.load(v.arguments["diagonal"])
    for i, node in enumerate(a.time_slopes):
        v.store(write.value(node), v.arguments["time_slope"], i)
    numbers = {entry: n for n, entry in enumerate(a.jacobian)}
    entry_of = {slot: entry for entry, slot in a.elimination.slots.items()}
    known: dict[int, Any] = {}

    def slot(n: int) -> Any:
        if n not in known:
            entry = entry_of[n]
            start = diagonal if entry[0] == entry[1] else v.number(0.0)
            if entry in a.jacobian:
                value = write.value(a.jacobian[entry])
                v.store(value, v.arguments["entries"], numbers[entry])
                start = v.sub(start, value)
            known[n] = start
        return known[n]

    for operation in a.elimination.factor:
        if isinstance(operation, Invert):
            known[operation.slot] = v.div(v.number(1.0), slot(operation.slot))
        elif isinstance(operation, Scale):
            known[operation.target] = v.mul(slot(operation.target), slot(operation.by))
        else:
            part = v.mul(slot(operation.left), slot(operation.right))
            known[operation.target] = v.sub(slot(operation.target), part)
    for n in range(len(entry_of)):
        v.store(slot(n), v.arguments["factor"], n)
    return v.done()


def solve(module: Any, a: Algebra, width: int) -> VectorFunction:
    """x = (diagonal I - df/dy)^-1 (f + x), in place."""
    v = VectorFunction(module, "solve", ("factor", "f", "x"), width)
    factor, f, x = (v.arguments[name] for name in ("factor", "f", "x"))
    values = [v.add(v.load(f, i), v.load(x, i)) for i in range(a.size)]
    for operation in a.elimination.solve:
        row, by = operation.row, v.load(factor, operation.slot)
        if isinstance(operation, Substitute):
            values[row] = v.sub(values[row], v.mul(by, values[operation.column]))
        else:
            values[row] = v.mul(values[row], by)
    for i, value in enumerate(values):
        v.store(value, x, i)
    return v.done()


def defect(module: Any, a: Algebra, width: int) -> VectorFunction:
    """What the first solve left over, as an error d of its solution x.

    d = (f + h SLOPES[0] df/dt - (diagonal I - df/dy) x) / diagonal: the solve has no pivoting, and this is
    how we know that it did not need any.
    """
    v = VectorFunction(module, "defect", ("diagonal", "entries", "time_slope", "h", "f", "x", "d"), width)
    diagonal, lead = v.load(v.arguments["diagonal"]), v.load(v.arguments["h"])
    lead = v.mul(lead, v.number(rodas5p.SLOPES[0]))
    share = v.div(v.number(1.0), diagonal)
    rows: dict[int, list[tuple[int, int]]] = {i: [] for i in range(a.size)}
    for n, (i, j) in enumerate(a.jacobian):
        rows[i].append((n, j))
    x = v.arguments["x"]
    for i, row in rows.items():
        left = v.sub(v.load(v.arguments["f"], i), v.mul(diagonal, v.load(x, i)))
        left = v.add(left, v.mul(lead, v.load(v.arguments["time_slope"], i)))
        for n, j in row:
            left = v.add(left, v.mul(v.load(v.arguments["entries"], n), v.load(x, j)))
        v.store(v.mul(left, share), v.arguments["d"], i)
    return v.done()


def observe(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The recorded outputs at time t and state y."""
    v = VectorFunction(module, "observe", ("t", "y", "p", "out"), width)
    write = Expressions(a, v)
    for i, node in enumerate(a.outputs):
        v.store(write.value(node), v.arguments["out"], i)
    return v.done()


def starts(module: Any, a: Algebra, width: int) -> VectorFunction:
    """Initial states, and behind the parameters the results that rest on parameters alone."""
    v = VectorFunction(module, "starts", ("p", "y"), width)
    write = Expressions(a, v, hoist=False)
    for i, node in enumerate(a.starts):
        v.store(write.value(node), v.arguments["y"], i)
    for i, node in enumerate(a.hoisted):
        v.store(write.value(node), v.arguments["p"], a.parameters + i)
    return v.done()


def jumps(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The value of every change of every event, in declaration order."""
    v = VectorFunction(module, "jumps", ("t", "y", "p", "values"), width)
    write = Expressions(a, v)
    for i, node in enumerate(a.jumps):
        v.store(write.value(node), v.arguments["values"], i)
    return v.done()
