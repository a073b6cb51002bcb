"""A traced system as arithmetic on one graph: right-hand sides, Jacobian, outputs, starts and jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.engine.derivative import gradients
from thymos.engine.elimination import Elimination, eliminate
from thymos.engine.graph import Graph, Node
from thymos.engine.invariant import largest_still
from thymos.engine.jacobian import Jacobian, jacobian
from thymos.engine.reader import TIME, Reader, state_leaf

if TYPE_CHECKING:
    from thymos.lang.system import System


@dataclass(frozen=True)
class Algebra:
    """Everything the kernels compute, as nodes of one graph, and the plan of the linear solves.

    slopes   : the distinct entries of the Jacobian that are no mere numbers
    triggers : the states that triggers watch
    hoisted  : results that rest on parameters alone, computed once per patient
    clock    : those that rest on parameters and time and enter `rhs`, computed once for all stages at one time
    """

    graph: Graph
    size: int
    parameters: int
    rhs: tuple[Node, ...]
    jacobian: Jacobian
    slopes: tuple[Node, ...]
    time_slopes: tuple[Node, ...]
    outputs: tuple[Node, ...]
    starts: tuple[Node, ...]
    jumps: tuple[Node, ...]
    triggers: tuple[int, ...]
    elimination: Elimination
    hoisted: tuple[Node, ...]
    clock: tuple[Node, ...]

    @property
    def operations(self) -> int:
        """Operations written out in the kernel, each counted once: a measure of how large the code gets."""
        roots = (*self.rhs, *self.slopes, *self.time_slopes, *self.outputs, *self.starts, *self.jumps)
        return len(self.graph.needed(roots)) + len(self.elimination.factor) + len(self.elimination.solve)


def algebra(system: System) -> Algebra:
    """Convert, differentiate and plan."""
    reader = Reader(system)
    graph, size = reader.graph, len(system.states)
    rhs = reader.read_all(system.rhs)
    linear = jacobian(graph, rhs, [graph.leaf(state_leaf(j)) for j in range(size)])
    slopes = tuple(n for n in dict.fromkeys(linear.entries.values()) if graph.value(n) is None)
    zero = graph.constant(0.0)
    time_slopes = tuple(g.get(TIME, zero) for g in gradients(graph, rhs, {TIME}))
    outputs = reader.read_all(o.expression for o in system.outputs)
    jumps = reader.read_all(change[2] for event in system.events for change in event.changes)
    hoisted = largest_still(graph, (*rhs, *slopes, *time_slopes, *outputs, *jumps), moving=(TIME, "y"))
    return Algebra(
        graph,
        size,
        len(system.parameters),
        rhs,
        linear,
        slopes,
        time_slopes,
        outputs,
        reader.read_all(system.starts),
        jumps,
        tuple(event.when for event in system.events if event.when is not None),
        eliminate(linear.order, set(linear.entries)),
        hoisted,
        largest_still(graph, rhs, moving=("y",), known=hoisted),
    )
