"""The bits of slopes, and what sharing steps leaves as it was."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.engine import Program, compile, sensitivities
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, exp, parameter, state


@dataclass(frozen=True)
class Outbreak(Model):
    """Predator and prey with a season, a dose and a threshold: patients need very different steps."""

    prey = state("", "prey")
    hunter = state("", "hunters")
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

    def events(self, x, p, env):
        yield Scheduled("dose", at=p.day, changes={x.hunter: x.hunter / 3})
        yield Trigger("cull", when=x.prey, reaches=p.level, sets={x.prey: x.prey / 2})


N = 11
TIMES = np.array([0.0, 0.5, 3.0, 3.25, 9.0, 30.0])
WRT = ("outbreak.r", "outbreak.day", "outbreak.level", "outbreak.s")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return compile((Outbreak(),), "outbreak", cache_dir=tmp_path_factory.mktemp("kernels"))


def table(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = [10 ** rng.uniform(-1, 0.3, N), 10 ** rng.uniform(-1, 0.5, N), rng.uniform(1, 9, N)]
    rows += [rng.uniform(-1, 20, N), rng.uniform(0.5, 9, N)]
    p = np.array(rows)
    p[1, rng.integers(N)] = np.nan  # one that fails at once
    p[1, rng.integers(N)] = 1e308  # one that fails on the way
    return p


FIELDS = ("outputs", "slopes", "fired", "fired_slopes", "status", "steps")


def same(a, b, order=slice(None)):
    """Bit for bit, NaN included."""
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(a, name)[order], getattr(b, name), err_msg=name)


# A quarter of the usual: each example solves 11 patients twice, in 5 to 16 lanes.
@settings(max_examples=settings().max_examples // 4)
@given(
    seed=st.integers(0, 10_000), workers=st.integers(1, 4), block=st.integers(1, 40), central=st.booleans()
)
def test_bits_do_not_depend_on_how_the_work_is_cut(program, seed, workers, block, central):
    p = table(seed)
    whole = sensitivities(program, p, TIMES, WRT, central=central)
    cut = sensitivities(program, p, TIMES, WRT, central=central, workers=workers, block=block)
    same(whole, cut)


@given(seed=st.integers(0, 10_000), who=st.integers(0, N - 1))
def test_a_patient_alone_has_the_same_bits(program, seed, who):
    p = table(seed)
    same(
        sensitivities(program, p, TIMES, WRT),
        sensitivities(program, p[:, [who]], TIMES, WRT),
        slice(who, who + 1),
    )


@given(seed=st.integers(0, 10_000))
def test_identical_patients_who_share_steps_take_the_steps_of_one(program, seed):
    p = table(seed)
    p[4] = np.inf  # without triggers: those who share steps land more exactly
    group = program.width
    alone, shared = program.solve(p, TIMES), program.solve(np.repeat(p, group, axis=1), TIMES, together=group)
    for name in ("outputs", "final", "fired", "status", "steps"):
        np.testing.assert_array_equal(
            getattr(shared, name), np.repeat(getattr(alone, name), group, axis=0), err_msg=name
        )


@given(seed=st.integers(0, 10_000))
def test_those_who_share_steps_fail_together(program, seed):
    p = table(seed)
    s = program.solve(np.repeat(p, 2, axis=1) * np.tile([1.0, 1.01], N), TIMES, together=2)
    np.testing.assert_array_equal(s.status[::2], s.status[1::2])
    np.testing.assert_array_equal(s.steps[::2], s.steps[1::2])
