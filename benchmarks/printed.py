"""Functions of (t, y, p) printed from a traced system and compiled by numba, for engines that call such functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[..., Floats]


def into(system: Any, name: str, expressions: Iterable[Any], places: Iterable[Any] | None = None) -> Function:
    """`name`(t, y, p, out) writes the expressions to out, in order or at the places given."""
    import numba
    import sympy

    names = {q.symbol: sympy.Symbol(f"y[{i}]") for i, q in enumerate(system.states)}
    names |= {q.symbol: sympy.Symbol(f"p[{i}]") for i, q in enumerate(system.parameters)}
    names[system.time] = sympy.Symbol("t")
    plain = [sympy.sympify(e).xreplace(names) for e in expressions]
    parts, results = sympy.cse(plain, symbols=sympy.numbered_symbols("v"), order="none")

    def text(e: Any) -> str:
        return str(sympy.pycode(e, fully_qualified_modules=False))

    lines = [f"def {name}(t, y, p, out):", *(f"    {v} = {text(e)}" for v, e in parts)]
    for place, e in zip(range(len(plain)) if places is None else places, results, strict=True):
        at = ", ".join(map(str, place)) if isinstance(place, tuple) else place
        lines.append(f"    out[{at}] = {text(e)}")
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
