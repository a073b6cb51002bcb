"""The floating-point operations that one step of a system takes, counted from its graph and its elimination.

What is counted is what each function of a step must compute once: graph nodes it needs beyond those an earlier
function has stored, the operations of the elimination, and the sums of the method over its stages. An addition, a
multiplication, a division and a square root count one each, so a fused multiply-add counts two. Negations, comparisons,
selections and moves count nothing. exp and log count what their own code does, division included.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from thymos.engine import elementary, rodas5p
from thymos.engine.algebra import Algebra
from thymos.engine.elimination import Invert, Substitute, Update
from thymos.engine.graph import Graph, Node
from thymos.engine.vector import VectorFunction


@dataclass(frozen=True)
class Count:
    """Operations on one patient; divisions are among the flops, and told apart since they take longer."""

    flops: int = 0
    divisions: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.flops + other.flops, self.divisions + other.divisions)

    def __rmul__(self, times: int) -> Count:
        return Count(times * self.flops, times * self.divisions)


def total(counts: Iterable[Count]) -> Count:
    """Their sum."""
    return sum(counts, start=Count())


@cache
def emitted(name: str) -> Count:
    """What `elementary` writes for exp or log."""
    import llvmlite.ir as ir

    v = VectorFunction(ir.Module("count"), name, ("x", "y"), 2)
    v.store(getattr(elementary, name)(v, v.load(v.arguments["x"])), v.arguments["y"])
    text = str(v.done().function)
    single, fused, divisions = (len(re.findall(p, text)) for p in (r"= f(?:add|sub|mul) ", "fmuladd", "= fdiv "))
    return Count(single + 2 * fused + divisions, divisions)


def of_kind(kind: str) -> Count:
    """One operation of the graph."""
    if kind in ("exp", "log"):
        return emitted(kind)
    if kind == "pow":  # exp(exponent x logarithm); the logarithm is a node of its own
        return Count(1) + emitted("exp")
    if kind == "inv":
        return Count(1, 1)
    return Count(int(kind in ("add", "sub", "mul", "sqrt")))


def of_nodes(graph: Graph, roots: Iterable[Node], stored: Collection[Node] = ()) -> Count:
    """Everything the roots need, each node once, but for what is stored already."""
    seen: set[Node] = set(stored)
    waiting = [r for r in roots if r not in seen]
    counts = []
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            kind, arguments, _ = graph.operations[node]
            counts.append(of_kind(kind))
            waiting.extend(arguments)
    return total(counts)


def functions(a: Algebra) -> dict[str, Count]:
    """One call of each function of a kernel that has no loop over the states."""
    still = set(a.hoisted)
    known = still | set(a.clock)
    inverts = sum(isinstance(o, Invert) for o in a.elimination.factor)
    updates = sum(isinstance(o, Update) for o in a.elimination.factor)
    substitutions = sum(isinstance(o, Substitute) for o in a.elimination.solve)
    scales = len(a.elimination.factor) - inverts - updates
    return {
        "clock": of_nodes(a.graph, a.clock, still),
        "rhs": of_nodes(a.graph, a.rhs, known),
        "jacobian": of_nodes(a.graph, (*a.jacobian.values(), *a.time_slopes), known),
        # A subtraction on the diagonal, a change of sign elsewhere; then the elimination.
        "factorise": Count(sum(i == j for i, j in a.jacobian) + 2 * updates + scales + inverts, inverts),
        # Adding f, then the substitutions and the division by the pivots.
        "solve": Count(a.size + substitutions + len(a.elimination.solve)),
        # M x - f - h d df/dt, row by row, over the diagonal.
        "defect": Count(2 * len(a.jacobian) + 5 * a.size + 2, 1),
        "observe": of_nodes(a.graph, a.outputs, still),
    }


def _nonzero(weights: Iterable[float]) -> int:
    return sum(w != 0 for w in weights)


def combinations(size: int) -> Count:
    """The sums over earlier stages that give the points and the right sides of all stages, and the new state."""
    flops = 0
    for s in range(rodas5p.STAGES):
        terms = _nonzero(rodas5p.C[s])
        flops += 2 * terms  # the sum, and its product with 1/h
        flops += 2 if rodas5p.SLOPES[s] and terms else int(rodas5p.SLOPES[s] != 0)
        if s:
            flops += 2 * _nonzero(rodas5p.A[s]) if s < len(rodas5p.A) else 1
    return Count((flops + 1) * size)


def error(size: int) -> Count:
    """The scaled sums of the end and the inside of a step and of the defect, and the factor for the next step."""
    inside = 2 * _nonzero(rodas5p.DENSE[-1]) - 1
    each = 2 + 1 + (1 + 2) + (inside + 1 + 2) + (2 + 1)
    return Count(each * size, size) + Count(3) + emitted("exp") + emitted("log")


def step(size: int, f: dict[str, Count]) -> Count:
    """One step tried, accepted or not; `f` counts one call of each function."""
    moments = 1 + sum(t != before for before, t in zip(rodas5p.TIMES, rodas5p.TIMES[1:], strict=False))
    stages = rodas5p.STAGES * (f["rhs"] + f["solve"])
    own = combinations(size) + error(size) + Count(2, 1)
    return moments * f["clock"] + f["jacobian"] + f["factorise"] + stages + f["defect"] + own


def output(size: int, f: dict[str, Count]) -> Count:
    """One output time: the interpolant of its step, the state there, what is observed."""
    rows = sum(2 * _nonzero(row) - 1 for row in rodas5p.DENSE)
    return Count((rows + 9) * size + 1) + f["observe"]
