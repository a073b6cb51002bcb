"""Clone sizes and diversity beside other ways to them, in turns in one process.

    python benchmarks/clones.py [--clones 1000000] [--rounds 3]

Clones: the sampler against every event made one by one (compiled too), and against tau-leaping in numpy with steps of a
day, with the errors of mean and second moment beside the speed. Diversity: closed forms against a quadrature in numpy,
and against drawing and counting. Processor time of one thread: it stands still while other programs have the core.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.clones.clones import Clones, founded
from thymos.biology.repertoire.clones.drawn import drawn
from thymos.biology.repertoire.clones.exact import one_by_one
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.rates import Rates
from thymos.biology.repertoire.clones.source import Source
from thymos.biology.repertoire.diversity.chance import standard_deviations
from thymos.biology.repertoire.diversity.counted import counted
from thymos.biology.repertoire.diversity.expected import expected

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
DAYS = np.linspace(0.0, 365.0, 366)
TIMES = np.array([30.0, 60.0, 100.0, 180.0, 365.0])
RATES = Rates(DAYS, 0.15 * np.exp(-DAYS / 40) + 0.01, np.full(366, 0.02))
"""A periphery that fills: division falls from 0.16 to 0.01 a day, loss is 0.02."""
INFLUX = 1000 + 5 * DAYS


def tau_leap(days: Counts, seed: int) -> Counts:
    """Sizes of clones founded on whole days, in steps of a day: Poisson births and binomial deaths."""
    rng = np.random.default_rng(seed)
    n, seen = np.zeros(len(days), dtype=np.int64), []
    for t in range(int(TIMES[-1])):
        n[days == t] += 1
        b, d = ((x[t] + x[t + 1]) / 2 for x in (RATES.birth, RATES.death))
        n = n + rng.poisson(b * n) - rng.binomial(n, 1 - np.exp(-d))
        if t + 1 in TIMES:
            seen.append(n.copy())
    return np.stack(seen, axis=1)


def timed(work: Callable[[int], Counts], seed: int) -> tuple[float, Counts]:
    """Processor seconds, and what came out."""
    began = time.process_time()
    out = work(seed)
    return time.process_time() - began, out


def over_the_year(clones: float) -> Source:
    """Founded day by day, ever more."""
    return Source("", RATES, INFLUX * clones / Source("", RATES, INFLUX).founders()[-1])


def on_the_first_day(clones: float) -> Source:
    """All there at the start, one cell each: they grow large, and have many events."""
    return Source("", RATES, 0 * DAYS, sizes=np.ones(int(clones), dtype=np.int64))


def truth(source: Source) -> tuple[float, float]:
    """Mean and second moment of a clone at the last time."""
    if len(source.sizes):
        law = RATES.between(0, -1)
        return float(law.m), float(law.second_moment)
    rates = RATES.halved().halved().halved()
    clones = founded(np.interp(rates.times, DAYS, source.influx), rates, -1)
    total = clones.number.sum()
    return float(clones.cells / total), float(clones.variance / total)


def compare_clones(title: str, of: Callable[[float], Source], clones: int, rounds: int) -> None:
    """Print one table: every way in turn. Errors are followed by how many of their standard errors they are."""
    days = drawn([of(clones / 20)], TIMES, 99).founded
    ways: dict[str, Callable[[int], Counts]] = {
        "thymos": lambda seed: drawn([of(clones)], TIMES, seed).sizes,
        "event by event": lambda seed: one_by_one(RATES, days, TIMES, seed)[0],
        "tau-leap, a day": lambda seed: tau_leap(days.astype(np.int64), seed),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    seen: dict[str, list[Floats]] = {name: [] for name in ways}
    for go in ways.values():
        go(0)
    for seed in range(1, rounds + 1):
        for name, go in ways.items():
            cost, sizes = timed(go, seed)
            seconds[name].append(cost / len(sizes))
            seen[name].append(sizes[:, -1].astype(float))
    events = one_by_one(RATES, days, TIMES, 1)[1].mean()
    print(
        f"\n{clones:,} clones {title}, sizes at {len(TIMES)} times over {TIMES[-1]:g} days, {events:.0f} events each"
    )
    print(f"{'':18}{'clones/s':>14}{'thymos faster by':>18}{'mean off':>18}{'n^2 off':>18}")
    for name, values in seconds.items():
        n = np.concatenate(seen[name])
        off = [_off(n**power, want) for power, want in zip((1, 2), truth(of(1000)), strict=True)]
        cost = median(values)
        print(f"{name:18}{1 / cost:14,.0f}{cost / median(seconds['thymos']):18.1f}{off[0]:>18}{off[1]:>18}")


def _off(values: Floats, want: float) -> str:
    error = values.mean() - want
    return f"{error / want:.2%} ({error / values.std() * np.sqrt(len(values)):.1f})"


def quadrature(clones: Clones) -> dict[str, float]:
    """Shannon entropy of one patient by the integral of its generating functions, 3,000 points of ln x."""
    S, W, w = clones.law.survival, clones.law.W, clones.number
    u = np.linspace(-32, 6, 3000)
    x = np.exp(u)
    z, left = np.exp(-x), -np.expm1(-x)
    total = np.zeros_like(u)
    for k in range(0, len(w), 200):
        s, v, n = (a[k : k + 200, None] for a in (S, W, w))
        total += (n * s * z * (v - 1 / v / (1 / v + (1 - 1 / v) * left) ** 2)).sum(axis=0)
    cells = float(clones.cells)
    return {"cells": cells, "shannon": float(np.log(cells) - np.trapezoid(total, u) / cells)}


def compare_diversity(rounds: int) -> None:
    """Print what indices cost: of one patient, of 2,000, and by other ways."""
    rng = np.random.default_rng(1)
    law = Kendall(rng.uniform(0.1, 5, (2000, 600)), rng.uniform(0, 20, (2000, 600)))
    many = Clones(rng.uniform(1, 1000, (2000, 600)), law)
    one = Clones(many.number[0], law.take(0))

    def draw_and_count() -> object:
        alive = rng.poisson(one.number * one.law.survival)
        return counted(rng.geometric(np.repeat(1 / one.law.W, alive)))

    ways: dict[str, Callable[[], object]] = {
        "one patient, 600 classes": lambda: expected(one),
        "  by quadrature in numpy": lambda: quadrature(one),
        "  by drawing and counting": draw_and_count,
        "  with standard deviations": lambda: (expected(one), standard_deviations(one)),
        "2,000 patients, 600 classes": lambda: expected(many),
    }
    for go in ways.values():
        go()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(max(rounds, 5)):
        for name, go in ways.items():
            began = time.process_time()
            go()
            seconds[name].append(time.process_time() - began)
    off = abs(quadrature(one)["shannon"] / float(expected(one).shannon) - 1)
    print(f"\nAll indices in closed form; Shannon entropy differs from the quadrature by {off:.0e}")
    for name, values in seconds.items():
        print(f"{name:30}{1e3 * median(values):10.2f} ms")


def main() -> None:
    """Three tables."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--clones", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    compare_clones("founded over the year", over_the_year, given.clones, given.rounds)
    compare_clones("founded on the first day", on_the_first_day, given.clones, given.rounds)
    compare_diversity(given.rounds)


if __name__ == "__main__":
    main()
