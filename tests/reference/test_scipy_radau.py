"""The lanes against SciPy's Radau at 1e-10 on functions printed by sympy: only the traced system is shared."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from thymos.engine import compile
from thymos.lang import (
    Model,
    Output,
    Scheduled,
    Transition,
    Trigger,
    exp,
    hill,
    maximum,
    parameter,
    sigmoid,
    state,
)

NAMES = ("1", "2", "3")


@dataclass(frozen=True)
class Immunity(Model):
    """A small immune system: precursors in a chain, naive and memory cells, a drug, an infection that peaks."""

    chain = state("cell", "precursors", over=(NAMES,))
    naive = state("cell", "naive cells")
    memory = state("cell", "memory cells")
    drug = state("ug", "drug")
    virus = state("copy", "virus")
    hazard = state("", "accumulated hazard")
    marked = state("", "counts the hazard's event")
    entry = parameter("cell/day", "entry into the chain")
    k = parameter("1/day", "progress along the chain")
    d = parameter("1/day", "loss of naive cells")
    K = parameter("cell", "cells the body carries")
    r = parameter("1/day", "division in an empty body")
    steep = parameter("", "steepness of the drug's effect")
    half = parameter("ug", "drug at half effect")
    clearance = parameter("1/day", "loss of drug")
    kill = parameter("1/day", "killing at full effect")
    growth = parameter("1/day", "growth of virus")
    contact = parameter("1/day/cell", "killing of virus by one memory cell")
    seed = parameter("copy", "virus at the start")
    scale = parameter("copy", "virus at half activation")
    start = parameter("day", "middle of the season")
    width = parameter("day", "width of the season")
    day = parameter("day", "day of the drug")
    again = parameter("day", "day of the second drug")
    dose = parameter("ug", "dose")
    threshold = parameter("", "hazard at which the event happens")
    risk = parameter("1/day", "hazard without cells")

    def starts(self, x, p, env):
        yield x.memory, p.K / 100
        yield x.virus, p.seed

    def transitions(self, x, p, env):
        season = sigmoid((env.t - p.start) / p.width)
        yield Transition("entry", p.entry * (1 + season), {x.chain["1"]: +1})
        for a, b in pairwise(NAMES):
            yield Transition(f"{a} to {b}", p.k * x.chain[a], {x.chain[a]: -1, x.chain[b]: +2})
        yield Transition("export", p.k * x.chain["3"], {x.chain["3"]: -1, x.naive: +1})
        total = x.naive + x.memory
        room = maximum(0, 1 - total / p.K, within=1e-2)
        effect = hill(x.drug, p.half, p.steep)
        active = x.virus / (p.scale + x.virus)
        for name, cells in (("naive", x.naive), ("memory", x.memory)):
            yield Transition(f"{name} division", p.r * room * cells, {cells: +1})
            yield Transition(f"{name} loss", (p.d + p.kill * effect) * cells, {cells: -1})
        yield Transition("activation", p.k * active * x.naive, {x.naive: -1, x.memory: +5})
        yield Transition("drug loss", p.clearance * x.drug, {x.drug: -1})
        yield Transition("virus growth", p.growth * x.virus, {x.virus: +1})
        yield Transition("contagion", p.seed * p.d, {x.virus: +1})
        yield Transition("virus killing", p.contact * x.memory * x.virus, {x.virus: -1})
        yield Transition("hazard", p.risk * exp(-3 * total / p.K), {x.hazard: +1})

    def gives(self, x, p, env):
        yield Output("cells", "cell", x.naive + x.memory, "cells", observe=True)
        yield Output("naive", "cell", x.naive, "naive cells", observe=True)
        yield Output("virus", "copy", x.virus, "virus", observe=True)
        yield Output("effect", "", hill(x.drug, p.half, p.steep), "drug effect", observe=True)
        yield Output("marked", "", x.marked, "event", observe=True)

    def events(self, x, p, env):
        yield Scheduled("drug", at=p.day, changes={x.drug: +p.dose})
        yield Scheduled("more drug", at=p.again, changes={x.drug: +p.dose})
        yield Trigger(
            "event", when=x.hazard, reaches=p.threshold, changes={x.marked: +1}, sets={x.naive: x.naive / 2}
        )


TYPICAL = {
    "entry": 2.0, "k": 0.4, "d": 0.02, "K": 300.0, "r": 0.1, "steep": 2.0, "half": 1.0, "clearance": 0.3,
    "kill": 1.0, "growth": 0.5, "contact": 0.01, "seed": 1.0, "scale": 100.0, "start": 60.0, "width": 10.0,
    "day": 7.0, "again": 20.0, "dose": 5.0, "threshold": 0.5, "risk": 0.05,
}  # fmt: skip


def patients(n, seed=11):
    """Typical values, each patient's spread by about a third; some without drug, some without event."""
    rng = np.random.default_rng(seed)
    table = np.array([v * np.exp(0.3 * rng.normal(size=n)) for v in TYPICAL.values()])
    at = list(TYPICAL).index
    table[at("again"), ::3] = np.nan
    table[at("threshold"), ::4] = np.inf
    return table


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    cache = tmp_path_factory.mktemp("kernels")
    return {b: compile((Immunity(),), "immunity", backend=b, cache_dir=cache) for b in ("lanes", "scipy")}


TIMES = np.array([0.0, 1.0, 5.0, 7.0, 8.0, 20.0, 21.0, 50.0, 100.0, 200.0])


def test_the_lanes_agree_with_radau(programs):
    table = patients(9)
    assert [q.name.split(".")[1] for q in programs["lanes"].parameters] == list(TYPICAL)
    exact = programs["scipy"].solve(table, TIMES, rtol=1e-10, atol=1e-12)
    ours = programs["lanes"].solve(table, TIMES, rtol=1e-9, atol=1e-11)
    assert exact.failures() == ours.failures() == ""
    assert np.isfinite(exact.fired[:, 2]).sum() >= 4
    np.testing.assert_allclose(ours.fired, exact.fired, atol=1e-6)
    largest = np.abs(exact.outputs).max(axis=1, keepdims=True)
    assert (np.abs(ours.outputs - exact.outputs) <= 1e-7 * largest).all()
    np.testing.assert_allclose(ours.final, exact.final, rtol=1e-6, atol=1e-7)


def test_the_error_follows_the_tolerance(programs):
    table = patients(16)
    exact = programs["lanes"].solve(table, TIMES, rtol=1e-11, atol=1e-13)
    errors = []
    for rtol in (1e-4, 1e-6, 1e-8):
        got = programs["lanes"].solve(table, TIMES, rtol=rtol, atol=rtol / 100)
        errors.append(
            np.median(
                np.max(np.abs(got.outputs - exact.outputs) / (np.abs(exact.outputs) + 0.01), axis=(1, 2))
            )
        )
        assert errors[-1] < 30 * rtol
    assert errors[0] > 10 * errors[1] > 100 * errors[2]


def test_a_long_way_in_two_parts_is_the_long_way(programs):
    """The engine's solution at 50 does not depend on what it is asked later, beyond the tolerance."""
    table = patients(8)
    long = programs["lanes"].solve(table, TIMES, rtol=1e-10, atol=1e-12)
    short = programs["lanes"].solve(table, TIMES[:8], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(short.outputs, long.outputs[:, :8], rtol=1e-8, atol=1e-10)
