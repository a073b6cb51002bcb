"""What happens when the numbers go wrong: solves that need pivoting, undershoot, models too large for a kernel."""

from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine import Status, Way, compile
from thymos.engine import lanes as room
from thymos.lang import Model, Output, Transition, parameter, state
from thymos.lang.errors import WiringError


@dataclass(frozen=True)
class Rotation(Model):
    """Two states turn around a third, which fades; turning fast, they lie on it.

    The elimination begins with a small pivot on the diagonal beside entries of size `speed`, the textbook case
    for swapping rows.
    """

    x = state("", "first")
    y = state("", "second")
    centre = state("", "centre")
    speed = parameter("1/day", "speed of turning")
    fading = parameter("1/day", "loss of the centre")

    def starts(self, x, p, env):
        yield from ((x.x, 1.0), (x.y, 1.0), (x.centre, 1.0))

    def transitions(self, x, p, env):
        yield Transition("turn x", p.speed * (x.y - x.centre), {x.x: -1})
        yield Transition("turn y", p.speed * (x.x - x.centre), {x.y: +1})
        yield Transition("fading", p.fading * x.centre, {x.centre: -1})

    def gives(self, x, p, env):
        yield Output("x", "", x.x, "first", observe=True)


@dataclass(frozen=True)
class Draining(Model):
    """An amount lost at a constant rate while there is any: the true course ends in a corner at 0."""

    left = state("", "what is left")
    rate = parameter("1/day", "loss at first")

    def starts(self, x, p, env):
        yield x.left, 1.0

    def transitions(self, x, p, env):
        yield Transition("loss", p.rate * x.left**0.02, {x.left: -1})

    def gives(self, x, p, env):
        yield Output("left", "", x.left, "what is left", observe=True)


@pytest.fixture(scope="module")
def rotation(tmp_path_factory):
    return compile((Rotation(),), "rotation", cache_dir=tmp_path_factory.mktemp("kernels"))


def test_a_solve_that_needs_pivoting_gets_it(rotation):
    speeds = np.array([10.0, 1e11, 10.0, 1e11])
    s = rotation.solve(np.array([speeds, np.ones(4)]), [5.0], rtol=1e-6, atol=1e-8)
    assert s.status.tolist() == [Status.ok] * 4
    assert s.way.tolist() == [Way.plain, Way.pivoted, Way.plain, Way.pivoted]
    # Turning fast they follow the centre, e^-5, to within 1 / speed.
    np.testing.assert_allclose(s.outputs[1::2, 0, 0], np.exp(-5.0), atol=1e-8)


def test_a_neighbour_that_is_solved_again_moves_no_bit(rotation):
    alone = rotation.solve([[10.0], [1.0]], [5.0])
    beside = rotation.solve([[10.0, 1e11], [1.0, 1.0]], [5.0])
    assert alone.outputs[0].tobytes() == beside.outputs[0].tobytes()


def test_what_pivoting_cannot_save_says_so_and_stays_in_the_denominator(rotation):
    s = rotation.solve([[10.0, 1e15, 10.0], [1.0, 1.0, 1.0]], [5.0], rtol=1e-9, atol=1e-11)
    assert s.status.tolist() == [Status.ok, Status.unsolved, Status.ok]
    assert s.way[1] == Way.pivoted
    assert np.isnan(s.outputs[1]).all()
    assert np.isfinite(s.outputs[[0, 2]]).all()
    assert "1 of 3 patients failed.\n  patient 1: The linear solves" in s.failures()


def test_pivoted_and_unrolled_solves_give_the_same_course(rotation):
    parameters = np.array([np.linspace(0.5, 5.0, 11), np.linspace(0.1, 1.0, 11)])
    times = np.linspace(0.5, 6.0, 9)
    usual = rotation.solve(parameters, times, rtol=1e-9, atol=1e-11)
    inner = rotation.integrator
    pivoted = room.Lanes(inner.kernel, inner.host)
    pivoted._functions = pivoted._functions._replace(attempt=pivoted._pivoted)
    got = type(rotation)(rotation.signature, pivoted).solve(parameters, times, rtol=1e-9, atol=1e-11)
    # Nearly the same steps: rounding of the solves differs, and now and then tips a decision.
    np.testing.assert_allclose(got.steps, usual.steps, rtol=0.01)
    np.testing.assert_allclose(got.outputs, usual.outputs, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("rtol", [1e-3, 1e-5, 1e-6])
def test_an_amount_that_ends_in_a_corner_falls_little_below_zero(tmp_path, rtol):
    program = compile((Draining(),), "draining", cache_dir=tmp_path)
    s = program.solve(np.linspace(0.3, 9.0, 13)[None], [0.2, 1.0, 40.0], rtol=rtol, atol=rtol / 100)
    assert (s.status == Status.ok).all()
    # The longest step before the corner is a few tenths of a day, so that without tries it falls by up to 1.
    assert (s.undershoot * rtol < 0.05).all()
    assert (s.final >= -rtol).all()


def test_undershoot_is_reported(rotation):
    # The centre fades at once; x then swings to -1 around it.
    s = rotation.solve([[1.0, 0.0], [50.0, 50.0]], [5.0], rtol=1e-6, atol=1e-8)
    assert s.status.tolist() == [Status.ok] * 2
    assert s.undershoot[0] == pytest.approx(1 / 1e-6, rel=0.2)
    assert s.undershoot[1] <= 1.0


@pytest.mark.parametrize("patients", [0, 1, 7, 17])
def test_any_number_of_patients_is_solved(rotation, patients):
    parameters = np.array([np.linspace(1.0, 2.0, patients), np.ones(patients)])
    s = rotation.solve(parameters, [1.0, 2.0], workers=2, block=5)
    assert s.outputs.shape == (patients, 2, 1)
    assert np.isfinite(s.outputs).all()
    assert s.failures() == ""


def test_a_model_too_large_for_a_kernel_is_solved_all_the_same(monkeypatch, tmp_path, rotation):
    monkeypatch.setattr(room, "MOST_OPERATIONS", 10)
    with pytest.warns(UserWarning, match=r"rotation is too large for one kernel .* backend \"scipy\""):
        slow = compile((Rotation(),), "rotation", cache_dir=tmp_path)
    parameters = [[3.0], [1.0]]
    expected = rotation.solve(parameters, [2.0], rtol=1e-9, atol=1e-11).outputs
    np.testing.assert_allclose(
        slow.solve(parameters, [2.0], rtol=1e-9, atol=1e-11).outputs, expected, rtol=1e-6
    )


def test_an_output_nobody_gives_is_refused(tmp_path):
    with pytest.raises(WiringError, match=r"outputs: expected names among x, got cd4"):
        compile((Rotation(),), "rotation", outputs=("x", "cd4"), cache_dir=tmp_path)
