"""The functions of one model as C, from its right-hand sides to its jumps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from thymos.engine import rodas5p
from thymos.engine.algebra import Algebra
from thymos.engine.cuda.c_code import CFunction, Statements, number
from thymos.engine.elimination import Entry, Invert, Scale, Substitute, Update
from thymos.engine.graph import Node
from thymos.engine.reader import TIME, parameter_leaf, state_leaf


def places(a: Algebra, stored: Collection[str]) -> dict[Node, str]:
    """Where each leaf is found, and the nodes that rest on parameters alone (`hoisted`) or on time too (`clock`)."""
    leaves = {TIME: "t"}
    leaves |= {state_leaf(i): f"y[{i}]" for i in range(a.size)}
    leaves |= {parameter_leaf(i): f"p[{i}]" for i in range(a.parameters)}
    found = {
        node: leaves[str(tag)]
        for node, (kind, _, tag) in enumerate(a.graph.operations)
        if kind == "leaf" and str(tag) in leaves
    }
    if "hoisted" in stored:
        found |= {n: f"p[{a.parameters + i}]" for i, n in enumerate(a.hoisted)}
    if "clock" in stored:
        found |= {n: f"c[{i}]" for i, n in enumerate(a.clock)}
    return found


def _write_all(f: CFunction, write: Statements, nodes: Sequence[Node], into: str, first: int = 0) -> None:
    for i, node in enumerate(nodes):
        f.store(into, first + i, write.value(node))


def clock(a: Algebra) -> CFunction:
    """What the right-hand sides need of time and parameters alone."""
    f = CFunction("model_clock", values=("t",), reads=("p",), writes=("c",))
    _write_all(f, Statements(a.graph, f, places(a, ("hoisted",))), a.clock, "c")
    return f


def rhs(a: Algebra) -> CFunction:
    """f = dy/dt."""
    f = CFunction("model_rhs", values=("t",), reads=("y", "p", "c"), writes=("f",))
    _write_all(f, Statements(a.graph, f, places(a, ("hoisted", "clock"))), a.rhs, "f")
    return f


def jacobian(a: Algebra) -> CFunction:
    """df/dt, and the slopes that the entries of df/dy are made of."""
    f = CFunction("model_jacobian", values=("t",), reads=("y", "p", "c"), writes=("time_slope", "slopes"))
    write = Statements(a.graph, f, places(a, ("hoisted", "clock")))
    _write_all(f, write, a.slopes, "slopes")
    _write_all(f, write, a.time_slopes, "time_slope")
    return f


def entries(a: Algebra) -> dict[Entry, str]:
    """Entries of df/dy in a function that reads `slopes`: numbers as numbers, the rest from there."""
    place = {node: f"slopes[{n}]" for n, node in enumerate(a.slopes)}
    place |= {n: number(v) for n in a.jacobian.entries.values() if (v := a.graph.value(n)) is not None}
    return {entry: place[node] for entry, node in a.jacobian.entries.items()}


def factorise(a: Algebra) -> CFunction:
    """The factors of D - df/dy, with inverted pivots; D is `diagonal`, 1/(h gamma), and 1 in rows of kept nodes.

    Row by row: a finished row is written and, where a later row needs it, read back.
    """
    f = CFunction("model_factorise", values=("diagonal",), reads=("slopes",), writes=("factor",))
    row_of = {slot: i for (i, _), slot in a.elimination.slots.items()}
    row: dict[int, str] = {}
    for operation in a.elimination.factor:
        target = operation.slot if isinstance(operation, Invert) else operation.target
        if target not in row:
            row = _row_to_factor(a, row_of[target])
            f.lines += [f"double m{slot} = {begin};" for slot, begin in row.items()]
        if isinstance(operation, Update):
            f.lines.append(f"m{target} -= m{operation.left} * factor[{operation.right}];")
        elif isinstance(operation, Scale):
            f.lines.append(f"m{target} *= factor[{operation.by}];")
        else:
            f.lines.append(f"m{target} = 1.0 / m{target};")
            f.lines += [f"factor[{slot}] = m{slot};" for slot in row]
    return f


def _row_to_factor(a: Algebra, i: int) -> dict[int, str]:
    """Row i of D - df/dy, by slot."""
    known, row = entries(a), {}
    for (k, j), slot in a.elimination.slots.items():
        if k == i:
            start = "" if i != j else "diagonal" if i < a.size else "1.0"
            less = f" - {known[i, j]}" if (i, j) in known else ""
            row[slot] = f"{start}{less}".strip() or "0.0"
    return row


def solve(a: Algebra) -> CFunction:
    """x = (D - df/dy)^-1 (f + x), in place; the kept nodes have 0 on the right and leave no trace."""
    f = CFunction("model_solve", reads=("factor", "f"), writes=("x",))
    f.lines += [f"double x{i} = f[{i}] + x[{i}];" for i in range(a.size)]
    f.lines += [f"double x{z} = 0.0;" for z in range(a.size, a.jacobian.order)]
    for operation in a.elimination.solve:
        if isinstance(operation, Substitute):
            f.lines.append(f"x{operation.row} -= factor[{operation.slot}] * x{operation.column};")
        else:
            f.lines.append(f"x{operation.row} *= factor[{operation.slot}];")
    for i in range(a.size):
        f.store("x", i, f"x{i}")
    return f


def defect(a: Algebra) -> CFunction:
    """What the first solve left over, as an error d of its solution x; see `model_code.defect`."""
    reads = ("slopes", "time_slope", "f", "x")
    f = CFunction("model_defect", values=("diagonal", "h"), reads=reads, writes=("d",))
    f.let("share", "1.0 / diagonal")
    f.let("lead", f"h * {number(rodas5p.SLOPES[0])}")
    known = [f"x[{i}]" for i in range(a.size)] + [f"z{z}" for z in range(a.size, a.jacobian.order)]
    product = [""] * a.jacobian.order
    for (i, j), entry in entries(a).items():
        product[i] += f" + {entry} * {known[j]}"
    for z in range(a.size, a.jacobian.order):
        f.let(f"z{z}", f"0.0{product[z]}")
    for i in range(a.size):
        left = f"f[{i}] - diagonal * x[{i}] + lead * time_slope[{i}]"
        f.store("d", i, f"share * ({left}{product[i]})")
    return f


def observe(a: Algebra) -> CFunction:
    """The recorded outputs at time t and state y, within the code of its callers: they skip states it does not read."""
    f = CFunction("model_observe", values=("t",), reads=("y", "p"), writes=("out",), part="SMALL_PART")
    _write_all(f, Statements(a.graph, f, places(a, ("hoisted",))), a.outputs, "out")
    return f


def starts(a: Algebra) -> CFunction:
    """Initial states, and behind the parameters the results that rest on parameters alone."""
    f = CFunction("model_starts", writes=("p", "y"))
    write = Statements(a.graph, f, places(a, ()))
    _write_all(f, write, a.starts, "y")
    _write_all(f, write, a.hoisted, "p", a.parameters)
    return f


def jumps(a: Algebra) -> CFunction:
    """The value of every change of every event, in declaration order."""
    f = CFunction("model_jumps", values=("t",), reads=("y", "p"), writes=("values",))
    _write_all(f, Statements(a.graph, f, places(a, ("hoisted",))), a.jumps, "values")
    return f


FUNCTIONS = (clock, rhs, jacobian, factorise, solve, defect, observe, starts, jumps)
