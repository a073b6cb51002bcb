"""Each fault of a user's table is one message with file, row and column, and nothing is imported."""

import pytest

from thymos.evidence.datasets import cytokine_grids as g
from thymos.io.culture_table import read_culture_table
from thymos.lang.errors import DataError

UNITS = {
    "fold": "",
    "cd7_percent": "percent",
    "cd7_cells": "cell",
    "cd7_cd5neg_cells": "cell",
    "cd7_cd5pos_cells": "cell",
}
HEADER = "donor,graft,plate,well,day [day],scf [ng/mL],il7 [ng/mL],readout,value,unit,exclude"
ROW = "A,cord-blood,p1,B2,7,100,20,cd7_cells,12000,cell,"


def read(tmp_path, *lines, **options):
    path = tmp_path / "mine.csv"
    path.write_bytes(lines[0] if isinstance(lines[0], bytes) else "\n".join(lines).encode())
    return read_culture_table(path, UNITS, **options)


def changed(**cells):
    """The good row with some cells replaced."""
    names = [h.partition(" ")[0] for h in HEADER.split(",")]
    return ",".join(str(cells.get(n, old)) for n, old in zip(names, ROW.split(","), strict=True))


def test_a_good_table_is_read_whole(tmp_path):
    table = read(tmp_path, HEADER, ROW, changed(well="B3", il7="", exclude="spilled"))
    first, second = table.readings
    assert (first.donor, first.readout, first.value, first.unit) == ("A", "cd7_cells", 12000.0, "cell")
    assert first.conditions == {"day": 7.0, "scf": 100.0, "il7": 20.0}
    assert "il7" not in second.conditions  # as in the protocol
    assert table.kept == (first,)
    assert second.exclude == "spilled"


def test_units_are_converted(tmp_path):
    header = (
        HEADER.replace("day [day]", "day [hour]")
        .replace("scf [ng/mL]", "scf [ug/L]")
        .replace("il7 [ng/mL]", "il7 [pg/mL]")
    )
    (r,) = read(
        tmp_path, header, changed(day=48, scf=5, il7=1500, readout="cd7_percent", value=0.5, unit="1")
    ).readings
    assert r.conditions == pytest.approx({"day": 2.0, "scf": 5.0, "il7": 1.5})
    assert r.value == pytest.approx(50.0)  # 0.5 of 1 is 50 percent


def test_a_byte_order_mark_quotes_and_empty_lines_are_no_faults(tmp_path):
    text = "\ufeff" + HEADER + "\r\n\r\n" + changed(exclude='"late, spilled"') + "\r\n"
    (r,) = read(tmp_path, text.encode()).readings
    assert (r.row, r.exclude) == (3, "late, spilled")


def test_semicolons_tabs_and_comments_are_no_faults(tmp_path):
    wanted = read(tmp_path, HEADER, ROW).readings
    for separator in ";\t":
        assert read(tmp_path, HEADER.replace(",", separator), ROW.replace(",", separator)).readings == wanted
    # As a spreadsheet saves a comment that holds a comma.
    (r,) = read(tmp_path, "# spring;;", '"# two, three",,', HEADER, "#" + ROW, ROW).readings
    assert (r.row, r.value) == (5, wanted[0].value)


def test_a_line_break_in_a_cell_is_one_row(tmp_path):
    first, second = read(tmp_path, HEADER, changed(exclude='"late\n# spilled"'), changed(well="B3")).readings
    assert (first.exclude, second.row) == ("late\n# spilled", 3)


FAULTS = {
    "unit missing in the header": (
        (HEADER.replace("scf [ng/mL]", "scf"), ROW),
        r"row 1, column scf: expected a unit that converts to ng/mL, got no unit",
    ),
    "wrong unit in the header": (
        (HEADER.replace("scf [ng/mL]", "scf [day]"), ROW),
        r"row 1, column scf: expected a unit that converts to ng/mL, got 'day'",
    ),
    "unit missing in a row": (
        (HEADER, ROW, changed(well="B3", unit="")),
        r"row 3, column unit: expected an entry, got an empty cell",
    ),
    "unit missing of a pure number": (
        (HEADER, changed(readout="fold", unit="")),
        r"row 2, column unit: .*\n  Try: 1 for a pure number",
    ),
    "wrong unit in a row": (
        (HEADER, changed(unit="ng/mL")),
        r"row 2, column unit: expected a unit that converts to cell, got 'ng/mL'",
    ),
    "negative count": (
        (HEADER, ROW, changed(well="B3", value="-5")),
        r"row 3, column value: expected 0 or more, got -5",
    ),
    "negative dose": ((HEADER, changed(il7="-1")), r"row 2, column il7: expected 0 or more, got -1"),
    "text in a number column": (
        (HEADER, changed(value="many")),
        r"row 2, column value: expected a number, got 'many'",
    ),
    "decimal comma": (
        (HEADER, changed(value='"12,5"')),
        r"row 2, column value: expected a number, got '12,5'.\n  Try: a decimal point",
    ),
    "no value": ((HEADER, changed(value="")), r"row 2, column value: expected a number, got an empty cell"),
    "not a number": (
        (HEADER, changed(value="nan")),
        r"row 2, column value: expected a finite number, got nan",
    ),
    "over 100 percent": (
        (HEADER, changed(readout="cd7_percent", value="120", unit="percent")),
        r"row 2, column value: expected 0 to 100 percent",
    ),
    "duplicate well": (
        (HEADER, ROW, ROW),
        r"row 3, column well: expected one cd7_cells for each well and day, got that of row 2 again",
    ),
    "duplicate condition without wells": (
        (HEADER, changed(well=""), changed(well="")),
        r"row 3, column well: .*\n  Try: give replicates a name",
    ),
    "two conditions in one well": (
        (HEADER, ROW, changed(scf=5, readout="cd7_percent", value=50, unit="percent")),
        r"row 3, column well: expected one condition in well B2, as in row 2",
    ),
    "unknown cytokine": (
        (HEADER.replace("il7 [ng/mL]", "IL-6 [ng/mL]"), ROW),
        r"row 1, column IL-6 \[ng/mL\]: expected a known cytokine, one of .*\n  Try: did you mean il",
    ),
    "unknown column": (
        (HEADER.replace("plate", "place"), ROW),
        r"row 1, column place: expected a known column, .*\n  Try: did you mean plate\?",
    ),
    "column twice": (
        (HEADER.replace("plate", "well"), ROW),
        r"row 1, column well: expected each column once",
    ),
    "column missing": (
        (HEADER.replace("value,unit,", "value,note,"), ROW),
        r"row 1, column unit: expected this column",
    ),
    "unknown readout": (
        (HEADER, changed(readout="cd7_cell")),
        r"row 2, column readout: .*\n  Try: did you mean cd7_cells ",
    ),
    "donor missing": ((HEADER, changed(donor="")), r"row 2, column donor: expected an entry"),
    "a donor of two grafts": (
        (HEADER, ROW, changed(well="B3", graft="mobilised-blood")),
        r"row 3, column graft: expected cord-blood for donor A, as in row 2, got mobilised-blood",
    ),
    "empty sheet": (("",), r"mine.csv: expected a header and at least one row, got an empty sheet"),
    "header alone": ((HEADER,), r"mine.csv: expected at least one row below the header, got a header alone"),
    "a cell too many": ((HEADER, ROW + ",x"), r"row 2: expected 11 cells as in the header, got 12"),
    "semicolons and a decimal comma": (
        (HEADER.replace(",", ";"), changed(value="12comma5").replace(",", ";").replace("comma", ",")),
        r"row 2, column value: expected a number, got '12,5'.\n  Try: a decimal point",
    ),
    "commas below semicolons": (
        (HEADER.replace(",", ";"), ROW),
        r"row 2: expected 11 cells as in the header, got 1.\n  Try: a decimal comma\?",
    ),
    "zeros": ((f"{HEADER}\n".encode() + b"\0\0",), r"expected a text file, got a binary file"),
    "Parquet": ((b"PAR1rest",), r"expected a CSV file, got Parquet"),
    "comments alone": (
        ("# one", "# two"),
        r"got an empty sheet.\n  Try: begin with donor,readout,value,unit",
    ),
    "below comments": (
        ("# one", "", HEADER, ROW, '"# two"', ROW),
        r"row 6, column well: .* got that of row 4 again",
    ),
    "wrong encoding": (
        (f"{HEADER}\n{ROW}\n".encode() + ROW.replace("A", "Zoé").encode("latin-1"),),
        r"row 3: expected text in UTF-8, got the byte 0xe9",
    ),
    "UTF-16": (((HEADER + "\n" + ROW).encode("utf-16"),), r"expected text in UTF-8, got text in UTF-16"),
    "Excel": (
        (b"PK\x03\x04rest",),
        r"mine.csv: expected a CSV file, got an Excel workbook.\n  Try: in the spreadsheet, save",
    ),
    "old Excel": ((b"\xd0\xcf\x11\xe0rest",), r"expected a CSV file, got an old Excel workbook"),
    "open quote": (
        (HEADER, ROW.replace("p1", '"p1')),
        r"row 2: expected cells with their quotes in pairs, got unexpected end",
    ),
}


@pytest.mark.parametrize(("lines", "message"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_one_message(tmp_path, lines, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, *lines)


def test_several_donors_are_refused_where_one_was_asked(tmp_path):
    with pytest.raises(DataError, match=r"row 3, column donor: expected one donor, A, got B"):
        read(tmp_path, HEADER, ROW, changed(donor="B"), one_donor=True)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv: expected a file that can be read"):
        read_culture_table(tmp_path / "none.csv", UNITS)


def test_the_shipped_grids_are_such_a_table():
    table = read_culture_table(g.CODEBOOK.file, UNITS)
    assert table.donors == ("2", "3", "4")
    assert len(table.readings) == 432
    # Donor 3: 6 wells x 2 grids x 2 populations; donor 2: one well twice, and one count.
    assert len(table.readings) - len(table.kept) == 24 + 2 + 1
