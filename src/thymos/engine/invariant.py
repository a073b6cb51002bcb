"""What need not be computed again: subexpressions that rest on leaves that stand still."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from thymos.engine.graph import Graph, Node


def largest_still(
    graph: Graph, roots: Iterable[Node], moving: Collection[str], known: Collection[Node] = ()
) -> tuple[Node, ...]:
    """The largest subexpressions of the roots that hold no leaf whose name begins with one of `moving`.

    Leaves, constants and what is `known` already are not among them: they cost no more than a load.
    """
    marks = tuple(moving)
    still: set[Node] = set()
    nodes = graph.needed(roots)
    for node in nodes:
        kind, arguments, tag = graph.operations[node]
        if kind == "leaf":
            if not str(tag).startswith(marks):
                still.add(node)
        elif all(a in still for a in arguments):
            still.add(node)
    used = {a for node in nodes if node not in still for a in graph.operations[node][1]}
    free = {"leaf", "constant"}
    return tuple(
        sorted(
            n for n in {*used, *roots} if n in still and n not in known and graph.operations[n][0] not in free
        )
    )
