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
        kind, arguments, tag = graph.operations[node]
        if kind == "leaf":
            known[node] = {str(tag): graph.constant(1.0)} if tag in variables else {}
        elif kind == "mul":
            known[node] = _product(graph, arguments, known)
        elif kind in ("add", "sub", "neg"):
            known[node] = _sum(graph, kind, arguments, known)
        else:
            known[node] = _function(graph, node, known)
    return [known[root] for root in roots]


def _sum(graph: Graph, kind: str, arguments: tuple[Node, ...], known: dict[Node, Gradient]) -> Gradient:
    if kind == "neg":
        return {v: graph.neg(d) for v, d in known[arguments[0]].items()}
    result = dict(known[arguments[0]])
    join = graph.add if kind == "add" else graph.sub
    for v, d in known[arguments[1]].items():
        result[v] = join(result.get(v, graph.constant(0.0)), d)
    return _without_zeros(graph, result)


def _product(graph: Graph, arguments: tuple[Node, ...], known: dict[Node, Gradient]) -> Gradient:
    a, b = arguments
    result = {v: graph.mul(d, b) for v, d in known[a].items()}
    for v, d in known[b].items():
        result[v] = graph.add(result.get(v, graph.constant(0.0)), graph.mul(d, a))
    return _without_zeros(graph, result)


def _function(graph: Graph, node: Node, known: dict[Node, Gradient]) -> Gradient:
    kind, arguments, _ = graph.operations[node]
    inner = known.get(arguments[0], {}) if arguments else {}
    if kind == "pow":
        return _power(graph, node, arguments, known)
    if not inner:
        return {}
    slope = _slope(graph, kind, node, arguments[0])
    return {v: graph.mul(slope, d) for v, d in inner.items()}


def _slope(graph: Graph, kind: str, node: Node, argument: Node) -> Node:
    """f'(x) of a function of one argument, written with f(x) where that is cheaper."""
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


def _power(graph: Graph, node: Node, arguments: tuple[Node, ...], known: dict[Node, Gradient]) -> Gradient:
    base, exponent, logarithm = arguments
    # b**e / b with the lifted b: at b = 0 and e > 1 the slope is 0, not 0/0.
    slope = graph.mul(graph.mul(exponent, node), graph.inv(graph.lift(base)))
    result = {v: graph.mul(slope, d) for v, d in known[base].items()}
    for v, d in known[exponent].items():
        part = graph.mul(graph.mul(node, logarithm), d)
        result[v] = graph.add(result.get(v, graph.constant(0.0)), part)
    return _without_zeros(graph, result)


def _without_zeros(graph: Graph, gradient: Gradient) -> Gradient:
    return {v: d for v, d in gradient.items() if graph.value(d) != 0.0}
