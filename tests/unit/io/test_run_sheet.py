"""A sheet of planned runs, filled in, is a culture table."""

import pytest

from thymos.io.culture_table import read_culture_table
from thymos.io.run_sheet import PlannedRun, run_sheet, write_run_sheet
from thymos.lang.errors import DataError

UNITS = {"cd7_per_cd34": "", "cd7_percent": "percent"}
RUNS = (
    PlannedRun("A", "batch 1", "1", {"day": 8.0, "dl4": 2.5, "tnf": 0.0}),
    PlannedRun("B", "batch 1", "2", {"day": 6.0, "dl4": 1e-3, "seeding_density": 2e5}),
)


def test_each_readout_of_each_run_has_a_row_with_its_unit():
    head, *rows = run_sheet(RUNS, "cord-blood", UNITS).splitlines()
    assert (
        head
        == "donor,graft,plate,well,day [day],dl4 [ug/mL],tnf [ng/mL],seeding_density [cell/mL],readout,value,unit,note"
    )
    assert rows[0] == "A,cord-blood,batch 1,1,8,2.5,0,,cd7_per_cd34,,1,"
    assert rows[3] == "B,cord-blood,batch 1,2,6,0.001,,200000,cd7_percent,,percent,"


def test_a_filled_sheet_reads_back(tmp_path):
    sheet = tmp_path / "sheet.csv"
    write_run_sheet(sheet, RUNS, "cord-blood", UNITS)
    lines = sheet.read_text().splitlines()
    filled = [
        lines[0],
        *(line.replace(",,1,", ",12.5,1,").replace(",,percent,", ",80,percent,") for line in lines[1:]),
    ]
    sheet.write_text("\n".join(filled) + "\n")
    table = read_culture_table(sheet, UNITS)
    assert [(r.donor, r.plate, r.well) for r in table.readings] == [("A", "batch 1", "1")] * 2 + [
        ("B", "batch 1", "2")
    ] * 2
    assert table.readings[0].conditions == RUNS[0].conditions
    assert table.readings[3].conditions == RUNS[1].conditions
    assert [r.value for r in table.readings] == [12.5, 80.0] * 2


def test_a_sheet_that_was_not_filled_in_is_refused(tmp_path):
    sheet = tmp_path / "sheet.csv"
    write_run_sheet(sheet, RUNS, "cord-blood", UNITS)
    with pytest.raises(DataError, match="row 2, column value: expected a number, got an empty cell"):
        read_culture_table(sheet, UNITS)
