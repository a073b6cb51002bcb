"""Sparse LU as a list of operations."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thymos.engine.elimination import Elimination, Invert, Scale, Substitute, eliminate, markowitz


def solve(plan: Elimination, matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The plan carried out on numbers."""
    w = np.zeros(len(plan.slots))
    for (i, j), n in plan.slots.items():
        w[n] = matrix[i, j]
    for op in plan.factor:
        if isinstance(op, Invert):
            w[op.slot] = 1 / w[op.slot]
        elif isinstance(op, Scale):
            w[op.target] *= w[op.by]
        else:
            w[op.target] -= w[op.left] * w[op.right]
    x = right.copy()
    for op in plan.solve:
        if isinstance(op, Substitute):
            x[op.row] -= w[op.slot] * x[op.column]
        else:
            x[op.row] *= w[op.slot]
    return x


@given(size=st.integers(1, 15), seed=st.integers(0, 2**32 - 1), density=st.floats(0, 0.6))
def test_the_plan_solves(size, seed, density):
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((size, size)) < density, rng.normal(size=(size, size)), 0.0)
    pattern = {(int(i), int(j)) for i, j in zip(*np.nonzero(matrix), strict=True)}
    matrix += np.diag(np.full(size, 2.0 * size))
    right = rng.normal(size=size)
    x = solve(eliminate(size, pattern), matrix, right)
    np.testing.assert_allclose(matrix @ x, right, atol=1e-12)


def test_an_arrow_fills_nothing():
    size = 20
    arrow = {(0, j) for j in range(size)} | {(i, 0) for i in range(size)} | {(i, i) for i in range(size)}
    order, filled = markowitz(size, arrow)
    assert filled == arrow
    assert 0 in order[-2:]  # the hub waits until one neighbour is left; then it makes no difference


def test_the_order_is_reproducible():
    pattern = {(i, (i * 7 + k) % 12) for i in range(12) for k in range(3)} | {(i, i) for i in range(12)}
    assert markowitz(12, set(sorted(pattern))) == markowitz(12, set(sorted(pattern, reverse=True)))
