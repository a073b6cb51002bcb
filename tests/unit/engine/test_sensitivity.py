"""What `sensitivities` accepts, refuses and reports, on any width of register."""

from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine import Status, compile, sensitivities
from thymos.engine.algebra import algebra
from thymos.engine.host import Host, this_host
from thymos.engine.lanes import Lanes, build
from thymos.engine.perturbation import Perturbation, step_lengths
from thymos.engine.program import Program
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, parameter, state, switch
from thymos.lang.errors import SolveError
from thymos.lang.trace import trace


@dataclass(frozen=True)
class Tank(Model):
    """A tank that fills, leaks, is topped up on a day, and rings when full."""

    level = state("", "volume")
    rung = state("", "1 once it rang")
    inflow = parameter("1/day", "inflow")
    leak = parameter("1/day", "leak")
    power = parameter("", "order of the leak")
    day = parameter("day", "day of the top-up")
    full = parameter("", "level of the alarm")
    lid = switch("open", "closed", "whether it rains in")

    def starts(self, x, p, env):
        yield x.level, 1

    def transitions(self, x, p, env):
        yield Transition("inflow", p.inflow, {x.level: +1})
        yield Transition("leak", p.leak * x.level**p.power, {x.level: -1})

    def gives(self, x, p, env):
        yield Output("level", "", x.level, "volume", observe=True)
        yield Output("rung", "", x.rung, "rang", observe=True)

    def events(self, x, p, env):
        yield Scheduled("top-up", at=p.day, changes={x.level: +2})
        yield Trigger("alarm", when=x.level, reaches=p.full, sets={x.rung: 1})


NAMES = ("inflow", "leak", "power", "day", "full")
QUIET = {"inflow": 1.0, "leak": 0.0, "power": 1.0, "day": np.nan, "full": np.inf}
TIMES = np.array([0.0, 1.0, 2.0, 4.0])


@pytest.fixture(scope="module")
def tank(tmp_path_factory):
    return compile((Tank(),), "tank", cache_dir=tmp_path_factory.mktemp("kernels"))


def table(tank, *patients):
    rows = np.zeros((len(tank.parameters), len(patients)))
    for i, patient in enumerate(patients):
        for name, value in (QUIET | patient).items():
            rows[tank.parameter_index(f"tank.{name}"), i] = value
    return rows


def slopes(tank, *patients, wrt, **control):
    return sensitivities(tank, table(tank, *patients), TIMES, [f"tank.{n}" for n in wrt], **control)


def test_shapes_names_and_cost(tank):
    s = slopes(tank, {}, {"inflow": 2.0}, {"inflow": 3.0}, wrt=("inflow", "leak"))
    assert s.wrt == ("tank.inflow", "tank.leak")
    assert s.outputs.shape == (3, 4, 2)
    assert s.slopes.shape == (3, 4, 2, 2)
    assert s.fired.shape == (3, 2)
    assert s.fired_slopes.shape == (3, 2, 2)
    assert s.steps.shape == s.status.shape == (3,)
    np.testing.assert_allclose(s.outputs[:, :, 0], 1 + np.outer([1, 2, 3], TIMES))
    np.testing.assert_allclose(s.slopes[:, :, 0, 0], [TIMES] * 3, rtol=1e-7)


@pytest.mark.parametrize(
    ("wanted", "central", "width", "group", "lanes"),
    [
        (1, False, 8, 2, 2),
        (2, False, 8, 4, 4),
        (3, False, 8, 4, 4),
        (7, False, 8, 8, 8),
        (19, False, 8, 8, 24),
        (1, True, 8, 4, 4),
        (3, True, 8, 8, 8),
        (19, True, 8, 8, 56),
        (3, False, 4, 4, 4),
        (4, False, 2, 2, 8),
    ],
)
def test_the_fewest_lanes_are_taken(wanted, central, width, group, lanes):
    p = Perturbation.of(range(wanted), [False] * wanted, central, width)
    assert (p.group, p.rows) == (group, lanes)
    taken = [lane for copies in p.lanes for lane in copies]
    assert len(set(taken)) == len(taken) == wanted * (2 if central else 1)
    assert all(0 < lane < lanes and lane % group for lane in taken)


def test_two_lanes_cannot_hold_two_sides():
    assert Perturbation.of([0], [False], True, 2) is None


def test_steps_are_powers_of_two_near_eps_times_the_size():
    values = np.array([[0.0, 5.0, -1e9, np.nan], [0.0, 5.0, -1e9, 1e-300]])
    steps = step_lengths(values, 1e-6, np.array([np.nan, 20.0]))
    assert np.isnan(steps[0, 3])
    wanted = np.array([[1.0, 5.0, 1e9], [20.0] * 3]) * 1e-6
    assert (np.abs(np.log2(steps[:, :3] / wanted)) <= 0.5).all()
    assert (np.frexp(steps[:, :3])[0] == 0.5).all()


@pytest.mark.parametrize("width", [w for w in (2, 4, 8) if w <= this_host().width])
def test_every_width_gives_the_same_slopes(tank, width):
    host = Host(this_host().cpu, this_host().features, width)
    system = trace((Tank(),), "tank", None)
    kernel = build(system, algebra(system), host)
    narrow = Program(kernel.signature, Lanes(kernel, host))
    patients = [{"leak": 0.3, "day": 1.5, "full": 2.0}, {"leak": 0.1, "day": 3.0, "full": 1.7}]
    s, t = (slopes(p, *patients, wrt=NAMES, rtol=1e-9) for p in (narrow, tank))
    np.testing.assert_allclose(s.slopes, t.slopes, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(s.fired_slopes, t.fired_slopes, rtol=1e-4, atol=1e-6)


def test_a_failed_patient_stays_in_the_result(tank):
    s = slopes(tank, {}, {"inflow": np.nan}, {"leak": -1.0, "power": 2.0}, {}, wrt=("inflow", "leak"))
    assert [Status(int(c)).name for c in s.status[:2]] == ["ok", "not_finite"]
    assert s.status[2] != Status.ok  # it runs away before the last day
    assert np.isnan(s.slopes[1:3]).all()
    assert np.isnan(s.outputs[1:3]).all()
    np.testing.assert_array_equal(s.slopes[0], s.slopes[3])


def test_a_parameter_that_is_zero_has_a_slope(tank):
    s = slopes(tank, {"leak": 0.0}, wrt=("leak",))  # d/dk at k = 0 of level' = 1 - k level
    np.testing.assert_allclose(s.slopes[0, :, 0, 0], -(TIMES + TIMES**2 / 2), rtol=1e-5)


def test_an_output_on_the_day_of_an_event_has_the_slope_after_it(tank):
    # level' = -k level, 2 more on day d: d/dd of 2 e^(-k (t - d)) is 2 k at t = d
    for central in (False, True):
        s = slopes(tank, {"inflow": 0.0, "leak": 0.5, "day": 2.0}, wrt=("day", "leak"), central=central)
        exact = np.where(TIMES >= 2, np.exp(-0.5 * (TIMES - 2)), 0.0)
        np.testing.assert_allclose(s.slopes[0, :, 0, 0], exact, rtol=1e-5, atol=1e-9)


def test_an_output_at_the_crossing_of_a_trigger_has_no_slope(tank):
    # the level is 1 + t: full at day 1, the second output; a faster tank rings earlier
    s = slopes(tank, {"full": 2.0}, wrt=("inflow", "full"))
    assert np.isnan(s.slopes[0, 1]).any()
    assert np.isfinite(s.slopes[0, [0, 2, 3]]).all()
    np.testing.assert_allclose(s.fired_slopes[0, 1], [-1.0, 1.0], rtol=1e-5)


def test_what_happens_in_one_lane_alone_leaves_no_slope_afterwards(tank):
    # the level ends at 5; the alarm stands there, so that a larger inflow rings and a smaller one does not
    s = slopes(tank, {"full": 5.0 + 1e-7}, wrt=("inflow",))
    assert np.isnan(s.slopes[0, -1]).all()
    assert np.isfinite(s.slopes[0, :-1]).all()


@pytest.mark.parametrize(
    ("wrt", "text"),
    [
        (["tank.leek"], r"did you mean tank\.leak"),
        (["tank.lid=closed"], r"the switch tank\.lid=closed\.\n  Try: solve once for each choice"),
        ([], "expected one name or more, each once, got none"),
        (["tank.leak", "tank.leak"], "each once"),
        (["tank.day"], r"in tank\.day: expected a finite day or level .* got nan for patient 1 \(1 in all\)"),
        (["tank.full"], r"in tank\.full: expected .* got inf for patient 0"),
    ],
)
def test_what_has_no_slope_is_refused(tank, wrt, text):
    with pytest.raises(SolveError, match=text):
        sensitivities(tank, table(tank, {"day": 1.0}, {"full": 3.0}), TIMES, wrt)


@pytest.mark.parametrize(
    ("control", "text"),
    [
        ({"eps": 0.0}, "0 < eps < 1, got eps 0"),
        ({"scale": {"tank.inflow": 0.0}}, r"got scale 0 of tank\.inflow"),
        ({"scale": {"tank.leak": 1.0}}, r"expected scales of tank\.inflow, got tank\.leak"),
        ({"rtol": 0.0}, "0 < rtol"),
        ({"workers": 0}, "1 worker"),
        ({"block": 0}, "blocks of 1"),
    ],
)
def test_the_control_is_checked(tank, control, text):
    with pytest.raises(SolveError, match=text):
        slopes(tank, {}, wrt=("inflow",), **control)


def test_a_backend_without_lanes_is_refused():
    plain = compile((Tank(),), "tank", backend="scipy")
    with pytest.raises(
        SolveError, match=r"lanes or more that share their steps, got 1\.\n  Try: compile with"
    ):
        slopes(plain, {}, wrt=("inflow",))


@pytest.mark.parametrize("together", [3, 16, 0])
def test_the_size_of_a_group_is_checked(tank, together):
    with pytest.raises(SolveError, match="together"):
        tank.solve(table(tank, *[{}] * 6), TIMES, together=together)


def test_no_patients_have_no_slopes(tank):
    assert slopes(tank, wrt=("inflow",)).slopes.shape == (0, 4, 2, 1)
