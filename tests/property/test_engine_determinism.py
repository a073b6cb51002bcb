"""The bits of a patient: not touched by neighbours, threads, blocks or order."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.engine import Program, compile
from thymos.engine.driver import drive
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, exp, parameter, state


@dataclass(frozen=True)
class Outbreak(Model):
    """Predator and prey with a season, a dose and a threshold: patients need very different steps."""

    prey = state("", "prey")
    hunter = state("", "hunters")
    dose_seen = state("", "doses")
    r = parameter("1/day", "growth")
    k = parameter("1/day", "hunting")
    s = parameter("day", "length of the season")
    day = parameter("day", "day of the dose")
    level = parameter("", "level that culls")

    def starts(self, x, p, env):
        yield x.prey, 1
        yield x.hunter, 1 / 2

    def transitions(self, x, p, env):
        yield Transition("growth", p.r * x.prey * (1 + exp(-env.t / p.s)), {x.prey: +1})
        yield Transition("hunting", p.k * x.prey * x.hunter, {x.prey: -1, x.hunter: +1})
        yield Transition("death", p.k * x.hunter, {x.hunter: -1})

    def gives(self, x, p, env):
        yield Output("prey", "", x.prey, "prey", observe=True)
        yield Output("total", "", x.prey + x.hunter, "both", observe=True)

    def events(self, x, p, env):
        yield Scheduled("dose", at=p.day, changes={x.hunter: x.hunter / 3, x.dose_seen: +1})
        yield Trigger("cull", when=x.prey, reaches=p.level, sets={x.prey: x.prey / 2})


N = 61
TIMES = np.array([0.0, 0.5, 3.0, 3.25, 9.0, 30.0])


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return compile((Outbreak(),), "outbreak", cache_dir=tmp_path_factory.mktemp("kernels"))


def table(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = [10 ** rng.uniform(-1, 1, N), 10 ** rng.uniform(-1, 1.5, N), rng.uniform(1, 9, N)]
    rows += [np.where(rng.random(N) < 0.3, np.nan, rng.uniform(-1, 20, N))]
    rows += [np.where(rng.random(N) < 0.3, np.inf, rng.uniform(0.5, 9, N))]
    p = np.array(rows)
    p[0, rng.integers(N)] = np.nan  # one that fails at once
    p[1, rng.integers(N)] = 1e308  # one that fails on the way
    return p


def same(a, b, order=slice(None)):
    """Bit for bit, NaN included."""
    for name in ("outputs", "final", "fired", "status", "steps"):
        np.testing.assert_array_equal(getattr(a, name)[order], getattr(b, name), err_msg=name)


@given(seed=st.integers(0, 10_000), workers=st.integers(1, 4), block=st.integers(1, 70), mixer=st.randoms())
def test_bits_do_not_depend_on_how_the_work_is_cut(program, seed, workers, block, mixer):
    p = table(seed)
    whole = program.solve(p, TIMES)
    assert set(np.unique(whole.status)) >= {0, 3}
    same(whole, program.solve(p, TIMES, workers=workers, block=block))
    order = list(range(N))
    mixer.shuffle(order)
    same(whole, program.solve(p[:, order], TIMES, block=block), order)


@given(seed=st.integers(0, 10_000), who=st.integers(0, N - 1))
def test_a_patient_alone_has_the_same_bits(program, seed, who):
    p = table(seed)
    same(program.solve(p, TIMES), program.solve(p[:, [who]], TIMES), [who])


@given(seed=st.integers(0, 10_000))
def test_twins_have_the_same_bits(program, seed):
    p = table(seed)
    twins = program.solve(np.concatenate([p, p[:, ::-1]], axis=1), TIMES)
    same(twins, program.solve(p, TIMES), slice(0, N))
    np.testing.assert_array_equal(twins.outputs[:N], twins.outputs[N:][::-1])


@pytest.mark.parametrize("n", [1, N])
def test_arrays_that_may_not_be_written_need_no_other_driver(program, n):
    p, times = table(3)[:, :n].copy(), TIMES.copy()
    program.solve(p, times)
    compiled = len(drive.signatures)
    for array in (p, times):
        array.setflags(write=False)
    program.solve(p, times, workers=2, block=7)
    program.solve(np.asfortranarray(p), times[::-1][::-1])
    assert len(drive.signatures) == compiled == 1


def test_the_input_is_left_alone(program):
    p = table(1)
    before = p.copy()
    p.setflags(write=False)
    program.solve(p, TIMES, workers=2, block=16)
    np.testing.assert_array_equal(p, before)


def test_a_transposed_view_is_as_good_as_an_array(program):
    p = table(2)
    same(program.solve(p, TIMES), program.solve(np.asfortranarray(p), list(TIMES)))
