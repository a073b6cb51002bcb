"""Functions of (t, y, p) printed from a traced system and compiled by numba, for engines that call such functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.engine.graph import LEAST_BASE, Graph
from thymos.engine.reader import TIME

Floats = NDArray[np.float64]
Function = Callable[..., Floats]


def into(system: Any, name: str, expressions: Iterable[Any]) -> Function:
    """`name`(t, y, p, out) writes the expressions to out, in order."""
    import sympy

    names = {q.symbol: sympy.Symbol(f"y[{i}]") for i, q in enumerate(system.states)}
    names |= {q.symbol: sympy.Symbol(f"p[{i}]") for i, q in enumerate(system.parameters)}
    names[system.time] = sympy.Symbol("t")
    plain = [sympy.sympify(e).xreplace(names) for e in expressions]
    parts, results = sympy.cse(plain, symbols=sympy.numbered_symbols("v"), order="none")

    def text(e: Any) -> str:
        return str(sympy.pycode(e, fully_qualified_modules=False))

    lines = [f"def {name}(t, y, p, out):", *(f"    {v} = {text(e)}" for v, e in parts)]
    lines += [f"    out[{i}] = {text(e)}" for i, e in enumerate(results)]
    return _compiled(name, lines)


def graph_into(graph: Graph, entries: Mapping[tuple[int, int], int]) -> Function:
    """matrix(t, y, p, out) writes nodes of a graph to places of a matrix."""
    forms = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "neg": "-{}", "inv": "1.0 / {}"}
    forms |= {name: name + "({})" for name in ("sqrt", "exp", "log")}
    forms |= {"lift": f"max({{}}, {LEAST_BASE})", "pow": "exp({1} * {2})"}
    lines = ["def matrix(t, y, p, out):"]
    for node in graph.needed(entries.values()):
        kind, arguments, tag = graph.operations[node]
        given = str(tag) if kind == "constant" or tag == TIME else f"{str(tag)[:1]}[{str(tag)[1:]}]"
        right = forms[kind].format(*(f"v{a}" for a in arguments)) if kind in forms else given
        lines.append(f"    v{node} = {right}")
    lines += [f"    out[{i}, {j}] = v{node}" for (i, j), node in entries.items()]
    return _compiled("matrix", lines)


def _compiled(name: str, lines: list[str]) -> Function:
    import numba

    space: dict[str, Any] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
    exec("\n".join([*lines, "    return out"]), space)  # noqa: S102  our own printed expressions
    return numba.njit(error_model="numpy")(space[name])  # type: ignore[no-any-return]


def allocating(fill: Function, shape: int | tuple[int, ...]) -> Function:
    """The function that returns a new array, from the one that fills `out`."""
    import numba

    @numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
    def function(t: float, y: Floats, p: Floats) -> Floats:
        out = np.zeros(shape)
        fill(t, y, p, out)
        return out

    return function  # type: ignore[no-any-return]
