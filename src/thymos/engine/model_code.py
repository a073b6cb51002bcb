"""The functions of one model as vector code, from its right-hand sides to its jumps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from thymos.engine import elementary, rodas5p, threefry
from thymos.engine.algebra import Algebra
from thymos.engine.elimination import Entry, Scale, Substitute, Update
from thymos.engine.graph import LEAST_BASE, Node
from thymos.engine.reader import TIME, parameter_leaf, state_leaf
from thymos.engine.vector import VectorFunction


class Expressions:
    """Writes graph nodes into one function, each once, where it is first asked for.

    What an earlier function has stored is loaded: `hoisted` nodes from behind the parameters, `clock` nodes from
    the argument `c` where the function has one.
    """

    def __init__(
        self, algebra: Algebra, v: VectorFunction, stored: Collection[str] = ("hoisted", "clock")
    ) -> None:
        self.graph, self.v = algebra.graph, v
        place: dict[str, tuple[str, int]] = {TIME: ("t", 0)}
        place |= {state_leaf(i): ("y", i) for i in range(algebra.size)}
        place |= {parameter_leaf(i): ("p", i) for i in range(algebra.parameters)}
        self.place = place
        self.stored: dict[Node, tuple[str, int]] = {}
        if "hoisted" in stored:
            self.stored |= {n: ("p", algebra.parameters + i) for i, n in enumerate(algebra.hoisted)}
        if "clock" in stored and "c" in v.arguments:
            self.stored |= {n: ("c", i) for i, n in enumerate(algebra.clock)}
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
            pointer, index = self.stored[node]
            return v.load(v.arguments[pointer], index)
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
            "below": lambda a, b: v.choose(v.less(a, b), v.number(1.0), v.number(0.0)),
            "floor": lambda a: v.intrinsic("floor", a),
            "uniform": lambda *words: threefry.uniform(v, words, int(tag or 0)),
            "pow": lambda base, exponent, logarithm: elementary.exp(v, v.mul(exponent, logarithm)),
        }
        return operations[kind](*x)


def _write_all(
    v: VectorFunction, write: Expressions, nodes: Sequence[Node], into: str, first: int = 0
) -> None:
    for i, node in enumerate(nodes):
        v.store(write.value(node), v.arguments[into], first + i)


def clock(module: Any, a: Algebra, width: int) -> VectorFunction:
    """What the right-hand sides need of time and parameters alone."""
    v = VectorFunction(module, "clock", ("t", "p", "c"), width)
    _write_all(v, Expressions(a, v, ("hoisted",)), a.clock, "c")
    return v.done()


def rhs(module: Any, a: Algebra, width: int) -> VectorFunction:
    """f = dy/dt."""
    v = VectorFunction(module, "rhs", ("t", "y", "p", "c", "f"), width)
    _write_all(v, Expressions(a, v), a.rhs, "f")
    return v.done()


def jacobian(module: Any, a: Algebra, width: int) -> VectorFunction:
    """df/dt, and the slopes that the entries of df/dy are made of."""
    v = VectorFunction(module, "jacobian", ("t", "y", "p", "c", "time_slope", "slopes"), width)
    write = Expressions(a, v)
    _write_all(v, write, a.slopes, "slopes")
    _write_all(v, write, a.time_slopes, "time_slope")
    return v.done()


class Entries:
    """Entries of df/dy in a function that has the argument `slopes`: numbers as numbers, the rest loaded."""

    def __init__(self, a: Algebra, v: VectorFunction) -> None:
        self.a, self.v = a, v
        self.place = {node: n for n, node in enumerate(a.slopes)}

    def value(self, entry: Entry) -> Any:
        """One entry in every lane."""
        node = self.a.jacobian.entries[entry]
        number = self.a.graph.value(node)
        if number is not None:
            return self.v.number(number)
        return self.v.load(self.v.arguments["slopes"], self.place[node])

    def row(self, i: int) -> list[int]:
        """Columns of the entries of row i."""
        return [column for row, column in self.a.jacobian.entries if row == i]


def factorise(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The factors of D - df/dy, with inverted pivots; D is `diagonal`, 1/(h gamma), in the rows of the states.

    In the rows of the kept nodes D is 1.
    """
    v = VectorFunction(module, "factorise", ("diagonal", "slopes", "factor"), width)
    diagonal, factor = v.load(v.arguments["diagonal"]), v.arguments["factor"]
    entries = Entries(a, v)
    entry_of = {slot: entry for entry, slot in a.elimination.slots.items()}
    row: dict[int, Any] = {}

    def begin(i: int, j: int) -> Any:
        start = v.number(0.0) if i != j else diagonal if i < a.size else v.number(1.0)
        return v.sub(start, entries.value((i, j))) if (i, j) in a.jacobian.entries else start

    def value(slot: int) -> Any:
        """A slot of the row in work; a finished row is read back from memory."""
        if slot not in row and entry_of[slot][0] in finished:
            return v.load(factor, slot)
        if slot not in row:
            row[slot] = begin(*entry_of[slot])
        return row[slot]

    finished: set[int] = set()
    for operation in a.elimination.factor:
        if isinstance(operation, Update):
            row[operation.target] = v.sub(
                value(operation.target), v.mul(value(operation.left), value(operation.right))
            )
        elif isinstance(operation, Scale):
            row[operation.target] = v.mul(value(operation.target), value(operation.by))
        else:
            row[operation.slot] = v.div(v.number(1.0), value(operation.slot))
            i = entry_of[operation.slot][0]
            for slot in (n for entry, n in a.elimination.slots.items() if entry[0] == i):
                v.store(value(slot), factor, slot)
            finished.add(i)
            row.clear()
    return v.done()


def solve(module: Any, a: Algebra, width: int) -> VectorFunction:
    """x = (D - df/dy)^-1 (f + x), in place; the kept nodes have 0 on the right and leave no trace."""
    v = VectorFunction(module, "solve", ("factor", "f", "x"), width)
    factor, f, x = (v.arguments[name] for name in ("factor", "f", "x"))
    values = [v.add(v.load(f, i), v.load(x, i)) for i in range(a.size)]
    values += [v.number(0.0)] * len(a.jacobian.kept)
    for operation in a.elimination.solve:
        row, by = operation.row, v.load(factor, operation.slot)
        if isinstance(operation, Substitute):
            values[row] = v.sub(values[row], v.mul(by, values[operation.column]))
        else:
            values[row] = v.mul(values[row], by)
    for i in range(a.size):
        v.store(values[i], x, i)
    return v.done()


def defect(module: Any, a: Algebra, width: int) -> VectorFunction:
    """What the first solve left over, as an error d of its solution x.

    d = (f + h SLOPES[0] df/dt - (diagonal I - df/dy) x) / diagonal: the solve has no pivoting, and this is
    how we know that it did not need any.
    """
    v = VectorFunction(module, "defect", ("diagonal", "slopes", "time_slope", "h", "f", "x", "d"), width)
    diagonal, lead = v.load(v.arguments["diagonal"]), v.load(v.arguments["h"])
    lead = v.mul(lead, v.number(rodas5p.SLOPES[0]))
    share = v.div(v.number(1.0), diagonal)
    entries = Entries(a, v)
    x = [v.load(v.arguments["x"], i) for i in range(a.size)]

    def product(i: int, start: Any) -> Any:
        """Row i of df/dy times x, added to `start`."""
        for j in entries.row(i):
            start = v.add(start, v.mul(entries.value((i, j)), x[j]))
        return start

    for z in range(a.size, a.jacobian.order):
        x.append(product(z, v.number(0.0)))
    for i in range(a.size):
        left = v.sub(v.load(v.arguments["f"], i), v.mul(diagonal, x[i]))
        left = v.add(left, v.mul(lead, v.load(v.arguments["time_slope"], i)))
        v.store(v.mul(product(i, left), share), v.arguments["d"], i)
    return v.done()


def observe(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The recorded outputs at time t and state y."""
    v = VectorFunction(module, "observe", ("t", "y", "p", "out"), width)
    _write_all(v, Expressions(a, v), a.outputs, "out")
    return v.done()


def starts(module: Any, a: Algebra, width: int) -> VectorFunction:
    """Initial states, and behind the parameters the results that rest on parameters alone."""
    v = VectorFunction(module, "starts", ("p", "y"), width)
    write = Expressions(a, v, stored=())
    _write_all(v, write, a.starts, "y")
    _write_all(v, write, a.hoisted, "p", a.parameters)
    return v.done()


def jumps(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The value of every change of every event, in declaration order."""
    v = VectorFunction(module, "jumps", ("t", "y", "p", "values"), width)
    _write_all(v, Expressions(a, v), a.jumps, "values")
    return v.done()
