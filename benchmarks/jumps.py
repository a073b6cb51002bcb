"""The jump process beside libRoadRunner's Gillespie: speed in turns in one process, with the errors beside it.

    python benchmarks/jumps.py [--runs 1000] [--rounds 3]

Errors are in their own standard errors: Z of the mean and Y of the variance at the last time, against closed forms or
the master equation; below 3 and 5 they are chance. A method is run where it is meant to be used.
"""

# ruff: noqa: D102  what a model's methods say is documented once, in Model

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import diags_array
from scipy.sparse.linalg import expm_multiply

from thymos.engine.jumps import compile_jumps
from thymos.lang import Model, Output, Transition, constant, parameter, state

Floats = NDArray[np.float64]
TIMES = np.linspace(0.0, 10.0, 11)
STAGES = tuple(str(k) for k in range(20))


class ImmigrationDeath(Model):
    """Cells arrive and die."""

    n = state("cell", "cells")
    first = parameter("cell", "cells at the start")
    arrival = parameter("cell/day", "arrival")
    death = parameter("1/day", "death")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.n, p.first

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        yield Transition("arrival", p.arrival, {x.n: +1})
        yield Transition("death", p.death * x.n, {x.n: -1})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("seen", "cell", x.n, "cells", observe=True)


class Dimerisation(Model):
    """Two cells pair; a pair comes apart."""

    single = state("cell", "single cells")
    pair = state("cell", "pairs")
    first = parameter("cell", "single cells at the start")
    pairing = parameter("1/cell/day", "pairing")
    parting = parameter("1/day", "parting")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.single, p.first

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        pairs = x.single * (x.single - constant(1.0, "cell")) / 2
        yield Transition("pairing", p.pairing * pairs, {x.single: -2, x.pair: +1})
        yield Transition("parting", p.parting * x.pair, {x.pair: -1, x.single: +2})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("seen", "cell", x.pair, "pairs", observe=True)


class Chain(Model):
    """Cells go through 20 stages, divide and die in each: 59 transitions."""

    cells = state("cell", "cells by stage", over=(STAGES,))
    first = parameter("cell", "cells in the first stage at the start")
    pace = parameter("1/day", "to the next stage")
    birth = parameter("1/day", "division")
    death = parameter("1/day", "death")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.cells["0"], p.first

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        for k in STAGES:
            yield Transition(f"division {k}", p.birth * x.cells[k], {x.cells[k]: +1})
            yield Transition(f"death {k}", p.death * x.cells[k], {x.cells[k]: -1})
        for now, then in pairwise(STAGES):
            yield Transition(f"step {now}", p.pace * x.cells[now], {x.cells[now]: -1, x.cells[then]: +1})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("seen", "cell", x.cells.total(), "cells in all stages", observe=True)


@dataclass(frozen=True)
class Case:
    """A model, its values, the same as reactions for the peer, and the law of what is seen at the last time."""

    title: str
    model: type[Model]
    values: tuple[float, ...]
    antimony: str
    mean: float
    variance: float
    methods: tuple[str, ...]


def immigration_death(level: float, methods: tuple[str, ...]) -> Case:
    """Stationary around `level`, begun there."""
    a, d = 0.5 * level, 0.5
    kept = np.exp(-d * TIMES[-1])
    text = f"model m(); n={level:g}; J1: -> n; {a:g}; J2: n -> ; {d}*n; seen := n; end"
    variance = level * kept * (1 - kept) + level * (1 - kept)
    title = f"immigration and death, {level:,.0f} cells"
    return Case(title, ImmigrationDeath, (level, a, d), text, level, variance, methods)


def dimerisation(cells: int, methods: tuple[str, ...]) -> Case:
    """From single cells to pairs."""
    k, back = 0.1 / cells, 0.02
    pairs = np.arange(cells // 2 + 1)
    single = cells - 2 * pairs
    there, again = k * single * (single - 1) / 2, back * pairs
    generator = diags_array([again[1:], -(there + again), there[:-1]], offsets=[-1, 0, 1])
    law = expm_multiply(generator.T * TIMES[-1], (pairs == 0) * 1.0)
    mean = float(law @ pairs)
    text = f"model m(); s={cells}; d=0; J1: 2 s -> d; {k}*s*(s-1)/2; J2: d -> 2 s; {back}*d; seen := d; end"
    variance = float(law @ pairs**2 - mean**2)
    return Case(
        f"dimerisation, {cells:,} cells", Dimerisation, (cells, k, back), text, mean, variance, methods
    )


def chain(cells: int, methods: tuple[str, ...]) -> Case:
    """All stages together are a birth and death process, but for the last stage, which nobody leaves."""
    pace, b, d = 2.0, 0.25, 0.2
    lines = ["model m();", *(f"x{k}={cells if k == '0' else 0};" for k in STAGES)]
    lines += [f"B{k}: x{k} -> 2 x{k}; {b}*x{k}; D{k}: x{k} -> ; {d}*x{k};" for k in STAGES]
    lines += [f"S{a}: x{a} -> x{b_}; {pace}*x{a};" for a, b_ in pairwise(STAGES)]
    lines += ["seen := " + " + ".join(f"x{k}" for k in STAGES) + ";", "end"]
    grown = float(np.exp((b - d) * TIMES[-1]))
    variance = cells * (b + d) / (b - d) * grown * (grown - 1)
    title = f"chain of 20 stages, {cells} cells"
    return Case(title, Chain, (cells, pace, b, d), " ".join(lines), cells * grown, variance, methods)


def ours(case: Case, method: str, runs: int) -> Callable[[int], Floats]:
    """A function of the seed that gives what is seen at the last time (run,)."""
    program = compile_jumps((case.model(),), case.model.named(), method=method)
    table = np.repeat(np.array([case.values], dtype=float).T, runs, axis=1)
    program.run(table[:, :1], TIMES[:2], 0)

    def go(seed: int) -> Floats:
        solution = program.run(table, TIMES, seed)
        assert not solution.failures()
        return np.asarray(solution.outputs[:, -1, 0])

    return go


def road_runner(case: Case, runs: int) -> Callable[[int], Floats]:
    """The same by libRoadRunner's direct method, at the same output times."""
    import antimony
    import roadrunner

    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(case.antimony) < 0:
        raise ValueError(antimony.getLastError())
    model = roadrunner.RoadRunner(antimony.getSBMLString())
    model.integrator = "gillespie"
    model.integrator.variable_step_size = False
    model.timeCourseSelections = ["time", "seen"]

    def go(seed: int) -> Floats:
        model.integrator.seed = seed
        seen = np.empty(runs)
        for i in range(runs):
            model.reset()
            seen[i] = model.simulate(0, TIMES[-1], TIMES.size)[-1, 1]
        return seen

    return go


def compare(case: Case, runs: int, peer_runs: int, rounds: int) -> None:
    """Print one table: every method in turn, `rounds` times."""
    players = {f"thymos {m}": (ours(case, m, runs if m != "hybrid" else peer_runs)) for m in case.methods}
    players["libRoadRunner"] = road_runner(case, peer_runs)
    seen: dict[str, list[Floats]] = {name: [] for name in players}
    seconds: dict[str, list[float]] = {name: [] for name in players}
    for seed in range(1, rounds + 1):
        for name, go in players.items():
            began = time.perf_counter()
            seen[name].append(go(seed))
            seconds[name].append((time.perf_counter() - began) / seen[name][-1].size)
    print(f"\n{case.title}: mean {case.mean:,.2f}, sd {case.variance**0.5:,.2f}")
    print(f"{'':16}{'ms/run':>10}{'faster by':>11}{'runs':>9}{'mean off':>10}{'Z':>7}{'sd off':>9}{'Y':>7}")
    base = np.median(seconds["libRoadRunner"])
    for name, values in seen.items():
        y = np.concatenate(values)
        z = np.sqrt(y.size / case.variance) * (y.mean() - case.mean)
        spread = np.sqrt(y.size / 2) * (y.var(ddof=1) / case.variance - 1)
        off, sd_off = y.mean() / case.mean - 1, y.std(ddof=1) / case.variance**0.5 - 1
        cost = np.median(seconds[name])
        print(
            f"{name:16}{1e3 * cost:10.4f}{base / cost:11.1f}{y.size:9d}{off:10.2%}{z:7.2f}{sd_off:9.2%}{spread:7.2f}"
        )


def main() -> None:
    """Four processes, from small to large."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--runs", type=int, default=4000, help="runs of thymos in each round")
    options.add_argument("--peer-runs", type=int, default=400, help="runs of the peer, and of the hybrid")
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    cases = (
        immigration_death(100, ("exact", "tau", "hybrid")),
        immigration_death(100_000, ("tau",)),
        dimerisation(100, ("exact", "tau", "hybrid")),
        chain(300, ("exact", "tau")),
    )
    for case in cases:
        peer = given.peer_runs if case.mean < 10_000 else max(2, given.peer_runs // 100)
        compare(case, given.runs, peer, given.rounds)


if __name__ == "__main__":
    main()
