"""The Jacobian with shared quantities kept as unknowns, against derivatives that were written out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thymos.engine.derivative import gradients
from thymos.engine.graph import Graph, Node
from thymos.engine.jacobian import Jacobian, jacobian


def evaluate(g: Graph, roots: list[Node], values: dict[str, float]) -> list[float]:
    """The roots at given leaves."""
    known: dict[Node, float] = {}
    meaning = {
        "add": lambda x: x[0] + x[1],
        "sub": lambda x: x[0] - x[1],
        "mul": lambda x: x[0] * x[1],
        "neg": lambda x: -x[0],
        "inv": lambda x: 1 / x[0],
        "exp": lambda x: np.exp(x[0]),
        "sqrt": lambda x: np.sqrt(x[0]),
    }
    for node in g.needed(roots):
        kind, arguments, tag = g.operations[node]
        if kind in ("leaf", "constant"):
            known[node] = values[str(tag)] if kind == "leaf" else float(tag or 0.0)
        else:
            known[node] = meaning[kind]([known[a] for a in arguments])
    return [known[root] for root in roots]


def full(found: Jacobian, numbers: dict[tuple[int, int], float]) -> np.ndarray:
    """df/dy as a matrix, the kept nodes put in."""
    n = found.size
    rows = np.zeros((found.order, n))
    for i in [*range(n, found.order), *range(n)]:
        for j in range(found.order):
            slope = numbers.get((i, j), 0.0)
            rows[i] += slope * (rows[j] if j >= n else np.eye(n)[j])
    return rows[:n]


def crowded(g: Graph, size: int) -> tuple[list[Node], list[Node]]:
    """Every rate rests on the total of all states, as lymphocytes on one supply of IL-7."""
    y = [g.leaf(f"y{i}") for i in range(size)]
    total = g.constant(1.0)
    for state in y:
        total = g.add(total, g.mul(state, state))
    brake = g.mul(g.exp(g.neg(total)), g.inv(total))
    return [g.sub(g.mul(g.leaf(f"p{i}"), g.mul(y[i], brake)), y[i]) for i in range(size)], y


def test_a_shared_total_costs_a_row_and_a_column_instead_of_a_block():
    g = Graph()
    rates, y = crowded(g, 12)
    found = jacobian(g, rates, y)
    assert len(found.kept) == 1
    assert len(found.entries) == 12 + 12 + 12  # diagonal, row and column; written out it would be 144


@given(size=st.integers(1, 7), seed=st.integers(0, 2**32 - 1))
def test_it_is_the_jacobian(size, seed):
    rng = np.random.default_rng(seed)
    g = Graph()
    y = [g.leaf(f"y{i}") for i in range(size)]
    pool = [*y, g.leaf("p0"), g.constant(2.5)]
    for _ in range(4 * size + 4):
        a, b = (pool[int(rng.integers(len(pool)))] for _ in range(2))
        one = g.constant(1.0)
        choices = (
            g.add(a, b),
            g.sub(a, b),
            g.mul(a, b),
            g.inv(g.add(one, g.mul(a, a))),
            g.exp(g.neg(g.mul(a, a))),
        )
        pool.append(choices[int(rng.integers(len(choices)))])
    rates = [pool[-1 - i] for i in range(size)]
    found = jacobian(g, rates, y)
    values = {f"y{i}": float(rng.uniform(-0.9, 0.9)) for i in range(size)} | {"p0": 0.7}
    at = list(found.entries)
    got = full(found, dict(zip(at, evaluate(g, [found.entries[e] for e in at], values), strict=True)))
    slopes = gradients(g, rates, {f"y{i}" for i in range(size)})
    wanted = np.zeros((size, size))
    for i, gradient in enumerate(slopes):
        for name, value in zip(gradient, evaluate(g, list(gradient.values()), values), strict=True):
            wanted[i, int(name[1:])] = value
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12 * max(1.0, np.abs(wanted).max()))
