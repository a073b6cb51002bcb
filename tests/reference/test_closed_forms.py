"""The engine against answers known on paper, and the method against its own theory."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import gammainc

from thymos.engine import compile, rodas5p
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, exp, parameter, state

TIMES = np.array([0.0, 0.5, 1.0, 2.5, 7.0, 20.0])


@dataclass(frozen=True)
class Growth(Model):
    """Exponential growth."""

    cells = state("cell", "cells")
    first = parameter("cell", "cells at the start")
    r = parameter("1/day", "rate")

    def starts(self, x, p, env):
        yield x.cells, p.first

    def transitions(self, x, p, env):
        yield Transition("growth", p.r * x.cells, {x.cells: +1})

    def gives(self, x, p, env):
        yield Output("cells", "cell", x.cells, "cells", observe=True)


@dataclass(frozen=True)
class Chain(Model):
    """Five compartments in a row, left at one rate."""

    NUMBERS = ("1", "2", "3", "4", "5")
    stage = state("cell", "cells in a stage", over=(NUMBERS,))
    k = parameter("1/day", "rate of leaving")
    first = parameter("cell", "cells at the start")

    def starts(self, x, p, env):
        yield x.stage["1"], p.first

    def transitions(self, x, p, env):
        for a, b in pairwise(self.NUMBERS):
            yield Transition(f"{a} to {b}", p.k * x.stage[a], {x.stage[a]: -1, x.stage[b]: +1})
        yield Transition("out", p.k * x.stage["5"], {x.stage["5"]: -1})

    def gives(self, x, p, env):
        for n in self.NUMBERS:
            yield Output("stage", "cell", x.stage[n], f"stage {n}", index=(n,), observe=True)


@dataclass(frozen=True)
class Logistic(Model):
    """Growth in a vessel, a bolus of cells, and the moment at which a level is reached."""

    cells = state("cell", "cells")
    marked = state("", "1 once the level was reached")
    r = parameter("1/day", "rate far from capacity")
    K = parameter("cell", "capacity")
    first = parameter("cell", "cells at the start")
    day = parameter("day", "day of the bolus")
    dose = parameter("cell", "cells in the bolus")
    level = parameter("cell", "level that marks")

    def starts(self, x, p, env):
        yield x.cells, p.first

    def transitions(self, x, p, env):
        yield Transition("growth", p.r * x.cells * (1 - x.cells / p.K), {x.cells: +1})

    def gives(self, x, p, env):
        yield Output("cells", "cell", x.cells, "cells", observe=True)
        yield Output("marked", "", x.marked, "mark", observe=True)

    def events(self, x, p, env):
        yield Scheduled("bolus", at=p.day, changes={x.cells: +p.dose})
        yield Trigger("mark", when=x.cells, reaches=p.level, changes={x.marked: +1})


def logistic(t, first, r, K):
    return K / (1 + (K / first - 1) * np.exp(-r * t))


@dataclass(frozen=True)
class Driven(Model):
    """dy/dt = -k y + k e^(-t/s): stiff for large k, driven by time."""

    y = state("", "follows e^(-t/s)")
    first = parameter("", "value at the start")
    k = parameter("1/day", "rate")
    s = parameter("day", "time scale of the drive")

    def starts(self, x, p, env):
        yield x.y, p.first

    def transitions(self, x, p, env):
        yield Transition("follow", p.k * (exp(-env.t / p.s) - x.y), {x.y: +1})

    def gives(self, x, p, env):
        yield Output("y", "", x.y, "y", observe=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("kernels")


def test_growth_is_exponential(cache, backend):
    program = compile((Growth(),), "growth", backend=backend, cache_dir=cache)
    first, r = np.array([1.0, 20.0, 3e9]), np.array([0.3, -1.5, 0.0])
    s = program.solve([first, r], TIMES, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        s.outputs[:, :, 0], first[:, None] * np.exp(np.outer(r, TIMES)), rtol=1e-8, atol=1e-10
    )


def test_a_linear_chain_is_erlang(cache, backend):
    program = compile((Chain(),), "chain", backend=backend, cache_dir=cache)
    k = np.array([0.2, 1.0, 4.0])
    s = program.solve([k, np.full(3, 100.0)], TIMES, rtol=1e-9, atol=1e-9)
    left = 100.0 * (1 - gammainc(5, np.outer(k, TIMES)))  # Erlang: still somewhere in the five stages
    np.testing.assert_allclose(s.outputs.sum(axis=2), left, rtol=1e-7, atol=1e-7)
    third = 100.0 * np.outer(k, TIMES) ** 2 / 2 * np.exp(-np.outer(k, TIMES))
    np.testing.assert_allclose(s.outputs[:, :, 2], third, rtol=1e-7, atol=1e-7)


def test_logistic_with_bolus_and_mark(cache, backend):
    program = compile((Logistic(),), "logistic", backend=backend, cache_dir=cache)
    r, K, first, day, dose = 0.8, 100.0, 2.0, 2.5, 30.0
    level = np.array([20.0, 45.0, 90.0, 200.0])
    table = np.array([np.full(4, v) for v in (r, K, first, day, dose)] + [level])
    s = program.solve(table, TIMES, rtol=1e-10, atol=1e-10)
    before = logistic(day, first, r, K)
    after = before + dose

    def cells(t):
        return np.where(t < day, logistic(t, first, r, K), logistic(t - day, after, r, K))

    def reached(target, start):
        return math.log((K / start - 1) / (K / target - 1)) / r

    np.testing.assert_allclose(s.outputs[0, :, 0], cells(TIMES), rtol=1e-8)
    at = [day, day + reached(45.0, after), day + reached(90.0, after), np.nan]
    assert before < level[0] < after  # the first level is jumped over by the bolus
    np.testing.assert_allclose(s.fired[:, 1], at, atol=1e-7)
    np.testing.assert_array_equal(s.outputs[:, :, 1], np.where(np.array(at)[:, None] <= TIMES, 1.0, 0.0))


def test_a_slaved_state_is_followed_in_few_steps(cache):
    program = compile((Driven(),), "driven", cache_dir=cache)
    k, scale, times = np.array([1e2, 1e4, 1e6, 1e9]), 5.0, np.linspace(0.0, 20.0, 41)
    factor = k / (k - 1 / scale)
    s = program.solve([factor, k, np.full(4, scale)], times, rtol=1e-7, atol=1e-10)
    exact = np.exp(-times / scale) * factor[:, None]
    # At the end of a step the tolerance holds; inside one, in this stiff limit, ten times the tolerance.
    np.testing.assert_allclose(s.outputs[:, :, 0], exact, rtol=3e-6)
    np.testing.assert_allclose(s.final[:, 0], exact[:, -1], rtol=3e-7)
    assert (s.steps < 120).all()


def test_a_fast_transient_is_resolved(cache):
    program = compile((Driven(),), "driven", cache_dir=cache)
    k = np.array([1e2, 1e4, 1e6])
    s = program.solve([np.zeros(3), k, np.full(3, 5.0)], TIMES, rtol=1e-7, atol=1e-10)
    exact = np.exp(-TIMES / 5.0) * (k / (k - 0.2))[:, None]
    np.testing.assert_allclose(s.outputs[:, 1:, 0], exact[:, 1:], rtol=3e-6)


# ---- the method itself, in plain numpy


def stages(f, J, slope, t, y, h):
    """One step of the tableau for a scalar equation: the new value and the stages."""
    M, K, u = 1 / (h * rodas5p.GAMMA) - J(t, y), [], y
    for s in range(rodas5p.STAGES):
        u = y + sum(a * k for a, k in zip(rodas5p.A[s], K, strict=True)) if s < 6 else u + K[-1]
        past = sum(c * k for c, k in zip(rodas5p.C[s], K, strict=True)) / h
        K.append((f(t + rodas5p.TIMES[s] * h, u) + past + h * rodas5p.SLOPES[s] * slope(t, y)) / M)
    return u + K[-1], K


def dense(y, new, K, a):
    d2, d3, d4 = (sum(w * k for w, k in zip(row, K, strict=True)) for row in rodas5p.DENSE)
    return (1 - a) * y + a * (new + (1 - a) * (d2 + a * (d3 + a * d4)))


def test_the_tableau_has_order_five_and_its_dense_output_four():
    # y' = -y^2 cos t, y = 1 / (1 + sin t): nonlinear, and time enters
    errors = []
    for n in (20, 40, 80):
        y, h, inside, embedded = 1.0, 1.0 / n, 0.0, 0.0
        for i in range(n):
            t = i * h
            new, K = stages(
                lambda t, y: -y * y * math.cos(t),
                lambda t, y: -2 * y * math.cos(t),
                lambda t, y: y * y * math.sin(t),
                t,
                y,
                h,
            )
            inside = max(inside, abs(dense(y, new, K, 0.4) - 1 / (1 + math.sin(t + 0.4 * h))))
            embedded = max(embedded, abs(K[-1]))
            y = new
        errors.append((abs(y - 1 / (1 + math.sin(1.0))), inside, embedded))
    orders = [math.log2(a / b) for a, b in zip(errors[-2], errors[-1], strict=True)]
    assert 4.8 < orders[0] < 5.3
    assert orders[1] > 3.9
    assert 4.7 < orders[2] < 5.3  # the local error estimate of an embedded order 4


def test_the_method_damps_infinitely_stiff_components():
    new, _ = stages(lambda t, y: -1e8 * y, lambda t, y: -1e8, lambda t, y: 0.0, 0.0, 1.0, 1.0)
    assert abs(new) < 1e-6
