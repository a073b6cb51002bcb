"""What a program accepts, refuses and reports."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine import Status, compile
from thymos.lang import Model, Output, Transition, parameter, state
from thymos.lang.errors import DefinitionError, SolveError


@dataclass(frozen=True)
class Decay(Model):
    """First-order loss, with an output that needs a positive state."""

    x = state("", "amount")
    first = parameter("", "amount at the start")
    k = parameter("1/day", "rate")
    power = parameter("", "order of the loss")

    def starts(self, x, p, env):
        yield x.x, p.first

    def transitions(self, x, p, env):
        yield Transition("loss", p.k * x.x**p.power, {x.x: -1})

    def gives(self, x, p, env):
        yield Output("x", "", x.x, "amount", observe=True)
        yield Output("root", "", x.x**0.5 / x.x, "inverse root")


@pytest.fixture(scope="module")
def decay(backend, tmp_path_factory):
    return compile((Decay(),), "decay", backend=backend, cache_dir=tmp_path_factory.mktemp("kernels"))


def test_columns_have_names_units_and_meanings(decay):
    assert decay.name == "decay"
    assert decay.states[0] == ("decay.x", "", "amount", "state")
    assert [q.name for q in decay.parameters] == ["decay.first", "decay.k", "decay.power"]
    assert decay.parameters[1] == ("decay.k", "1/day", "rate", "parameter")
    assert [q.name for q in decay.outputs] == ["x"]
    assert decay.parameter_index("decay.k") == 1
    assert decay.output_index("x") == 0
    assert decay.state_index("decay.x") == 0


def test_an_unknown_name_gets_a_suggestion(decay):
    with pytest.raises(SolveError, match=r"Try: did you mean decay\.power"):
        decay.parameter_index("decay.powr")


def test_asked_outputs_are_recorded(tmp_path):
    program = compile((Decay(),), "decay", outputs=("root", "x"), cache_dir=tmp_path)
    s = program.solve([[4.0], [0.0], [1.0]], [1.0])
    np.testing.assert_allclose(s.outputs[0, 0], [0.5, 4.0])


@pytest.mark.parametrize("n", [0, 1, 3, 8, 17])
def test_any_number_of_patients(decay, n):
    table = np.array([np.arange(1.0, n + 1), np.full(n, 0.5), np.ones(n)])
    s = decay.solve(table, [0.0, 2.0], block=8)
    assert s.outputs.shape == (n, 2, 1)
    np.testing.assert_allclose(s.outputs[:, 1, 0], np.arange(1.0, n + 1) * np.exp(-1.0), rtol=1e-5)
    assert s.failures() == ""


def test_only_time_zero(decay):
    s = decay.solve([[3.0], [1.0], [1.0]], [0.0])
    np.testing.assert_array_equal(s.outputs, 3.0)
    np.testing.assert_array_equal(s.final, 3.0)


def test_a_first_time_after_zero(decay):
    s = decay.solve([[3.0], [1.0], [1.0]], [2.0, 3.0], rtol=1e-9)
    np.testing.assert_allclose(s.outputs[0, :, 0], 3.0 * np.exp([-2.0, -3.0]), rtol=1e-6)


@pytest.mark.parametrize(
    ("times", "text"),
    [
        ([], "rising list"),
        ([1.0, 1.0], "rising"),
        ([2.0, 1.0], "rising"),
        ([-1.0, 1.0], "0 or later"),
        ([0.0, np.nan], "finite"),
    ],
)
def test_times_are_checked(decay, times, text):
    with pytest.raises(SolveError, match=text):
        decay.solve(np.ones((3, 2)), times)


@pytest.mark.parametrize("shape", [(2, 5), (3,), (3, 2, 2)])
def test_the_shape_of_parameters_is_checked(decay, shape):
    with pytest.raises(SolveError, match=r"expected an array of \(3 parameters, patients\)"):
        decay.solve(np.ones(shape), [1.0])


@pytest.mark.parametrize(
    "control",
    [{"rtol": 0.0}, {"rtol": np.nan}, {"atol": -1.0}, {"max_steps": 0}, {"workers": 0}, {"block": 0}],
)
def test_the_control_is_checked(decay, control):
    with pytest.raises(SolveError, match="decay, solve"):
        decay.solve(np.ones((3, 2)), [1.0], **control)


def test_an_unknown_backend_is_refused():
    with pytest.raises(SolveError, match="expected one of lanes, cuda, scipy, got abacus"):
        compile((Decay(),), "decay", backend="abacus")


def test_a_failed_patient_stays_in_the_result(decay):
    table = np.array([[1.0, np.nan, 1.0, np.inf, 1.0], [1.0] * 5, [1.0, 1.0, np.nan, 1.0, 1.0]])
    s = decay.solve(table, [0.0, 1.0])
    assert [Status(int(c)).name for c in s.status] == ["ok", "not_finite", "not_finite", "not_finite", "ok"]
    assert np.isnan(s.outputs[1:4]).all()
    np.testing.assert_array_equal(s.outputs[0], s.outputs[4])
    assert list(s.failed) == [1, 2, 3]
    assert s.failures().startswith(
        "3 of 5 patients failed.\n  patient 1: A parameter, state or rate is not a number"
    )


def test_too_many_steps_is_said(decay):
    s = decay.solve([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [100.0], max_steps=12)
    assert s.status[0] == Status.too_many_steps
    assert s.steps[0] == 12
    assert "Raise max_steps" in Status.too_many_steps.sentence


def test_a_solution_that_ends_is_too_small_a_step_or_not_finite(decay):
    # dx/dt = x^2 from 1 is infinite at day 1
    s = decay.solve([[1.0], [-1.0], [2.0]], [2.0])
    assert s.status[0] in (Status.step_too_small, Status.not_finite)


def test_a_power_that_empties_the_state_ends_at_zero(decay):
    # dx/dt = -x^0.5 from 1 reaches 0 at day 2 and stays there
    s = decay.solve([[1.0], [1.0], [0.5]], [1.0, 3.0], rtol=1e-8)
    assert s.status[0] == Status.ok
    np.testing.assert_allclose(s.outputs[0, :, 0], [0.25, 0.0], atol=1e-5)


def test_an_unknown_function_is_refused_with_its_place(tmp_path):
    import sympy

    @dataclass(frozen=True)
    class Wave(Model):
        """Something the kernels do not know."""

        x = state("", "amount")
        k = parameter("1/day", "rate")

        def transitions(self, x, p, env):
            yield Transition("wave", p.k * sympy.sin(x.x), {x.x: +1})

    with pytest.raises(DefinitionError, match=r"wave, expression sin\(wave\.x\)"):
        compile((Wave(),), "wave", cache_dir=tmp_path)


def test_a_program_can_be_sent_to_another_process(tmp_path):
    program = compile((Decay(),), "decay", cache_dir=tmp_path)
    table = [[1.0, 2.0], [1.0, 0.3], [1.0, 1.0]]
    again = pickle.loads(pickle.dumps(program))  # noqa: S301  our own bytes
    np.testing.assert_array_equal(again.solve(table, [1.0]).outputs, program.solve(table, [1.0]).outputs)
