"""Exact derivatives on the graph, by the chain rule from the leaves upwards, zero entries never formed."""

from __future__ import annotations

from collections.abc import Sequence

from thymos.engine.graph import Graph, Node

Gradient = dict[str, Node]


def gradients(graph: Graph, roots: Sequence[Node], variables: set[str]) -> list[Gradient]:
    """For each root the nonzero partial derivatives with respect to the named leaves.

    Equal slopes of shared parts are shared nodes, so the cost of all entries together stays near that of the
    roots, which differentiating printed expressions does not achieve.
    """
    known: dict[Node, Gradient] = {}
    for node in graph.needed(roots):
        kind, _, tag = graph.operations[node]
        if kind == "leaf":
            known[node] = {str(tag): graph.constant(1.0)} if tag in variables else {}
        else:
            known[node] = _chained(graph, node, known)
    return [known[root] for root in roots]


def _chained(graph: Graph, node: Node, known: dict[Node, Gradient]) -> Gradient:
    result: Gradient = {}
    for argument, slope in partials(graph, node).items():
        for v, d in known[argument].items():
            part = graph.mul(slope, d)
            result[v] = graph.add(result[v], part) if v in result else part
    return {v: d for v, d in result.items() if graph.value(d) != 0.0}


def partials(graph: Graph, node: Node) -> dict[Node, Node]:
    """Derivative of one operation with respect to each of its arguments."""
    kind, arguments, _ = graph.operations[node]
    one = graph.constant(1.0)
    if kind in ("leaf", "constant", "below", "floor", "uniform"):  # the last three are flat but for corners
        return {}
    if kind in ("add", "sub"):
        a, b = arguments
        other = one if kind == "add" else graph.neg(one)
        return {a: one, b: other} if a != b else {a: graph.add(one, other)}
    if kind == "mul":
        a, b = arguments
        return {a: b, b: a} if a != b else {a: graph.add(a, a)}
    if kind == "pow":
        return _of_power(graph, node, arguments)
    return {arguments[0]: _slope(graph, kind, node, arguments[0])}


def _slope(graph: Graph, kind: str, node: Node, argument: Node) -> Node:
    """f'(x) of a function of one argument, written with f(x) where that is cheaper."""
    if kind == "neg":
        return graph.constant(-1.0)
    if kind == "exp":
        return node
    if kind == "log":
        return graph.inv(argument)
    if kind == "sqrt":
        return graph.mul(graph.constant(0.5), graph.inv(node))
    if kind == "inv":
        return graph.neg(graph.mul(node, node))
    # What is left is `lift`, met only inside `pow`, whose slope is written for a base above the floor.
    return graph.constant(1.0)


def _of_power(graph: Graph, node: Node, arguments: tuple[Node, ...]) -> dict[Node, Node]:
    base, exponent, logarithm = arguments
    # b**e / b with the lifted b: at b = 0 and e > 1 the slope is 0, not 0/0.
    by_base = graph.mul(graph.mul(exponent, node), graph.inv(graph.lift(base)))
    by_exponent = graph.mul(node, logarithm)
    if base == exponent:
        return {base: graph.add(by_base, by_exponent)}
    return {base: by_base, exponent: by_exponent}
