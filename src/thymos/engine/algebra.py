"""A traced system as arithmetic on one graph: right-hand sides, Jacobian, outputs, starts and jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.engine.derivative import gradients
from thymos.engine.elimination import Elimination, Entry, eliminate
from thymos.engine.graph import Graph, Node
from thymos.engine.invariant import largest_still
from thymos.engine.reader import TIME, Reader, state_leaf

if TYPE_CHECKING:
    from thymos.lang.system import System


@dataclass(frozen=True)
class Algebra:
    """Everything the kernels compute, as nodes of one graph, and the plan of the linear solves.

    `hoisted` are the results that rest on parameters alone: computed once per patient. `clock` are those that rest
    on parameters and time and enter `rhs`: computed once for all stages of a step at one time.
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
    clock: tuple[Node, ...]


def algebra(system: System) -> Algebra:
    """Convert, differentiate and plan."""
    reader = Reader(system)
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
    hoisted = largest_still(graph, dynamic, moving=(TIME, "y"))
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
        hoisted,
        largest_still(graph, rhs, moving=("y",), known=hoisted),
    )
