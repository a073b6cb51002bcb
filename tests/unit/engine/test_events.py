"""Jumps at given times and at crossings, in every backend, against what they must do exactly."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine import Status, compile
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, parameter, state


@dataclass(frozen=True)
class Tank(Model):
    """A tank that fills and leaks, a clock, and a memory of what happened in which order."""

    level = state("mL", "volume")
    clock = state("day", "time passed")
    memory = state("", "digits in base 9: 1 pour, 2 empty, 3 alarm, 4 late")
    inflow = parameter("mL/day", "inflow")
    leak = parameter("1/day", "leak")
    first = parameter("mL", "volume at the start")
    pour_day = parameter("day", "day of pouring in")
    pour = parameter("mL", "volume poured in")
    empty_day = parameter("day", "day of emptying")
    late = parameter("day", "clock time at which half is let out")
    full = parameter("mL", "level of the alarm")

    def starts(self, x, p, env):
        yield x.level, p.first

    def transitions(self, x, p, env):
        yield Transition("inflow", p.inflow, {x.level: +1})
        yield Transition("leak", p.leak * x.level, {x.level: -1})
        yield Transition("time", 1, {x.clock: +1})

    def gives(self, x, p, env):
        yield Output("level", "mL", x.level, "volume", observe=True)
        yield Output("clock", "day", x.clock, "time passed", observe=True)

    def events(self, x, p, env):
        yield Scheduled("pour", at=p.pour_day, changes={x.level: +p.pour}, sets={x.memory: 9 * x.memory + 1})
        yield Scheduled("empty", at=p.empty_day, sets={x.level: p.first, x.memory: 9 * x.memory + 2})
        yield Trigger("alarm", when=x.level, reaches=p.full, sets={x.memory: 9 * x.memory + 3})
        yield Trigger(
            "late",
            when=x.clock,
            reaches=p.late,
            changes={x.level: -x.level / 2},
            sets={x.memory: 9 * x.memory + 4},
        )


QUIET = {"inflow": 0.0, "leak": 0.0, "first": 1.0, "pour_day": np.inf, "pour": 10.0, "empty_day": np.nan}
QUIET |= {"late": np.inf, "full": np.inf}
TIMES = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
POUR, EMPTY, ALARM, LATE = range(4)


@pytest.fixture(scope="module")
def tank(backend, tmp_path_factory):
    return compile((Tank(),), "tank", backend=backend, cache_dir=tmp_path_factory.mktemp("kernels"))


def solve(tank, *patients, times=TIMES, rtol=1e-9):
    """The patients, quiet but for what is said of each."""
    table = np.empty((len(tank.parameters), len(patients)))
    for i, patient in enumerate(patients):
        for name, value in (QUIET | patient).items():
            table[tank.parameter_index(f"tank.{name}"), i] = value
    return tank.solve(table, times, rtol=rtol, atol=1e-10)


def level(solution):
    return solution.outputs[:, :, 0]


def memory(solution):
    """What happened, in order, as a word of digits."""
    words = []
    for number in solution.final[:, 2]:
        n, word = round(number), ""
        while n:
            n, digit = divmod(n, 9)
            word = str(digit) + word
        words.append(word)
    return words


def test_events_are_listed(tank):
    assert tank.events == ("pour", "empty", "alarm", "late")


def test_an_output_at_the_moment_of_an_event_sees_the_state_after_it(tank):
    s = solve(tank, {"pour_day": 2.0}, {"pour_day": 2.0 + 1e-9}, {"pour_day": 1.5})
    np.testing.assert_allclose(level(s), [[1, 1, 11, 11, 11], [1, 1, 1, 11, 11], [1, 1, 11, 11, 11]])
    np.testing.assert_array_equal(s.fired[:, POUR], [2.0, 2.0 + 1e-9, 1.5])
    assert np.isnan(s.fired[:, EMPTY:]).all()


def test_what_was_due_before_the_start_happens_at_the_start(tank):
    s = solve(tank, {"pour_day": 0.0, "inflow": 1.0}, {"pour_day": -3.0, "inflow": 1.0})
    np.testing.assert_allclose(level(s), [11 + TIMES] * 2)
    np.testing.assert_array_equal(s.fired[:, POUR], 0.0)


def test_an_event_at_the_last_moment_still_happens(tank):
    s = solve(tank, {"pour_day": 4.0}, {"pour_day": 4.0 + 1e-12})
    np.testing.assert_allclose(level(s)[:, -1], [11.0, 1.0])
    np.testing.assert_allclose(s.final[:, 0], [11.0, 1.0])
    assert np.isnan(s.fired[1, POUR])


@pytest.mark.parametrize("never", [np.nan, np.inf, -np.inf, 1e300, 4.5])
def test_a_day_that_does_not_come_changes_nothing(tank, never):
    s = solve(tank, {"pour_day": never, "empty_day": never})
    np.testing.assert_allclose(level(s), 1.0)
    assert memory(s) == [""]
    assert np.isnan(s.fired).all()


def test_events_of_one_moment_keep_the_order_of_their_declaration(tank):
    s = solve(tank, {"pour_day": 3.0, "empty_day": 3.0}, {"pour_day": 3.0, "empty_day": 2.0})
    assert memory(s) == ["12", "21"]
    np.testing.assert_allclose(s.final[:, 0], [1.0, 11.0])


def test_a_jump_can_set_off_a_trigger_at_once(tank):
    s = solve(tank, {"pour_day": 2.5, "full": 5.0}, {"first": 7.0, "full": 5.0})
    np.testing.assert_array_equal(s.fired[:, ALARM], [2.5, 0.0])
    assert memory(s) == ["13", "3"]


def test_a_trigger_acts_once(tank):
    s = solve(tank, {"first": 7.0, "full": 5.0, "empty_day": 1.0, "pour_day": 2.0})
    assert memory(s) == ["321"]


def test_the_crossing_of_a_straight_line_is_exact(tank):
    days = np.array([1e-7, 0.3, 1.0, math.pi, 3.9999999])
    s = solve(tank, *({"inflow": 3.0, "full": 1.0 + 3.0 * d} for d in days))
    np.testing.assert_allclose(s.fired[:, ALARM], days, atol=2e-9)


def test_the_crossing_of_a_curve_is_found(tank):
    # level = 1 e^(leak t) with a negative leak: it reaches `full` at ln(full)/r
    r, full = 1.7, np.array([1.5, 20.0, 800.0])
    s = solve(tank, *({"leak": -r, "full": f} for f in full))
    np.testing.assert_allclose(s.fired[:, ALARM], np.log(full) / r, atol=1e-8)


def test_a_level_that_is_approached_but_not_reached_does_not_fire(tank):
    # inflow 2, leak 1: the level tends to 2 from below
    s = solve(tank, {"inflow": 2.0, "leak": 1.0, "full": 2.0}, {"inflow": 2.0, "leak": 1.0, "full": 1.9})
    np.testing.assert_allclose(s.fired[:, ALARM], [np.nan, math.log(10.0)], atol=1e-7)


def test_two_triggers_in_one_step_act_in_their_order_in_time(tank):
    early, after = {"inflow": 1.0, "full": 1.6, "late": 0.61}, {"inflow": 1.0, "full": 1.62, "late": 0.61}
    s = solve(tank, early, after, times=[50.0])
    assert memory(s) == ["34", "43"]
    # the second is halved at 0.61 and reaches its level later: 0.805 + (t - 0.61) = 1.62
    np.testing.assert_allclose(s.fired[:, ALARM], [0.6, 1.425], atol=1e-8)
    np.testing.assert_allclose(s.fired[:, LATE], 0.61, atol=1e-9)


def test_the_course_after_a_crossing_starts_from_there(tank):
    s = solve(tank, {"inflow": 1.0, "late": 1.25})
    np.testing.assert_allclose(level(s)[0], [1.0, 2.0, 1.125 + 0.75, 1.125 + 1.75, 1.125 + 2.75], atol=1e-7)


def test_many_stops_do_not_disturb_the_course(tank):
    calm = solve(tank, {"inflow": 1.0, "leak": 0.3})
    busy = solve(
        tank, {"inflow": 1.0, "leak": 0.3, "pour": 0.0, "pour_day": 1.7, "full": 2.0, "late": np.inf}
    )
    np.testing.assert_allclose(level(busy), level(calm), rtol=1e-7)
    assert memory(busy) in (["13"], ["31"])


def test_an_event_without_effect_leaves_the_state(tank):
    s = solve(tank, {"pour": 0.0, "pour_day": 2.0})
    np.testing.assert_array_equal(level(s), 1.0)


def test_a_threshold_that_is_not_a_number_makes_that_patient_fail(tank):
    s = solve(tank, {"full": np.nan}, {"inflow": 1.0})
    assert list(s.status) == [Status.not_finite, Status.ok]
    np.testing.assert_allclose(level(s)[1], 1.0 + TIMES)
    assert np.isnan(s.outputs[0]).all()
    assert np.isnan(s.final[0]).all()
    assert np.isnan(s.fired[0]).all()
