"""One patient's clones twice: in closed form, and drawn one by one and sequenced."""

from functools import cache

import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import Clones, whole
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.diversity.counted import counted
from thymos.biology.repertoire.diversity.expected import expected
from thymos.therapy.drawn_repertoire import sequenced
from thymos.therapy.repertoire import Repertoire, clonal_models, flat
from thymos.therapy.sampling import blocks_of, nominal
from thymos.therapy.t_cell_course import TCellCourse, clonal_program
from thymos.trial.run import load_study
from thymos.trial.simulation import Simulation

DAYS = (60.0, 100.0, 365.0)
DEPTH = 5000


@cache
def repertoire(study):
    protocol = load_study(study)
    simulation = Simulation(protocol, 5, blocks_of(2, 2), 0, program=clonal_program())
    given = simulation.given(protocol.arms[-1])[2]
    solved = simulation.program.solve(given, simulation.times, rtol=1e-6, atol=1e-6)
    course = TCellCourse.of(simulation.program, solved, given).at(2, DAYS)
    return Repertoire(course, simulation.people.parameters | nominal(clonal_models(), 2)).take(0)


@pytest.mark.parametrize("study", ["scid-haplo", "leukaemia-tdepleted"])
def test_drawn_and_closed_form_agree(study):
    mine = repertoire(study)
    drawn = [sequenced(mine, DAYS, DEPTH, seed) for seed in range(4)]
    for k, day in enumerate(DAYS):
        clones = flat(mine.clones(int(np.searchsorted(mine.course.times, day))))
        share = np.minimum(1.0, DEPTH / clones.cells)
        closed = expected(clones, share)
        found = [counted(one.cells[:, k][one.cells[:, k] > 0]) for one in drawn]
        seen = np.array([float(one.richness) for one in found])
        # Large clones are few, so four draws scatter more than a Poisson number; a tenth is what a reader would see.
        assert seen.mean() == pytest.approx(closed.richness[0], rel=0.1)
        in_body = np.array([one.in_body[k] for one in drawn])
        assert np.exp(np.log(in_body).mean()) == pytest.approx(clones.cells[0], rel=0.25)


def test_a_seed_gives_the_same_samples():
    one, again, other = (sequenced(repertoire("scid-haplo"), DAYS, 500, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.cells, again.cells)
    assert not np.array_equal(one.cells, other.cells)


def test_less_than_one_founder_is_one_clone_of_the_same_cells():
    number = np.array([[1e-4, 1e-3, 0.5, 3.0, 50.0]])
    law = Kendall(np.array([1e6, 1e5, 1e3, 10.0, 1.0]), np.array([1e6, 1e5, 1e3, 9.0, 0.0]))
    before = Clones(number, law)
    after = whole(before)
    assert after.cells == pytest.approx(before.cells, rel=1e-12)
    kept = np.cumsum(number * law.survival, axis=-1) >= 1
    # By hand: what is expected before the first clone, 100 + 100 + 500 cells, and no founder of those classes.
    assert (after.number[0, :5] == np.where(kept, number, 0)[0]).all()
    assert (after.number[0, 5], after.law.m[0, 5]) == (1.0, pytest.approx(700.0))
