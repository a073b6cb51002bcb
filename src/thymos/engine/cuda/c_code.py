"""Graph nodes as C: one statement for each operation, written where it is first asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from thymos.engine.graph import LEAST_BASE, Graph, Node

FORMS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "neg": "-{0}",
    "inv": "1.0 / {0}",
    "sqrt": "sqrt({0})",
    "exp": "exp({0})",
    "log": "log({0})",
    "lift": f"{{0}} < {LEAST_BASE!r} ? {LEAST_BASE!r} : {{0}}",
    "pow": "exp({1} * {2})",
}


def number(x: float) -> str:
    """A double that reads back as the same bits; negative ones in brackets, so that any sign may stand before."""
    if math.isnan(x):
        return '(nan(""))'
    if math.isinf(x):
        return f"({'-' if x < 0 else ''}1.0 / 0.0)"
    return repr(x) if math.copysign(1.0, x) > 0 else f"({x!r})"


def table(name: str, kind: str, rows: Iterable[Iterable[object]], width: int) -> str:
    """A constant array of rows, each filled up with zeros; one row of zeros where there is none."""
    cells = [[*row] for row in rows] or [[]]
    lines = [", ".join(str(c) for c in [*row, *[0] * (width - len(row))]) for row in cells]
    return (
        f"TABLE {kind} {name}[{len(lines)}][{width}] = {{\n"
        + "".join(f"    {{{x}}},\n" for x in lines)
        + "};"
    )


class CFunction:
    """Builds `PART void name(...)`: doubles by value, arrays to read, arrays to write; none overlap.

    `part` is SMALL_PART for what is to be written into the code of its callers.
    `places` says where leaves, and nodes that an earlier function has stored, are found.
    """

    def __init__(
        self,
        name: str,
        *,
        values: Iterable[str] = (),
        reads: Iterable[str] = (),
        writes: Iterable[str] = (),
        part: str = "PART",
    ) -> None:
        self.arguments = [f"double {v}" for v in values]
        self.arguments += [f"const double *RESTRICT {v}" for v in reads]
        self.arguments += [f"double *RESTRICT {v}" for v in writes]
        self.name, self.part = name, part
        self.lines: list[str] = []

    def let(self, name: str, expression: str) -> str:
        """A named constant; gives its name."""
        self.lines.append(f"const double {name} = {expression};")
        return name

    def store(self, array: str, index: int, expression: str) -> None:
        """Write one element."""
        self.lines.append(f"{array}[{index}] = {expression};")

    def text(self) -> str:
        """The definition; an argument the model has no use for is said to be unused."""
        body = "".join(f"    {line}\n" for line in self.lines)
        unused = "".join(f"    (void){a.split()[-1].lstrip('*')};\n" for a in self.arguments)
        return f"{self.part} void {self.name}({', '.join(self.arguments)})\n{{\n{unused}{body}}}\n"


class Statements:
    """Writes nodes of a graph into one function, each once."""

    def __init__(self, graph: Graph, into: CFunction, places: Mapping[Node, str]) -> None:
        self.graph, self.into, self.written = graph, into, dict(places)

    def value(self, root: Node) -> str:
        """The C name of a node; arguments first, without recursion since sums can be long."""
        waiting = [root]
        while waiting:
            node = waiting[-1]
            if node in self.written:
                waiting.pop()
                continue
            missing = [a for a in self.graph.operations[node][1] if a not in self.written]
            if missing:
                waiting.extend(missing)
                continue
            waiting.pop()
            self.written[node] = self._write(node)
        return self.written[root]

    def _write(self, node: Node) -> str:
        kind, arguments, tag = self.graph.operations[node]
        if kind == "constant":
            return number(float(tag or 0.0))
        form = FORMS[kind].format(*(self.written[a] for a in arguments))
        return self.into.let(f"v{node}", form)
