"""Arithmetic that is shared, folded and differentiated."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.engine.derivative import gradients
from thymos.engine.graph import LEAST_BASE, Graph


def evaluate(graph: Graph, node: int, values: dict[str, float]) -> float:
    """The plain meaning of every kind of node."""
    kind, arguments, tag = graph.operations[node]
    if kind == "leaf":
        return values[str(tag)]
    if kind == "constant":
        return float(tag or 0.0)
    x = [evaluate(graph, a, values) for a in arguments]
    meaning = {
        "add": lambda: x[0] + x[1],
        "sub": lambda: x[0] - x[1],
        "mul": lambda: x[0] * x[1],
        "neg": lambda: -x[0],
        "inv": lambda: 1 / x[0],
        "sqrt": lambda: math.sqrt(x[0]),
        "exp": lambda: math.exp(x[0]),
        "log": lambda: math.log(x[0]),
        "lift": lambda: max(x[0], LEAST_BASE),
        "pow": lambda: math.exp(x[1] * x[2]),
    }
    return meaning[kind]()


def test_equal_operations_are_one_node():
    g = Graph()
    x, y = g.leaf("x"), g.leaf("y")
    assert g.mul(x, y) == g.mul(y, x)
    assert g.add(g.mul(x, y), x) == g.add(x, g.mul(y, x))
    assert g.neg(g.neg(x)) == x
    assert g.sub(x, x) == g.constant(0.0)


def test_numbers_are_folded():
    g = Graph()
    x = g.leaf("x")
    assert g.mul(g.constant(0.0), x) == g.constant(0.0)
    assert g.add(x, g.constant(0.0)) == g.mul(g.constant(1.0), x) == x
    assert g.exp(g.log(g.constant(2.0))) == g.constant(math.exp(math.log(2.0)))
    assert g.value(g.whole_power(g.constant(3.0), -2)) == pytest.approx(1 / 9)


def test_minus_zero_is_zero():
    g = Graph()
    assert g.constant(-0.0) == g.constant(0.0)
    assert math.copysign(1.0, g.value(g.constant(-0.0)) or 0.0) == 1.0


def hill(g: Graph) -> int:
    """Something of everything, in x, z and n."""
    x, z, n = g.leaf("x"), g.leaf("z"), g.leaf("n")
    power = g.pow(g.mul(x, g.inv(z)), n)
    share = g.mul(power, g.inv(g.add(g.constant(1.0), power)))
    rest = g.sub(g.sqrt(g.add(g.mul(x, x), z)), g.exp(g.neg(g.mul(x, n))))
    return g.add(g.mul(share, g.log(g.add(x, z))), rest)


@given(
    x=st.floats(0.05, 5.0), z=st.floats(0.05, 5.0), n=st.floats(0.5, 4.0), v=st.sampled_from(["x", "z", "n"])
)
def test_derivatives_are_slopes(x, z, n, v):
    g = Graph()
    root = hill(g)
    (slopes,) = gradients(g, [root], {"x", "z", "n"})
    at, step = {"x": x, "z": z, "n": n}, 1e-6
    above, below = (evaluate(g, root, at | {v: at[v] + s}) for s in (step, -step))
    assert evaluate(g, slopes[v], at) == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(("n", "slope"), [(1.0, 1.0), (2.0, 0.0), (3.5, 0.0)])
def test_the_slope_of_a_power_is_a_number_at_zero(n, slope):
    g = Graph()
    root = g.pow(g.leaf("x"), g.leaf("n"))
    (slopes,) = gradients(g, [root], {"x"})
    assert evaluate(g, slopes["x"], {"x": 0.0, "n": n}) == pytest.approx(slope, rel=1e-9, abs=1e-99)


def test_what_does_not_depend_has_no_entry():
    g = Graph()
    x, z = g.leaf("x"), g.leaf("z")
    assert gradients(g, [g.sub(g.add(x, z), x), z], {"x"}) == [{}, {}]
