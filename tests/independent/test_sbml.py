"""What is exported, solved by libRoadRunner (CVODE on its own reading of the SBML), against the lanes.

The lanes see a system with every need put in; the file keeps needs as rules and transitions as reactions. So
agreement says that both are the same model, and that the file says all of it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import roadrunner
from numpy.typing import NDArray

from thymos.engine import compile
from thymos.engine.status import Status
from thymos.io.sbml import About, inspect, write_sbml
from thymos.io.study_schema import Study
from thymos.lang import (
    Model,
    Output,
    Scheduled,
    Transition,
    Trigger,
    constant,
    covariate,
    needs,
    parameter,
    state,
)
from thymos.lang.trace import trace
from thymos.therapy.sampling import blocks_of
from thymos.trial.exchange import Part, part_names, parts, sbml_of
from thymos.trial.run import load_study, shipped
from thymos.trial.simulation import Simulation

Floats = NDArray[np.float64]
TIGHT = 1e-10
AGREED = 1e-6  # of the largest value of each output; 1e-4 is promised, and the solvers are held to 1e-10
LOOKED_THROUGH = 10  # blocks of patients, for one whose GvHD begins


@pytest.fixture(autouse=True)
def _quick_compiler() -> Iterator[None]:
    """Its second compiler loads the recipient in a tenth of the time."""
    key = roadrunner.Config.LLVM_BACKEND
    before = roadrunner.Config.getValue(key)
    roadrunner.Config.setValue(key, roadrunner.Config.LLJIT)
    yield
    roadrunner.Config.setValue(key, before)


def theirs(text: str, columns: list[str], days: Floats) -> Floats:
    """Columns of the file (time, column) on these days, by names as thymos prints them."""
    runner = roadrunner.RoadRunner(text)
    for key, value in {"relative_tolerance": TIGHT, "absolute_tolerance": 1e-12, "stiff": True}.items():
        runner.integrator.setValue(key, value)
    runner.integrator.setValue("maximum_num_steps", 1_000_000)
    runner.timeCourseSelections = [identifiers(text)[name] for name in columns]
    return np.array(runner.simulate(times=list(days)))


def identifiers(text: str) -> dict[str, str]:
    """Identifiers of parameters and species by the names that the file keeps for thymos."""
    import libsbml

    document = libsbml.readSBMLFromString(text)  # in hand: the model lives no longer than it
    model = document.getModel()
    found = {}
    for e in (*model.getListOfParameters(), *model.getListOfSpecies()):
        if e.isSetAnnotation():
            kept = e.getAnnotation().getChild("quantity")
            found[kept.getAttrValue("name")] = e.getId()
    return found


def difference(a: Floats, b: Floats) -> float:
    """Largest difference in any column, of the largest value that the column takes.

    A column that stays below 1e-6 in its own unit, such as infused cells where none are given, counts as 1e-6; one
    that is nothing but 0 counts as 10, since a share of cells that are not there is a quotient of two roundings.
    """
    most = np.abs(b).max(axis=0)
    scale = np.where(most == 0, 10.0, np.maximum(most, 1e-6))
    return float((np.abs(a - b).max(axis=0) / scale).max())


class Vessel(Model):
    """Cells in a vessel: fed, washed, and once, when enough have gathered, harvested."""

    cells = state("cell", "cells")
    kept = state("cell", "cells kept")
    drug = state("ug/mL", "drug")
    growth = parameter("1/day", "growth")
    yielded = parameter("", "cells kept for one that leaves")
    decay = parameter("1/day", "loss of drug")
    full = parameter("cell", "number at which half is taken")
    start = covariate("cell", "cells at the start")
    first_day = covariate("day", "day of a dose")
    same_day = covariate("day", "day of a wash")
    never = covariate("day", "day of what does not happen")
    brake = needs("", "share of growth that is left")

    def starts(self, x: Any, p: Any, env: Any) -> Any:
        yield x.cells, p.start

    def transitions(self, x: Any, p: Any, env: Any) -> Any:
        yield Transition("growth", p.growth * env.brake * x.cells, {x.cells: +1})
        yield Transition(
            "leaving",
            p.decay * x.cells,
            {
                x.cells: -1,
                x.kept: p.yielded,
            },
        )
        yield Transition("decay", p.decay * x.drug, {x.drug: -1})

    def events(self, x: Any, p: Any, env: Any) -> Any:
        yield Scheduled("dose", at=p.first_day, changes={x.drug: constant(1, "ug/mL")})
        yield Scheduled("wash", at=p.same_day, sets={x.drug: x.drug / 2})
        yield Scheduled("not", at=p.never, sets={x.cells: 0})
        yield Trigger("harvest", when=x.cells, reaches=p.full, changes={x.cells: -x.cells / 2})

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("drug", "ug/mL", x.drug, "drug", observe=True)
        yield Output("cells", "cell", x.cells, "cells", observe=True)
        yield Output("kept", "cell", x.kept, "cells kept", observe=True)


class Brake(Model):
    """Slows growth in a crowd, to a power of the crowd that is below 1."""

    cells = needs("cell", "cells")
    half = parameter("cell", "number at which growth is half")
    power = parameter("", "steepness")

    def gives(self, x: Any, p: Any, env: Any) -> Any:
        yield Output("brake", "", 1 / (1 + (env.cells / p.half) ** p.power), "share of growth that is left")


VALUES = {
    "vessel.growth": 1.0, "vessel.yielded": 2.5, "vessel.decay": 0.1, "vessel.full": 300.0, "start": 100.0,
    "first_day": 0.0, "same_day": 0.0, "never": np.inf, "brake.half": 2000.0, "brake.power": 0.7,
}  # fmt: skip


def vessel(**changed: float) -> tuple[str, Any, Floats]:
    """The file, the lanes' solution, and the days."""
    models, values = (Vessel(), Brake()), VALUES | changed
    program = compile(models, "vessel")
    days = np.linspace(0, 6, 25)
    table = np.array([[values[q.name]] for q in program.parameters])
    solution = program.solve(table, days, rtol=TIGHT, atol=1e-12)
    text = write_sbml(trace(models, "vessel", as_written=True), values, About("A vessel"))
    return text, solution, days


def test_events_of_one_moment_follow_each_other_as_declared() -> None:
    text, solution, days = vessel()
    (drug,) = theirs(text, ["drug"], days).T
    # The dose of 1 first, then half of it washed out: 1/2 at the start, where the other order leaves 1.
    np.testing.assert_allclose(drug, np.exp(-0.1 * days) / 2, rtol=1e-7)
    np.testing.assert_allclose(solution.outputs[0, :, 0], np.exp(-0.1 * days) / 2, rtol=1e-7)


def test_a_trigger_fires_once_though_its_level_is_reached_again() -> None:
    text, solution, days = vessel()
    names = ["drug", "cells", "kept"]
    found = theirs(text, names, days)
    assert 0 < solution.fired[0, 3] < days[-1]
    assert found[-1, 1] > 2 * VALUES["vessel.full"], "the level is crossed a second time"
    assert difference(found, solution.outputs[0]) < 1e-6


def test_a_level_that_is_reached_at_the_start_acts_at_the_start() -> None:
    text, solution, days = vessel(start=400.0)
    found = theirs(text, ["drug", "cells", "kept"], days)
    assert found[0, 1] == 200.0
    assert difference(found, solution.outputs[0]) < 1e-6


def test_a_hand_made_model_is_consistent() -> None:
    assert inspect(vessel()[0]) == []


# ---- every shipped study


def compared(part: Part, text: str) -> float:
    """Largest difference in any output."""
    days = np.linspace(0, part.days, 60)
    table = np.array([[part.values[q.name]] for q in part.program.parameters])
    solution = part.program.solve(table, days, rtol=TIGHT, atol=1e-12)
    assert solution.status[0] == Status.ok
    return difference(theirs(text, [q.name for q in part.program.outputs], days), solution.outputs[0])


@pytest.mark.parametrize("name", shipped())
def test_the_culture_of_every_study(name: str) -> None:
    (part,) = parts(load_study(name), ["culture"], 3)
    text = sbml_of(part)
    assert inspect(text) == []
    assert compared(part, text) < AGREED


@pytest.mark.slow
def test_a_transduced_culture() -> None:
    said = load_study("scid-haplo").model_dump(mode="json", exclude_none=True)
    said["culture"]["vector"] = {"day": "1.5 day", "moi": 10.0}
    (part,) = parts(Study.model_validate(said), ["culture"], 3)
    text = sbml_of(part)
    assert inspect(text) == []
    assert compared(part, text) < AGREED


def with_gvhd(study: Any) -> int:
    """The first patient whose GvHD begins, in the last arm."""
    blocks = blocks_of(study.patients, study.draws)[:LOOKED_THROUGH]
    simulation = Simulation(study, study.seed, blocks, 0)
    onset = simulation.treat(study.arms[-1]).solution.fired[:, simulation.program.events.index("gvhd")]
    return int(np.flatnonzero(np.isfinite(onset))[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_the_recipient_of_every_study_in_every_arm(name: str) -> None:
    study = load_study(name)
    patient = with_gvhd(study)
    for part in parts(study, part_names(study, ["recipient"]), patient):
        text = sbml_of(part)
        assert inspect(text) == [], part.name
        assert compared(part, text) < AGREED, part.name
