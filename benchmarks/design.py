"""Runs until the best protocol is found: thymos beside Optuna, a plain Gaussian process, Sobol, factorial and chance.

    python benchmarks/design.py [--seeds 30] [--runs 48] [--batch 8] [--truths prior,threshold] [--json FILE]

Every method chooses from the same protocols, gets the same donors and the same noise, and is judged by the protocol it
would settle for after each batch: the yield this would truly give over donors, and nothing where fewer of the donors
than asked for would hold the purity. A choice counts with up to 5 points fewer donors than asked for; the best does
not. A method is there once its choice is within 5 % (10 %) of the best and stays so to the last batch. Truths are
drawn from the rows' uncertainty, or are of another mechanism than the prior believes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from design_methods import METHODS, Problem, Task
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from thymos.inference.design.belief import Prior, Reading
from thymos.inference.design.space import Space, factors_of
from thymos.lang.streams import stream
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.design.doubt import Doubt
from thymos.therapy.design.outcomes import donors, normal_scale, outcomes

Floats = NDArray[np.float64]

SOURCE = "cord-blood"
LEVELS = {
    "dl4": (0.6, 1.2, 2.5, 5.0, 10.0, 20.0),
    "tnf": (0.0, 10.0, 100.0),
    "seeding_density": (1e4, 5e4, 2.5e5),
}
DAYS = (5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0)
READOUTS = ("cd7_per_cd34", "cd7_percent")
PURITY, PROBABILITY = 60.0, 0.8
COUNT_SD, PURITY_SD = 0.2, 0.2  # of one well: logarithm of the yield, log odds of the purity
MISSED = (0.15, 0.3)  # what the mechanism may miss, on the same scales
MEMBERS, DONORS = 2000, 48
TYPICAL, EACH = 8, 8  # members, and donors around each, that say how donors differ
TOLERANCE = 0.05  # of the share of donors: what a choice may fall short of, not the best it is compared with
TRUTHS = {
    "prior": {},
    "dl4_model=threshold": {"notch.dl4_model=threshold": 1.0},
    "tnf_falling=on": {"cytokines.tnf_falling=on": 1.0},
    "notch_cost=none": {"notch.notch_cost=none": 1.0},
    "outer": {},
}
MEANS = (0, 8, 24, 48)  # runs after which the mean worth of the choice, over the best, is shown
# Parameters at the ends of their plausible ranges, rather than in the middle: standard normal numbers.
OUTER = 2.0


def protocols() -> list[CultureProtocol]:
    """Every combination of levels but the day."""
    space = Space(factors_of(LEVELS, list(LEVELS.values())))
    return [CultureProtocol(**dict(zip(LEVELS, x, strict=True)), days=DAYS[-1]) for x in space.grid()]


@cache
def places() -> Floats:
    """Positions 0..1 of every protocol and day (site, factor)."""
    grid = Space(factors_of([*LEVELS, "days"], [*LEVELS.values(), DAYS]))
    return grid.unit(grid.grid())


def problem(workers: int, seed: int = 1) -> Problem:
    """What is believed before any run: one ensemble for all seeds."""
    doubt = Doubt(SOURCE)
    days, made = np.array(DAYS), protocols()
    mean = _flat(outcomes(SOURCE, doubt.values(doubt.points(MEMBERS, seed)), made, days, READOUTS, workers))
    typical = doubt.values(doubt.points(TYPICAL, seed))
    middle = np.repeat(_flat(outcomes(SOURCE, typical, made, days, READOUTS, workers)), EACH, axis=1)
    people = donors(SOURCE, typical, EACH, seed)
    apart = _flat(outcomes(SOURCE, people, made, days, READOUTS, workers)) - middle
    shift = apart.mean(axis=1, keepdims=True)  # the mean donor is not the typical one
    spread = (apart - shift) / np.sqrt(TYPICAL * EACH - 1)
    readings = tuple(
        Reading(mean[k] + shift[k], spread[k], sd, missed)
        for k, (sd, missed) in enumerate(zip((COUNT_SD, PURITY_SD), MISSED, strict=True))
    )
    prior = Prior(readings, places(), np.full(MEMBERS, 1 / MEMBERS))
    purity = float(normal_scale("percent", np.array(PURITY)))
    return Problem(prior, purity, PROBABILITY, tuple(len(v) for v in (*LEVELS.values(), DAYS)))


SHARED: dict[str, Problem] = {}


def share(made: Problem) -> None:
    """Hand the ensemble to a worker, once."""
    SHARED["problem"] = made


def _flat(found: Floats) -> Floats:
    return found.reshape(*found.shape[:2], -1)


@cache
def task(kind: str, seed: int) -> Task:
    """A truth with donors of its own, in which some protocol holds the purity; redrawn until there is one."""
    doubt = Doubt(SOURCE)
    for attempt in range(100):
        points = stream(seed, f"bench.{kind}", attempt).standard_normal((1, len(doubt.names)))
        if kind == "outer":
            points = OUTER * np.sign(points)
        typical = doubt.values(points) | {name: np.array([x]) for name, x in TRUTHS[kind].items()}
        people = donors(SOURCE, typical, DONORS, 1000 + seed)
        lots = _flat(outcomes(SOURCE, people, protocols(), np.array(DAYS), READOUTS))
        share = (lots[1] >= float(normal_scale("percent", np.array(PURITY)))).mean(axis=0)
        pure, held = share >= PROBABILITY, share >= PROBABILITY - TOLERANCE
        gained = np.exp(lots[0]).mean(axis=0)
        if pure.any():
            worth = np.where(held, gained / gained[pure].max(), 0.0)
            return Task(seed, lots, np.array([COUNT_SD, PURITY_SD]), np.minimum(worth, 1.0), attempt)
    raise RuntimeError(f"no truth of kind {kind} with a protocol that holds the purity")


def one(kind: str, seed: int, runs: int, batch: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Every method on one truth: worth of its choice after each batch, over the best there is."""
    found, here, there = {}, SHARED["problem"], task(kind, seed)
    for name in names:
        start = time.process_time()
        worths = METHODS[name](here, there).attained(runs, batch)
        for rule, worth in worths.items():
            found[name + rule] = {"share": worth.tolist(), "s": time.process_time() - start}
    return {"kind": kind, "seed": seed, "redrawn": there.redrawn, "methods": found}


def runs_needed(share: Floats, within: float, batch: int) -> float:
    """Runs after which the choice is within so much of the best and stays so; inf where it never is."""
    good = share >= 1 - within
    held = np.logical_and.accumulate(good[::-1])[::-1]
    return float(np.argmax(held) * batch) if held.any() else np.inf


def summary(rows: list[dict[str, Any]], batch: int) -> list[tuple[str, ...]]:
    """One row for each kind of truth and method: median and quartiles of runs, and how many got there."""
    table = []
    for kind in dict.fromkeys(r["kind"] for r in rows):
        here = [r for r in rows if r["kind"] == kind]
        for name in here[0]["methods"]:
            share = np.array([r["methods"][name]["share"] for r in here])
            cells = [_needed(share, within, batch) for within in (0.05, 0.10)]
            after = (f"{share[:, runs // batch].mean():.2f}" for runs in MEANS)
            seconds = np.median([r["methods"][name]["s"] for r in here]) / (share.shape[1] - 1)
            table.append((kind, name, *cells[0], *cells[1], *after, f"{seconds:.2f} s"))
    return table


def _needed(share: Floats, within: float, batch: int) -> tuple[str, str]:
    runs = np.array([runs_needed(s, within, batch) for s in share])
    low, middle, high = np.quantile(runs, (0.25, 0.5, 0.75), method="inverted_cdf")
    return f"{_runs(middle)} ({_runs(low)}-{_runs(high)})", f"{np.isfinite(runs).mean():.0%}"


def _runs(x: float) -> str:
    return f"{x:.0f}" if np.isfinite(x) else "never"


HEAD = (
    *("truth", "method", "runs to 5 %", "there", "runs to 10 %", "there"),
    *(f"mean at {runs}" for runs in MEANS),
    "a batch",
)


def show(rows: list[tuple[str, ...]]) -> None:
    """On the terminal."""
    table = Table(*HEAD)
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.width = max(console.width, 130)
    console.print(table)


def main() -> None:
    """Run all seeds, print the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seeds", type=int, default=30)
    words.add_argument("--runs", type=int, default=48)
    words.add_argument("--batch", type=int, default=8)
    words.add_argument("--truths", default=",".join(TRUTHS))
    words.add_argument("--methods", default=",".join(METHODS))
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--json", type=Path)
    said = words.parse_args()
    start, kinds = time.perf_counter(), said.truths.split(",")
    work = partial(one, runs=said.runs, batch=said.batch, names=tuple(said.methods.split(",")))
    jobs = [(kind, seed) for seed in range(1, said.seeds + 1) for kind in kinds]
    rows: list[dict[str, Any]] = []
    with ProcessPoolExecutor(said.workers, initializer=share, initargs=(problem(said.workers),)) as pool:
        for row in pool.map(work, *zip(*jobs, strict=True)):
            rows.append(row)
            print(f"{len(rows)} of {len(jobs)}", end="\r", file=sys.stderr)
            if said.json:
                said.json.write_text(json.dumps(rows))
    show(summary(rows, said.batch))
    again = {k: sum(r["redrawn"] for r in rows if r["kind"] == k) for k in kinds}
    print(
        f"\n{said.seeds} truths of each kind, {said.runs} runs in batches of {said.batch}; "
        f"redrawn for want of a pure protocol: {again}; {time.perf_counter() - start:.0f} s in all"
    )


if __name__ == "__main__":
    main()
