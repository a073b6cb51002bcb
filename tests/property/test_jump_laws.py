"""Laws of the jump process: the bits of a person's chance, whole numbers, conservation, extinction."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.engine.jumps import JUMPS, compile_jumps
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, parameter, state


@dataclass(frozen=True)
class Colony(Model):
    """Cells divide, turn, turn back and die; a dose, a threshold, and a count of all that ever died."""

    young = state("cell", "young cells")
    old = state("cell", "old cells")
    dead = state("cell", "dead cells")
    first = parameter("cell", "young cells at the start")
    birth = parameter("1/day", "division of young cells")
    turn = parameter("1/day", "young to old")
    back = parameter("1/day", "old to young")
    death = parameter("1/day", "death of old cells")
    day = parameter("day", "day of the dose")
    level = parameter("cell", "old cells that trigger a cull")

    def starts(self, x, p, env):
        yield x.young, p.first

    def transitions(self, x, p, env):
        yield Transition("division", p.birth * x.young, {x.young: +1})
        yield Transition("turning", p.turn * x.young, {x.young: -1, x.old: +1})
        yield Transition("turning back", p.back * x.old, {x.old: -1, x.young: +1})
        yield Transition("death", p.death * x.old, {x.old: -1, x.dead: +1})

    def gives(self, x, p, env):
        yield Output("young", "cell", x.young, "young cells", observe=True)
        yield Output("old", "cell", x.old, "old cells", observe=True)
        yield Output("all", "cell", x.young + x.old + x.dead, "all cells", observe=True)

    def events(self, x, p, env):
        yield Scheduled("dose", at=p.day, changes={x.young: x.young / 3, x.old: p.first})
        yield Trigger("cull", when=x.old, reaches=p.level, sets={x.old: x.old / 2})


N = 29
TIMES = np.array([0.0, 0.3, 1.0, 2.5, 4.0])
# The hybrid restarts its solver at every jump: few cells will do for it.
FEW = {"exact": 300, "tau": 300, "hybrid": 8}
TALLY = ("colony.division", "colony.death")


@pytest.fixture(scope="module", params=list(JUMPS))
def program(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernels")
    return compile_jumps((Colony(),), "colony", method=request.param, tally=TALLY, cache_dir=folder)


def table(seed, largest=8):
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, largest, N).astype(float), *(10 ** rng.uniform(-1, 0.1, (4, N)))]
    rows += [np.where(rng.random(N) < 0.3, np.nan, rng.uniform(-1, 5, N))]
    rows += [np.where(rng.random(N) < 0.3, np.inf, rng.integers(1, 40, N).astype(float))]
    p = np.array(rows)
    p[1, rng.integers(N)] = np.nan  # one that fails at once
    return p


def same(a, b, order=slice(None)):
    """Bit for bit, NaN included."""
    for name in ("outputs", "final", "fired", "status", "steps"):
        np.testing.assert_array_equal(getattr(a, name)[order], getattr(b, name), err_msg=name)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), workers=st.integers(1, 3), block=st.integers(1, 40), mixer=st.randoms())
def test_bits_do_not_depend_on_how_the_work_is_cut(program, seed, workers, block, mixer):
    p = table(seed)
    whole = program.run(p, TIMES, seed)
    assert (whole.status == 0).sum() == N - 1
    same(whole, program.run(p, TIMES, seed, workers=workers, block=block))
    order = list(range(N))
    mixer.shuffle(order)
    same(whole, program.run(p[:, order], TIMES, seed, people=order, block=block), order)


@given(seed=st.integers(0, 10_000), who=st.integers(0, N - 1))
def test_a_person_alone_has_the_same_chance(program, seed, who):
    p = table(seed)
    alone = program.run(p[:, [who]], TIMES, seed, people=[who])
    same(program.run(p, TIMES, seed), alone, [who])


def test_another_seed_or_person_is_another_chance(program):
    p = np.repeat(np.array([[20.0, 1.0, 1.0, 0.5, 0.5, np.nan, np.inf]]).T, 40, axis=1)
    a, b = (program.run(p, TIMES, seed).final for seed in (0, 1))
    assert (a != b).any(axis=1).all()
    assert len(np.unique(a, axis=0)) > 35


@given(seed=st.integers(0, 10_000))
def test_counts_are_whole_and_never_negative(program, seed):
    s = program.run(table(seed, FEW[program.method]), TIMES, seed)
    good = s.status == 0
    assert (s.final[good] >= 0).all()
    np.testing.assert_array_equal(s.final[good], np.round(s.final[good]))
    # Between its steps the hybrid interpolates, which may round a whole number.
    np.testing.assert_allclose(s.outputs[good], np.round(s.outputs[good]), rtol=1e-14)


@given(seed=st.integers(0, 10_000))
def test_cells_are_conserved_along_transitions(program, seed):
    p = table(seed, FEW[program.method])
    p[5], p[6] = np.nan, np.inf  # no dose, no cull
    s = program.run(p, TIMES, seed)
    good = s.status == 0
    born = s.outputs[:, :, program.output_index("count[colony.division]")]
    died = s.outputs[:, :, program.output_index("count[colony.death]")]
    every = s.outputs[:, :, program.output_index("all")]
    np.testing.assert_allclose(every[good], p[0, good, None] + born[good], rtol=1e-13)
    np.testing.assert_allclose(died[good, -1], s.final[good, program.state_index("colony.dead")])
    assert (np.diff(died[good], axis=1) > -1e-9).all()


@given(seed=st.integers(0, 10_000), rates=st.lists(st.floats(0, 50), min_size=4, max_size=4))
def test_what_is_extinct_stays_extinct(program, seed, rates):
    s = program.run(np.array([[0.0, *rates, np.nan, np.inf]]).T, TIMES, seed)
    assert not s.failures()
    assert not s.outputs.any()
    assert not s.final.any()


def test_extinction_is_for_good(program):
    p = np.repeat(np.array([[2.0, 1.0, 0.8, 0.1, 1.0, np.nan, np.inf]]).T, 200, axis=1)
    alive = program.run(p, np.linspace(0, 6, 41), 5).outputs[:, :, :2].sum(axis=2) > 0
    assert 0.05 < alive[:, -1].mean() < 0.95
    assert (np.diff(alive.astype(int), axis=1) <= 0).all()


@given(seed=st.integers(0, 10_000))
def test_the_hybrid_with_everything_counted_makes_the_exact_jumps(both, seed):
    """Two drivers, a solver of equations and a race, draw the same chance: the paths agree jump by jump."""
    exact, hybrid = both
    p = table(seed, largest=12)
    a, b = exact.run(p, TIMES, seed), hybrid.run(p, TIMES, seed)
    np.testing.assert_array_equal(a.status, b.status)
    np.testing.assert_allclose(a.outputs, b.outputs, rtol=1e-13)
    np.testing.assert_array_equal(a.final, b.final)
    np.testing.assert_allclose(a.fired, b.fired, atol=1e-6)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernels")
    return [compile_jumps((Colony(),), "colony", method=m, cache_dir=folder) for m in ("exact", "hybrid")]


def test_arrays_that_may_not_be_written_are_left_alone(program):
    p = table(1)
    before = p.copy()
    p.setflags(write=False)
    program.run(p, TIMES, 1, workers=2, block=8)
    np.testing.assert_array_equal(p, before)
