"""Slopes against derivatives of answers known on paper; sympy differentiates the closed forms."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import sympy

from thymos.engine import Status, compile, sensitivities
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, parameter, state


@dataclass(frozen=True)
class Bolus(Model):
    """First-order loss of what is there at the start and of a bolus."""

    amount = state("mg", "amount")
    first = parameter("mg", "amount at the start")
    k = parameter("1/day", "rate of loss")
    day = parameter("day", "day of the bolus")
    dose = parameter("mg", "bolus")

    def starts(self, x, p, env):
        yield x.amount, p.first

    def transitions(self, x, p, env):
        yield Transition("loss", p.k * x.amount, {x.amount: -1})

    def gives(self, x, p, env):
        yield Output("amount", "mg", x.amount, "amount", observe=True)

    def events(self, x, p, env):
        yield Scheduled("bolus", at=p.day, changes={x.amount: +p.dose})


@dataclass(frozen=True)
class Chain(Model):
    """Three compartments in a row, left at one rate."""

    NUMBERS = ("1", "2", "3")
    stage = state("cell", "cells in a stage", over=(NUMBERS,))
    k = parameter("1/day", "rate of leaving")
    first = parameter("cell", "cells at the start")

    def starts(self, x, p, env):
        yield x.stage["1"], p.first

    def transitions(self, x, p, env):
        for a, b in pairwise(self.NUMBERS):
            yield Transition(f"{a} to {b}", p.k * x.stage[a], {x.stage[a]: -1, x.stage[b]: +1})
        yield Transition("out", p.k * x.stage["3"], {x.stage["3"]: -1})

    def gives(self, x, p, env):
        for n in self.NUMBERS:
            yield Output("stage", "cell", x.stage[n], f"stage {n}", index=(n,), observe=True)


@dataclass(frozen=True)
class Harvested(Model):
    """Logistic growth; half is taken when the cells reach a level."""

    cells = state("cell", "cells")
    r = parameter("1/day", "rate far from capacity")
    K = parameter("cell", "capacity")
    first = parameter("cell", "cells at the start")
    level = parameter("cell", "level of the harvest")

    def starts(self, x, p, env):
        yield x.cells, p.first

    def transitions(self, x, p, env):
        yield Transition("growth", p.r * x.cells * (1 - x.cells / p.K), {x.cells: +1})

    def gives(self, x, p, env):
        yield Output("cells", "cell", x.cells, "cells", observe=True)

    def events(self, x, p, env):
        yield Trigger("harvest", when=x.cells, reaches=p.level, sets={x.cells: x.cells / 2})


T = sympy.Symbol("t", positive=True)


def slopes_of(expression, names, values, times):
    """Derivatives (patient, time, parameter) of an expression in t and `names`."""
    symbols = sympy.symbols(names, positive=True)
    local = dict(zip(names.split(), symbols, strict=True)) | {"t": T}
    e = sympy.sympify(expression, locals=local)
    columns = []
    for s in symbols:
        f = sympy.lambdify((T, *symbols), sympy.diff(e, s), "numpy")
        columns.append([np.broadcast_to(f(times, *patient), times.shape) for patient in np.transpose(values)])
    return np.moveaxis(np.array(columns, dtype=float), 0, -1)


def close(got, exact, rtol):
    """To rtol of the largest slope of each parameter."""
    largest = np.abs(exact).max(axis=tuple(range(exact.ndim - 1)))
    assert (np.abs(got - exact) <= rtol * largest).all(), np.max(np.abs(got - exact) / largest)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


# Forward differences are off by half eps (3e-7) times the curvature, of order 1 to 10 here; central ones by less
# than the integration at rtol 1e-10.
SIDES = pytest.mark.parametrize(("central", "rtol"), [(False, 3e-6), (True, 3e-8)])


@SIDES
def test_decay_and_the_day_of_a_bolus(cache, central, rtol):
    program = compile((Bolus(),), "bolus", cache_dir=cache)
    values = np.array([[5.0, 2.0, 0.0], [0.3, 1.2, 0.7], [2.5, 3.0, 1.0], [10.0, 1.0, 4.0]])
    times = np.array([0.0, 1.0, 2.5, 3.0, 4.5, 9.0])
    names = [f"bolus.{n}" for n in ("first", "k", "day", "dose")]
    s = sensitivities(program, values, times, names, rtol=1e-10, atol=1e-12, central=central)
    before = slopes_of("first*exp(-k*t)", "first k day dose", values, times)
    after = slopes_of("first*exp(-k*t) + dose*exp(-k*(t-day))", "first k day dose", values, times)
    exact = np.where((times >= values[2][:, None])[:, :, None], after, before)
    close(s.slopes[:, :, 0], exact, rtol)
    np.testing.assert_array_equal(s.fired_slopes[:, 0], [[0.0, 0.0, 1.0, 0.0]] * 3)
    assert (s.status == Status.ok).all()


@SIDES
def test_a_linear_chain(cache, central, rtol):
    program = compile((Chain(),), "chain", cache_dir=cache)
    values, times = np.array([[0.2, 1.0, 4.0], [100.0, 1.0, 1e6]]), np.array([0.5, 1.0, 2.5, 7.0])
    s = sensitivities(program, values, times, ["chain.k", "chain.first"], 1e-10, 1e-12, central=central)
    for n in range(3):
        exact = slopes_of(f"first*(k*t)**{n}/{(1, 1, 2)[n]}*exp(-k*t)", "k first", values, times)
        for patient in range(3):  # whose sizes differ
            close(s.slopes[patient, :, n], exact[patient], rtol)


GROWN = "K/(1 + (K/first - 1)*exp(-r*t))"
REACHED = "log((K/first - 1)/(K/level - 1))/r"


# Each lane lands within 1e-12 day of its crossing: over steps of 3e-7 and 3e-5 that comes on top.
@pytest.mark.parametrize(("central", "rtol"), [(False, 1e-5), (True, 1e-7)])
def test_a_slope_crosses_a_trigger(cache, central, rtol):
    program = compile((Harvested(),), "harvested", cache_dir=cache)
    values = np.array([[0.8, 1.5, 0.5], [100.0, 30.0, 10.0], [2.0, 1.0, 3.0], [45.0, 20.0, 9.0]])
    times = np.array([0.0, 1.0, 3.0, 6.0, 12.0])
    names = [f"harvested.{n}" for n in ("r", "K", "first", "level")]
    s = sensitivities(program, values, times, names, rtol=1e-11, atol=1e-12, central=central)
    moment = slopes_of(REACHED, "r K first level", values, np.array([1.0]))[:, 0]
    close(s.fired_slopes[:, 0], moment, rtol)
    before = slopes_of(GROWN, "r K first level", values, times)
    halved = f"K/(1 + (2*K/level - 1)*exp(-r*(t - {REACHED})))"
    after = slopes_of(halved, "r K first level", values, times)
    exact = np.where((times >= s.fired[:, :1])[:, :, None], after, before)
    assert np.isfinite(s.fired).all()
    close(s.slopes[:, :, 0], exact, rtol)
