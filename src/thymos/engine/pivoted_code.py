"""The linear solves once more, dense and with row pivoting in every lane: for patients whose matrix needs it.

The unrolled elimination keeps one order for all patients. Here each lane swaps its own rows, under a mask, in
plain loops: about a thousand times the work at 80 unknowns, for the few that fail otherwise.

Rows are scaled to a largest entry of 1 first, since states differ by many orders of magnitude. Reference:
`golub2013`, on Gaussian elimination with partial pivoting.
"""

from __future__ import annotations

from typing import Any

from thymos.engine.algebra import Algebra
from thymos.engine.model_code import Entries
from thymos.engine.vector import VectorFunction

# The dense matrix stands on the stack of a thread: 64 bytes an entry with 8 lanes, 2.6 MB at 200 unknowns.
MOST_UNKNOWNS = 200


def length(a: Algebra) -> int:
    """Vectors that a factor takes: the matrix, a scale and a pivot for each row."""
    n = a.jacobian.order
    return n * n + 2 * n


class _Dense:
    """The matrix, scales and pivots behind the argument `factor`, addressed by row and column."""

    def __init__(self, v: VectorFunction, n: int) -> None:
        self.v, self.n, self.pointer = v, n, v.arguments["factor"]

    def _place(self, i: Any, j: Any) -> Any:
        b = self.v.builder
        return b.add(b.mul(i, i.type(self.n)), j)

    def load(self, i: Any, j: Any) -> Any:
        return self.v.load(self.pointer, self._place(i, j))

    def store(self, value: Any, i: Any, j: Any) -> None:
        self.v.store(value, self.pointer, self._place(i, j))

    def scale(self, i: Any) -> Any:
        return self.v.builder.add(i, i.type(self.n * self.n))

    def pivot(self, k: Any) -> Any:
        return self.v.builder.add(k, k.type(self.n * self.n + self.n))


def factorise(module: Any, a: Algebra, width: int) -> VectorFunction:
    """L and U of the scaled matrix D - df/dy, rows swapped, with inverted pivots."""
    n = a.jacobian.order
    v = VectorFunction(module, "factorise_pivoted", ("diagonal", "slopes", "factor"), width)
    m = _Dense(v, n)
    _fill(v, a, m)
    with v.loop(n) as (i, _):
        _scale_row(v, m, i)
    with v.loop(n) as (k, _):
        _find_pivot(v, m, k)
        below = v.builder.add(k, k.type(1))
        inverse = v.div(v.number(1.0), m.load(k, k))
        m.store(inverse, k, k)
        with v.loop(n, below) as (i, _):
            share = v.mul(m.load(i, k), inverse)
            m.store(share, i, k)
            with v.loop(n, below) as (j, _):
                m.store(v.sub(m.load(i, j), v.mul(share, m.load(k, j))), i, j)
    return v.done()


def _fill(v: VectorFunction, a: Algebra, m: _Dense) -> None:
    with v.loop(m.n * m.n) as (i, _):
        v.store(v.number(0.0), m.pointer, i)
    entries, diagonal = Entries(a, v), v.load(v.arguments["diagonal"])
    for i in range(m.n):
        v.store(diagonal if i < a.size else v.number(1.0), m.pointer, i * m.n + i)
    for i, j in a.jacobian.entries:
        place = i * m.n + j
        v.store(v.sub(v.load(m.pointer, place), entries.value((i, j))), m.pointer, place)


def _scale_row(v: VectorFunction, m: _Dense, i: Any) -> None:
    with v.loop(m.n, totals=1) as (j, largest):
        largest[0] = v.larger(largest[0], v.intrinsic("fabs", m.load(i, j)))
    scale = v.div(v.number(1.0), largest[0])
    v.store(scale, m.pointer, m.scale(i))
    with v.loop(m.n) as (j, _):
        m.store(v.mul(m.load(i, j), scale), i, j)


def _find_pivot(v: VectorFunction, m: _Dense, k: Any) -> None:
    """Swap row k with the row below it that has the largest entry in column k, lane by lane."""
    best, chosen = v.scratch(1), m.pivot(k)
    v.store(v.intrinsic("fabs", m.load(k, k)), best)
    v.store(v.splat(k), m.pointer, chosen)
    below = v.builder.add(k, k.type(1))
    with v.loop(m.n, below) as (i, _):
        size, most = v.intrinsic("fabs", m.load(i, k)), v.load(best)
        better = v.less(most, size)
        v.store(v.choose(better, size, most), best)
        v.store(v.choose(better, v.splat(i), v.load(m.pointer, chosen)), m.pointer, chosen)
    with v.loop(m.n, below) as (i, _):
        here = v.builder.fcmp_ordered("==", v.load(m.pointer, chosen), v.splat(i))
        with v.loop(m.n) as (j, _):
            upper, lower = m.load(k, j), m.load(i, j)
            m.store(v.choose(here, lower, upper), k, j)
            m.store(v.choose(here, upper, lower), i, j)


def solve(module: Any, a: Algebra, width: int) -> VectorFunction:
    """x = (D - df/dy)^-1 (f + x), in place."""
    n = a.jacobian.order
    v = VectorFunction(module, "solve_pivoted", ("factor", "f", "x"), width)
    m, right = _Dense(v, n), v.scratch(n)
    for i in range(n):
        v.store(v.number(0.0), right, i)
    with v.loop(a.size) as (i, _):
        total = v.add(v.load(v.arguments["f"], i), v.load(v.arguments["x"], i))
        v.store(v.mul(total, v.load(m.pointer, m.scale(i))), right, i)
    with v.loop(n) as (k, _), v.loop(n, v.builder.add(k, k.type(1))) as (i, _):
        here = v.builder.fcmp_ordered("==", v.load(m.pointer, m.pivot(k)), v.splat(i))
        upper, lower = v.load(right, k), v.load(right, i)
        v.store(v.choose(here, lower, upper), right, k)
        v.store(v.choose(here, upper, lower), right, i)
    with v.loop(n) as (k, _):
        known = v.load(right, k)
        with v.loop(n, v.builder.add(k, k.type(1))) as (i, _):
            v.store(v.sub(v.load(right, i), v.mul(m.load(i, k), known)), right, i)
    with v.loop(n) as (turn, _):
        k = v.builder.sub(turn.type(n - 1), turn)
        known = v.mul(v.load(right, k), m.load(k, k))
        v.store(known, right, k)
        with v.loop(k, turn.type(0)) as (i, _):
            v.store(v.sub(v.load(right, i), v.mul(m.load(i, k), known)), right, i)
    with v.loop(a.size) as (i, _):
        v.store(v.load(right, i), v.arguments["x"], i)
    return v.done()
