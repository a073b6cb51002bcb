"""Sparse LU on the diagonal, unrolled: an order with little fill, then a list of scalar operations.

There is no pivoting: the matrix is I/(h gamma) - J, whose diagonal dominates once the step h is small enough,
and the step checks the residual of its first solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Entry = tuple[int, int]


class Update(NamedTuple):
    """target -= left * right, in slots of the factor."""

    target: int
    left: int
    right: int


class Scale(NamedTuple):
    """target *= by, in slots of the factor."""

    target: int
    by: int


class Invert(NamedTuple):
    """slot = 1 / slot."""

    slot: int


class Substitute(NamedTuple):
    """x[row] -= factor[slot] * x[column]."""

    row: int
    slot: int
    column: int


class Divide(NamedTuple):
    """x[row] *= factor[slot], the stored inverse of the pivot."""

    row: int
    slot: int


@dataclass(frozen=True)
class Elimination:
    """Where each entry of the filled matrix is kept, and the operations that factor it and solve with it."""

    slots: dict[Entry, int]
    factor: tuple[Update | Scale | Invert, ...]
    solve: tuple[Substitute | Divide, ...]


def eliminate(size: int, pattern: set[Entry]) -> Elimination:
    """Plan the factorisation of a size x size matrix with entries at `pattern` and on the diagonal.

    Row by row: a row is finished and can leave the registers before the next one begins.
    """
    order, filled = markowitz(size, pattern | {(i, i) for i in range(size)})
    slots = {entry: n for n, entry in enumerate(sorted(filled))}
    place = {k: n for n, k in enumerate(order)}
    left = {k: [j for j in order[: place[k]] if (k, j) in filled] for k in order}
    right = {k: [j for j in order[place[k] + 1 :] if (k, j) in filled] for k in order}
    factor: list[Update | Scale | Invert] = []
    solve: list[Substitute | Divide] = []
    for i in order:
        for k in left[i]:
            factor.append(Scale(slots[i, k], slots[k, k]))
            factor += [Update(slots[i, j], slots[i, k], slots[k, j]) for j in right[k]]
            solve.append(Substitute(i, slots[i, k], k))
        factor.append(Invert(slots[i, i]))
    for k in reversed(order):
        solve += [Substitute(k, slots[k, j], j) for j in right[k]]
        solve.append(Divide(k, slots[k, k]))
    return Elimination(slots, tuple(factor), tuple(solve))


def markowitz(size: int, pattern: set[Entry]) -> tuple[list[int], set[Entry]]:
    """Order of diagonal pivots by least (rows left) x (columns left), and the pattern with its fill.

    Reference: H. M. Markowitz, The elimination form of the inverse and its application to linear programming,
    Management Science 3, 255 (1957). Ties go to the lower index, so that the order is reproducible.
    """
    rows: list[set[int]] = [{j for (i, j) in pattern if i == k and j != k} for k in range(size)]
    columns: list[set[int]] = [{i for (i, j) in pattern if j == k and i != k} for k in range(size)]
    filled, left, order = set(pattern), set(range(size)), []
    while left:
        best = min(left, key=lambda k: (len(rows[k]) * len(columns[k]), k))
        left.remove(best)
        order.append(best)
        for i in columns[best]:
            for j in rows[best]:
                if i != j:
                    rows[i].add(j)
                    columns[j].add(i)
                    filled.add((i, j))
        for i in columns[best]:
            rows[i].discard(best)
        for j in rows[best]:
            columns[j].discard(best)
    return order, filled
