"""What a jump program accepts, refuses and reports."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from thymos.engine import Status
from thymos.engine.jumps import JUMPS, compile_jumps
from thymos.lang import Model, Output, Scheduled, Transition, Trigger, constant, exp, parameter, state
from thymos.lang.errors import SolveError

PORTION = constant(1.0, "ng/mL")


@dataclass(frozen=True)
class Well(Model):
    """Cells that arrive, die and eat; food that is given on a day; an alarm at a level."""

    cells = state("cell", "cells")
    food = state("ng/mL", "food")
    first = parameter("cell", "cells at the start")
    arrival = parameter("cell/day", "arrival")
    death = parameter("1/day", "death")
    appetite = parameter("1/cell/day", "food eaten by one cell")
    feed_day = parameter("day", "day of the feed")
    alarm = parameter("cell", "cells that sound the alarm")

    def starts(self, x, p, env):
        yield x.cells, p.first

    def transitions(self, x, p, env):
        yield Transition("arrival", p.arrival, {x.cells: +1})
        yield Transition("death", p.death * x.cells, {x.cells: -1})
        yield Transition("eating", p.appetite * x.cells * x.food, {x.food: -1})

    def gives(self, x, p, env):
        yield Output("cells", "cell", x.cells, "cells", observe=True)
        yield Output("food", "ng/mL", x.food, "food")

    def events(self, x, p, env):
        yield Scheduled("feed", at=p.feed_day, sets={x.food: PORTION}, changes={x.cells: p.first})
        yield Trigger("alarm", when=x.cells, reaches=p.alarm, sets={x.food: 2 * PORTION})


QUIET = {"first": 0.0, "arrival": 0.0, "death": 0.0, "appetite": 0.0, "feed_day": np.nan, "alarm": np.inf}
ALL = ("well.cells", "well.food")
TIMES = [0.0, 1.0, 2.0, 4.0]


@dataclass(frozen=True)
class Clocked(Model):
    """An arrival that fades."""

    n = state("cell", "cells")
    rate = parameter("cell/day", "arrival")
    fading = parameter("day", "time of fading")

    def transitions(self, x, p, env):
        yield Transition("arrival", p.rate * exp(-env.t / p.fading), {x.n: +1})

    def gives(self, x, p, env):
        yield Output("n", "cell", x.n, "cells", observe=True)


@pytest.fixture(scope="module", params=list(JUMPS))
def well(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernels")
    counted = ALL if request.param == "exact" else None
    return compile_jumps(
        (Well(),), "well", method=request.param, counted=counted, tally=("well.death",), cache_dir=folder
    )


def table(program, *patients):
    """The patients, quiet but for what is said of each."""
    p = np.empty((len(program.parameters), len(patients)))
    for i, patient in enumerate(patients):
        for name, value in (QUIET | patient).items():
            p[program.parameter_index(f"well.{name}"), i] = value
    return p


def test_columns_have_names_units_and_meanings(well):
    assert well.name == "well"
    assert [q.name for q in well.states] == ["well.cells", "well.food", "count[well.death]"]
    assert [q.name for q in well.parameters] == [f"well.{name}" for name in QUIET]
    assert [q.name for q in well.outputs] == ["cells", "count[well.death]"]
    assert well.events == ("feed", "alarm")
    assert (well.state_index("well.food"), well.output_index("cells")) == (1, 0)


@pytest.mark.parametrize("n", [0, 1, 3, 8, 17])
def test_any_number_of_patients(well, n):
    s = well.run(table(well, *({"first": float(k)} for k in range(n))), TIMES, seed=0, block=8)
    assert s.outputs.shape == (n, 4, 2)
    assert s.final.shape == (n, 3)
    assert s.fired.shape == (n, 2)
    np.testing.assert_array_equal(s.outputs[:, :, 0], np.arange(n)[:, None] * np.ones(4))
    assert s.failures() == ""


def test_events_happen_on_their_day_and_triggers_at_their_level(well):
    fed, alarmed = {"first": 3.0, "feed_day": 2.0}, {"arrival": 40.0, "alarm": 9.0}
    s = well.run(table(well, fed, fed | {"feed_day": 0.0}, alarmed, {}), TIMES, seed=4)
    np.testing.assert_allclose(s.outputs[:2, :, 0], [[3, 3, 6, 6], [6, 6, 6, 6]])
    np.testing.assert_array_equal(s.fired[:2, 0], [2.0, 0.0])
    assert 0 < s.fired[2, 1] < 1
    np.testing.assert_array_equal(s.final[:, 1], [1, 1, 2, 0])
    assert np.isnan(s.fired[3]).all()


def test_the_moment_of_a_level_is_that_of_the_jump_that_reaches_it(well):
    # The ninth arrival at rate 40 comes after a gamma time: mean 9/40, sd 3/40.
    s = well.run(table(well, *[{"arrival": 40.0, "alarm": 9.0}] * 2000), [4.0], seed=1)
    late = 0.0 if well.method != "tau" else 0.0005  # what leaps end on a level a little late
    assert abs(s.fired[:, 1].mean() - 9 / 40) < 3 * 3 / 40 / np.sqrt(2000) + late


def test_what_happened_is_tallied(well):
    s = well.run(table(well, *[{"first": 50.0, "death": 0.4}] * 30), TIMES, seed=3)
    np.testing.assert_allclose(s.outputs[:, :, 0] + s.outputs[:, :, 1], 50)
    assert s.outputs[:, -1, 1].std() > 0


def test_a_failed_patient_keeps_its_place(well):
    p = table(well, {"first": 2.0}, {"death": np.nan}, {"first": 5.0})
    s = well.run(p, TIMES, seed=1)
    assert list(s.status) == [Status.ok, Status.not_finite, Status.ok]
    assert np.isnan(s.outputs[1]).all()
    np.testing.assert_array_equal(s.outputs[2, :, 0], 5)


def test_a_rate_without_bounds_is_a_failure(well):
    s = well.run(table(well, {"first": 1e200, "death": 1e200}, {"first": 1.0}), TIMES, seed=1, max_steps=1000)
    assert s.status[0] != Status.ok
    assert s.status[1] == Status.ok


def test_too_many_jumps_is_a_failure(well):
    s = well.run(table(well, {"arrival": 1e6, "death": 1.0}), [50.0], seed=1, max_steps=30)
    assert list(s.status) == [Status.too_many_steps]


def test_a_program_travels_to_another_process(well):
    p = table(well, *[{"first": 9.0, "death": 0.3, "arrival": 1.0}] * 9)
    there = pickle.loads(pickle.dumps(well))  # noqa: S301  our own object, as a process pool would send it
    np.testing.assert_array_equal(there.run(p, TIMES, 5).outputs, well.run(p, TIMES, 5).outputs)


def test_a_kernel_from_the_cache_draws_the_same_chance(tmp_path):
    made = [compile_jumps((Clocked(),), "clocked", method="tau", cache_dir=tmp_path) for _ in range(2)]
    assert len(list(tmp_path.glob("*.kernel"))) == 1
    first, second = (m.run([[30.0], [1.0]], TIMES, 2).outputs for m in made)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"seed": -1}, "seed: expected a whole number, 0 or more, got -1"),
        ({"seed": True}, "got True"),
        ({"seed": 1.5}, r"got 1\.5"),
        ({"people": [0.5]}, "people: expected 1 whole numbers"),
        ({"people": [1, 2]}, r"got int64 of shape \(2,\)"),
        ({"people": [-1]}, "from 0 to"),
        ({"times": [1.0, 0.5]}, "a rising list of finite days"),
        ({"parameters": [[1.0]]}, r"an array of \(6 parameters, patients\), got shape \(1, 1\)"),
        ({"workers": 0}, "at least 1 worker"),
    ],
)
def test_what_cannot_be_run_is_refused(well, more, text):
    given = {"parameters": table(well, {}), "times": TIMES, "seed": 1} | more
    with pytest.raises(SolveError, match=text):
        well.run(**given)


def test_accuracy_is_a_share(tmp_path):
    program = compile_jumps((Clocked(),), "clocked", method="tau", cache_dir=tmp_path)
    with pytest.raises(SolveError, match="accuracy: expected a share above 0 and below 1, got 0"):
        program.run([[1.0], [1.0]], TIMES, 1, accuracy=0.0)


@pytest.mark.parametrize(
    ("model", "more", "text"),
    [
        (Well(), {"method": "euler"}, "method: expected one of exact, tau, hybrid, got euler"),
        (
            Well(),
            {},
            r"'well\.eating', method 'exact': expected changes of counted states alone, got well\.food",
        ),
        (Well(), {}, "Try: method='hybrid'"),
        (Clocked(), {}, "expected a rate that stands still between jumps, got a rate that moves with time"),
        (Well(), {"counted": ("well.cell",)}, r"did you mean well\.cells"),
        (Well(), {"counted": ()}, "at least one state that is counted"),
        (Well(), {"method": "tau", "tally": ("well.deaths",)}, r"did you mean well\.death"),
    ],
)
def test_what_cannot_be_compiled_is_refused(tmp_path, model, more, text):
    with pytest.raises(SolveError, match=text):
        compile_jumps((model,), model.named(), cache_dir=tmp_path, **more)
