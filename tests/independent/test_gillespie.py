"""Gillespie's direct method, written a second time in plain Python from the paper, against the engine's.

D. T. Gillespie, Exact stochastic simulation of coupled chemical reactions, J. Phys. Chem. 81, 2340 (1977). The model,
too, is written twice: prey, pups and hunters, whose rates are neither linear nor polynomial.
"""

import math
import random
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from thymos.engine.jumps import compile_jumps
from thymos.lang import Model, Output, Transition, hill, parameter, state

RUNS, END = 1500, 3.0
A, B, C, D, HALF = 2.0, 0.03, 0.4, 1.2, 15.0


@dataclass(frozen=True)
class Hunt(Model):
    """Prey that divides, hunters that feed on it with saturation, and pups that grow up."""

    prey = state("cell", "prey")
    pup = state("cell", "young hunters")
    hunter = state("cell", "hunters")
    birth = parameter("1/day", "division of prey")
    crowd = parameter("1/cell/day", "death of prey by crowding")
    feed = parameter("1/day", "hunting at plenty")
    half = parameter("cell", "prey at half of it")
    loss = parameter("1/day", "death of hunters and growth of pups")

    def starts(self, x, p, env):
        yield x.prey, p.half * 2
        yield x.hunter, p.half

    def transitions(self, x, p, env):
        yield Transition("birth", p.birth * x.prey, {x.prey: +1})
        yield Transition("crowding", p.crowd * x.prey * x.prey, {x.prey: -1})
        yield Transition("kill", p.feed * hill(x.prey, p.half, 2) * x.hunter, {x.prey: -1, x.pup: +2})
        yield Transition("growing up", p.loss * x.pup, {x.pup: -1, x.hunter: +1})
        yield Transition("death", p.loss * x.hunter, {x.hunter: -1})

    def gives(self, x, p, env):
        for name in ("prey", "pup", "hunter"):
            yield Output(name, "cell", getattr(x, name), name, observe=True)


def by_hand(rng):
    """One run from the text of the paper."""
    prey, pup, hunter, t = 30, 0, 15, 0.0
    while True:
        share = (prey / HALF) ** 2 / (1 + (prey / HALF) ** 2)
        rates = [A * prey, B * prey * prey, C * share * hunter, D * pup, D * hunter]
        total = sum(rates)
        if total == 0:
            return prey, pup, hunter
        t += -math.log(1 - rng.random()) / total
        if t > END:
            return prey, pup, hunter
        mark, which = rng.random() * total, 0
        while mark >= rates[which]:
            mark -= rates[which]
            which += 1
        if which == 0:
            prey += 1
        elif which == 1:
            prey -= 1
        elif which == 2:
            prey, pup = prey - 1, pup + 2
        elif which == 3:
            pup, hunter = pup - 1, hunter + 1
        else:
            hunter -= 1


@pytest.fixture(scope="module")
def plain():
    rng = random.Random(11)  # noqa: S311  chance, not secrecy
    return np.array([by_hand(rng) for _ in range(RUNS)])


@pytest.mark.parametrize("method", ["exact", "tau", "hybrid"])
def test_both_have_the_same_law(plain, method, tmp_path):
    program = compile_jumps((Hunt(),), "hunt", method=method, cache_dir=tmp_path)
    runs = RUNS if method != "hybrid" else RUNS // 5  # it restarts its solver at every jump
    table = np.repeat(np.array([[A, B, C, HALF, D]]).T, runs, axis=1)
    ours = program.run(table, [END], seed=2).outputs[:, 0]
    for i, name in enumerate(("prey", "pup", "hunter")):
        assert stats.ks_2samp(ours[:, i], plain[:, i]).pvalue > 1e-3, name
    # The total over sd: how the three move together.
    assert stats.ks_2samp(ours[:, 0] - ours[:, 2], plain[:, 0] - plain[:, 2]).pvalue > 1e-3
