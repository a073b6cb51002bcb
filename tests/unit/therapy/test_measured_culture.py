"""From a table to lots and back: what is simulated for each reading, and what may move."""

import numpy as np
import pytest

from thymos.evidence.datasets import cytokine_grids
from thymos.io.culture_table import read_culture_table
from thymos.lang.errors import DataError, StudyError
from thymos.therapy.culture import typical_lots
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.measured_culture import (
    CulturePredictor,
    answering,
    donor_effects,
    measured_culture,
    readout_units,
)

HELD = {"cytokine_depletion": "off"}


@pytest.fixture(scope="module")
def grids():
    table = read_culture_table(cytokine_grids.CODEBOOK.file, readout_units())
    return measured_culture(table, CultureProtocol(), switches=HELD)


def written(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    return measured_culture(read_culture_table(path, readout_units()), CultureProtocol(), "cord-blood", HELD)


def test_donors_share_conditions(grids):
    assert len(grids.readings) == 432
    assert len(grids.conditions) == 72
    assert grids.donors == ("2", "3", "4")
    assert not grids.scaled


def test_a_reading_is_compared_with_a_lot_that_was_given_the_same(grids):
    free = ("cytokines.scf_lack", "cytokines.il3_half")
    values = {"cytokines.scf_lack": 0.2, "cytokines.il3_half": 0.3}
    found = CulturePredictor(grids, free).values(np.log([[0.2, 0.3]]))[0][grids.cells]
    held = values | {"medium.cytokine_depletion=off": 1.0}
    for i in (5, 77, 300, 431):
        r = grids.readings[i]
        given = dict(r.conditions) | held
        if "il3" in given:
            given["cytokines.il3_context=assay"] = 1.0
        lot = typical_lots(CultureProtocol(), "cord-blood", given)
        assert found[i] == pytest.approx(np.log(lot.harvest[r.readout][0]), abs=1e-4)


def test_slopes_are_those_of_differences_and_bits_those_of_any_workers(grids):
    free = ("progenitors.growth", "cytokines.il7_lack", "cytokines.scf_half")
    logs = np.log([[0.45, 0.2, 4.0]])
    one, two = (CulturePredictor(grids, free, workers) for workers in (1, 2))
    values, slopes = one.slopes(logs)
    again = two.slopes(logs)
    assert np.array_equal(values, again[0])
    assert np.array_equal(slopes, again[1])
    assert np.array_equal(one.values(logs), two.values(logs))
    steps = 1e-3 * np.eye(3)
    ends = one.values(np.concatenate([logs + steps, logs - steps]))
    assert pytest.approx((ends[:3] - ends[3:]) / 2e-3, abs=2e-3) == slopes[0].T


def test_what_was_varied_is_free_and_donors_differ_in_growth_and_losses(grids):
    rows = answering(grids)
    names = {n.removeprefix("cytokines.") for n in rows}
    losses = {"scf_lack", "il7_lack", "il3_lack"}
    assert names == {
        "progenitors.growth",
        *losses,
        *(n + "_cd5" for n in losses),
        "scf_half",
        "il7_half",
        "il3_half",
    }
    effects = donor_effects(rows)
    assert effects["progenitors.growth",] == rows["progenitors.growth"].variability.sd
    assert effects["cytokines.scf_lack", "cytokines.scf_lack_cd5"] == "effect_sd"
    assert list(answering(grids, ["notch.steepness"])) == ["notch.steepness"]
    with pytest.raises(StudyError, match=r"option --free: .*got notch\.steep\."):
        answering(grids, ["notch.steep"])


def test_a_time_course_frees_what_sets_the_pace(tmp_path):
    header = "donor,day [day],seeded_cd34 [cell],readout,value,unit"
    text = f"{header}\nA,3,1e5,cd7_percent,20,percent\nA,7,1e5,cd7_percent,75,percent\n"
    found = written(tmp_path, text)
    assert found.days.tolist() == [3.0, 7.0]
    assert "progenitors.specification" in answering(found)
    assert found.scaled


def test_a_count_of_nothing_needs_a_reason(tmp_path):
    text = "donor,il7 [ng/mL],readout,value,unit,exclude\nA,5,cd7_cells,10,cell,\nA,0,cd7_cells,0,cell,"
    with pytest.raises(DataError, match=r"row 3, column value: expected a value above 0"):
        written(tmp_path, text + "\n")
    assert len(written(tmp_path, text + "no cells seen\n").readings) == 1


def test_two_grafts_are_two_fits(tmp_path):
    text = "donor,graft,readout,value,unit\nA,cord-blood,fold,10,1\nB,mobilised-blood,fold,9,1\n"
    with pytest.raises(DataError, match=r"row 3, column graft: expected one graft in one fit"):
        written(tmp_path, text)
    with pytest.raises(
        DataError, match=r"row 2, column graft: expected one of mobilised-blood, cord-blood, got marrow"
    ):
        written(tmp_path, "donor,graft,readout,value,unit\nA,marrow,fold,10,1\n")


def test_nothing_but_excluded_readings_is_nothing(tmp_path):
    with pytest.raises(DataError, match="at least one reading that is not excluded"):
        written(tmp_path, "donor,readout,value,unit,exclude\nA,fold,10,1,late\n")
