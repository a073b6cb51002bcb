"""The clones of a patient add up to the cells of the recipient, at every level, day, origin and for any inequality."""

from functools import cache

import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import together
from thymos.therapy.repertoire import Repertoire, clonal_models
from thymos.therapy.sampling import blocks_of, nominal
from thymos.therapy.t_cell_course import SOURCES, TCellCourse, clonal_program
from thymos.trial.run import load_study
from thymos.trial.simulation import Simulation

DAYS = (60.0, 180.0, 365.0)
PATIENTS = 6


@cache
def simulated(study="scid-haplo", arm=-1):
    """Course on the trial's own output days, and the parameters of a few patients."""
    protocol = load_study(study)
    simulation = Simulation(protocol, 3, blocks_of(PATIENTS, PATIENTS), 0, program=clonal_program())
    given = simulation.given(protocol.arms[arm])[2]
    solved = simulation.program.solve(given, simulation.times, rtol=1e-8, atol=1e-8)
    course = TCellCourse.of(simulation.program, solved, given)
    return course, simulation.people.parameters | nominal(clonal_models(), PATIENTS)


def apart(stride, study="scid-haplo", level="tcr"):
    """Largest relative difference of naive and of memory cells by origin, where there are any."""
    course, parameters = simulated(study)
    course = course.at(stride, DAYS)
    repertoire = Repertoire(course, parameters)
    worst = {"naive": 0.0, "memory": 0.0}
    for day in DAYS:
        k = int(np.searchsorted(course.times, day))
        found = {
            "naive": repertoire.emigrants(k, level).cells + repertoire.residents(k).cells,
            "memory": repertoire.memory(k).cells,
        }
        for kind, cells in found.items():
            true = course.by_origin[f"{kind}_cells"][..., k].sum(axis=-1)
            some = true > 1.0
            worst[kind] = max(worst[kind], float(np.max(np.abs(cells[some] / true[some] - 1))))
    return worst


@pytest.mark.parametrize("study", ["scid-haplo", "leukaemia-tdepleted"])
def test_clones_add_up_to_the_cells_of_the_recipient(study):
    # Rates and export are straight lines between output days: what is left is the error of that.
    worst = apart(1, study)
    assert worst["naive"] < 0.05
    assert worst["memory"] < 0.05


def test_the_error_is_that_of_the_grid():
    coarse, fine = apart(4), apart(1)
    assert fine["naive"] < coarse["naive"] / 3
    assert fine["memory"] < coarse["memory"]


@pytest.mark.parametrize("level", ["trb", "lineage"])
def test_cells_do_not_depend_on_what_is_called_a_clone(level):
    assert apart(2, level=level)["naive"] == pytest.approx(apart(2)["naive"], rel=1e-9)


def changed(**rows):
    course, parameters = simulated()
    course = course.at(1, DAYS)
    said = {f"clone_sizes.{name}": np.full(PATIENTS, float(value)) for name, value in rows.items()}
    repertoire = Repertoire(course, parameters | said)
    return repertoire, int(np.searchsorted(course.times, 180.0))


def test_inequality_moves_clones_and_no_cell():
    alike, k = changed(fast_division=1, burst_range=1)
    unlike, _ = changed(fast_division=5, burst_range=1e7)
    for group in ("naive", "memory"):
        one, other = (
            r.memory(k) if group == "memory" else together(r.emigrants(k), r.residents(k))
            for r in (alike, unlike)
        )
        assert other.cells == pytest.approx(one.cells, rel=0.05)  # the error of the grid
        some = one.alive > 0
        assert (other.alive[some] < one.alive[some]).all()


def test_a_level_above_has_fewer_and_larger_clones():
    repertoire, k = changed()
    receptors, betas, lineages = (repertoire.emigrants(k, level).alive for level in ("tcr", "trb", "lineage"))
    some = receptors > 0
    assert (betas[some] < receptors[some]).all()
    assert (lineages[some] < betas[some]).all()


def test_patients_do_not_touch_each_other():
    course, parameters = simulated()
    course = course.at(2, DAYS)
    k = len(course.times) - 1
    together = Repertoire(course, parameters).clones(k).alive
    mine = Repertoire(course, parameters).take(2).clones(k).alive
    assert mine[0] == pytest.approx(together[2], rel=1e-12)


def test_the_twin_has_no_clone_of_infused_origin():
    course, parameters = simulated(arm=0)
    course = course.at(2, DAYS)
    clones = Repertoire(course, parameters).clones(len(course.times) - 1)
    assert (clones.alive[:, SOURCES.index("I")] == 0).all()
