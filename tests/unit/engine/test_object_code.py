"""The machine code: whole vectors where the host has them, any width with the same answers."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine.algebra import algebra
from thymos.engine.host import Host, this_host
from thymos.engine.lanes import Lanes, build
from thymos.engine.object_code import assembly
from thymos.engine.program import Program
from thymos.lang import Model, Output, Transition, exp, log, parameter, sqrt, state
from thymos.lang.trace import trace


@dataclass(frozen=True)
class Mixture(Model):
    """Something of every function that an expression may hold."""

    NAMES = ("a", "b", "c", "d")
    x = state("", "amounts", over=(NAMES,))
    k = parameter("1/day", "rate")
    n = parameter("", "power")

    def starts(self, x, p, env):
        for i, name in enumerate(self.NAMES):
            yield x.x[name], 1 + p.n * i

    def transitions(self, x, p, env):
        a, b, c, d = (x.x[n] for n in self.NAMES)
        season = 1 + exp(-env.t * p.k) / 2
        yield Transition("a to b", p.k * season * a**p.n / (1 + a**p.n), {a: -1, b: +1})
        yield Transition("b to c", p.k * sqrt(1 + b * b) * b / (2 + b), {b: -1, c: +1})
        yield Transition("c to d", p.k * log(1 + c) * (1 + c) ** -1.5, {c: -1, d: +1})
        yield Transition("d to a", p.k * d**3 / (1 + d**2), {d: -1, a: +1})

    def gives(self, x, p, env):
        for n in self.NAMES:
            yield Output("x", "", x.x[n] * (1 + env.t * p.k), "amount", index=(n,), observe=True)


@pytest.fixture(scope="module")
def system():
    return trace((Mixture(),), "mixture", None)


WIDTHS = [w for w in (2, 4, 8) if w <= this_host().width]


def program(system, width):
    host = Host(this_host().cpu, this_host().features, width)
    return Program((kernel := build(system, algebra(system), host)).signature, Lanes(kernel, host))


def functions(text: str) -> dict[str, str]:
    """Assembly of each function by name."""
    parts = re.split(r"(?m)^(\w+):\s", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_code_uses_whole_vectors(system):
    register = {8: "zmm", 4: "ymm"}.get(this_host().width)
    if register is None:
        pytest.skip("this host has no vectors wider than two doubles")
    found = functions(assembly(algebra(system), this_host()))
    for name in (
        "clock",
        "rhs",
        "jacobian",
        "factorise",
        "solve",
        "step",
        "error",
        "dense",
        "interpolate",
        "observe",
    ):
        lines = [x for x in found[name].splitlines() if re.search(r"v(add|mul|fn?m(add|sub)\d*)pd", x)]
        whole = [x for x in lines if register in x]
        assert len(whole) > 0.9 * len(lines) > 0, name


def test_the_code_calls_nothing_outside(system):
    text = assembly(algebra(system), this_host())
    named = set(re.findall(r"(?:\bcallq?\s+|\bbl\s+|\$)_?([A-Za-z]\w*)", text))
    ours = {"clock", "rhs", "jacobian", "factorise", "solve", "defect", "step", "error"}
    assert named <= ours | {"factorise_pivoted", "solve_pivoted", "step_pivoted"}


@pytest.mark.parametrize("width", WIDTHS)
def test_every_width_gives_the_same_answer(system, width):
    rng, times = np.random.default_rng(3), np.linspace(0.0, 30.0, 13)
    table = np.array([rng.uniform(0.1, 3.0, 21), rng.uniform(1.0, 4.0, 21)])
    exact = program(system, this_host().width).solve(table, times, rtol=1e-11, atol=1e-13)
    got = program(system, width).solve(table, times, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(got.outputs, exact.outputs, rtol=1e-7)
    assert got.outputs.shape == (21, 13, 4)


def test_what_rests_on_parameters_alone_is_computed_once(system):
    a = algebra(system)
    kinds = [a.graph.operations[n][0] for n in a.hoisted]
    assert "leaf" not in kinds
    assert "constant" not in kinds
