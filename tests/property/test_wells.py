"""Laws of wells that begin with few cells."""

import numpy as np
import pytest

from thymos.lang.errors import StudyError
from thymos.therapy.culture import typical_lots
from thymos.therapy.culture_jumps import read_doses, simulate_wells
from thymos.therapy.culture_protocol import CultureProtocol

SOURCE, CLINICAL = "cord-blood", CultureProtocol()


def test_the_mean_of_wells_with_many_cells_is_the_ode():
    made = simulate_wells(CLINICAL, SOURCE, 60, 32, 3, poisson=False)
    flow = typical_lots(CLINICAL, SOURCE, {"seeded_cd34": 60.0, "seeding_density": 600.0})
    for name in ("live_cells", "cd7_cells"):
        found = made.readouts[name][:, -1]
        assert abs(found.mean() - flow.harvest[name][0]) < 3 * found.std(ddof=1) / np.sqrt(len(found)), name


def test_as_many_cells_begin_as_were_seeded():
    made = simulate_wells(CLINICAL, SOURCE, 2.5, 60, 4)
    graft = made.readouts["cd3_cells"][:, 0]  # T cells of the graft come with them, by chance
    assert (made.readouts["live_cells"][:, 0] - graft == made.seeded).all()
    assert len(np.unique(made.seeded)) > 3


def test_a_well_that_got_no_cell_stays_empty():
    made = simulate_wells(CLINICAL, SOURCE, 0.5, 60, 4)
    empty = made.seeded == 0
    assert 0 < empty.sum() < 60
    assert all((values[empty] == 0).all() for values in made.readouts.values())
    assert made.without("cd7_cells")[empty].all()


def test_the_same_wells_whoever_computes_and_however_many_there_are():
    few, many = (simulate_wells(CLINICAL, SOURCE, 2, n, 7, workers=w) for n, w in ((8, 1), (24, 2)))
    for name, values in few.readouts.items():
        assert (values == many.readouts[name][:8]).all(), name
    other = simulate_wells(CLINICAL, SOURCE, 2, 8, 7, plate=1)
    assert (other.readouts["live_cells"] != few.readouts["live_cells"]).any()


@pytest.mark.parametrize(
    ("cells", "wells", "given", "message"),
    [
        (0, 4, {}, "wells.cells: expected a number above 0, got 0"),
        (float("nan"), 4, {}, "wells.cells: expected a number above 0, got nan"),
        (1.5, 4, {"poisson": False}, "wells.cells: expected a whole number, 1 or more, got 1.5"),
        (1, 0, {}, "wells.wells: expected 1 or more, got 0"),
        (1, 4, {"volume": 0.0}, "wells.volume: expected a volume above 0 mL, got 0"),
    ],
)
def test_wells_that_cannot_be_are_refused(cells, wells, given, message):
    with pytest.raises(StudyError, match=message):
        simulate_wells(CLINICAL, SOURCE, cells, wells, 1, **given)


@pytest.mark.parametrize("text", ["", "1,one", "1,1", "1;3"])
def test_doses_are_numbers_with_commas(text):
    with pytest.raises(StudyError, match="numbers with commas, each once"):
        read_doses(text)
