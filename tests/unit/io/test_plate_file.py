"""A user's plate: each fault is one message with row and column, and nothing is half imported."""

import re
from pathlib import Path

import pytest

from thymos.io.plate_file import parse_plate, read_plate
from thymos.lang.errors import DataError

GOOD = """effector,target,ratio,time [hour],replicate,well,kind,signal [cpm],targets [cell]
NK,K562,10:1,4,1,A1,sample,2210,5000
NK,K562,10:1,4,2,A2,sample,2330,5000
NK,K562,5:1,4,1,A3,sample,1600,5000
,K562,,4,1,H1,spontaneous,410,5000
,K562,,4,1,H7,maximum,3950,5000
"""
COMPUTED = """effector,target,ratio,hours,replicate,well,kind,lysis [percent]
NK,K562,10,4,1,A1,sample,52.5
NK,K562,1:2,4,1,A2,sample,-1.5
"""


def changed(old, new, text=GOOD):
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def message(text):
    with pytest.raises(DataError) as problem:
        parse_plate(text, "plate.csv")
    return str(problem.value)


def test_a_plate_is_read():
    plate = parse_plate(GOOD, "plate.csv")
    assert (plate.scale, plate.unit, len(plate.wells)) == ("signal", "cpm", 5)
    (curve,) = plate.curves()
    assert (curve.effector, curve.target, curve.targets, curve.hours) == ("NK", "K562", 5000.0, (4.0,))
    assert [w.ratio for w in curve.samples] == [10.0, 10.0, 5.0]
    assert [w.line for w in plate.wells] == [2, 3, 4, 5, 6]


def test_lysis_already_computed_needs_no_controls_and_a_share_is_a_percentage():
    assert [w.signal for w in parse_plate(COMPUTED, "p").wells] == [52.5, -1.5]
    share = COMPUTED.replace("[percent]", "[1]").replace("52.5", "0.525").replace("-1.5", "-0.015")
    assert [w.signal for w in parse_plate(share, "p").wells] == pytest.approx([52.5, -1.5])


def test_ratios_are_written_in_any_usual_way():
    wells = parse_plate(COMPUTED, "p").wells
    assert [w.ratio for w in wells] == [10.0, 0.5]
    assert parse_plate(changed("10:1", "10 : 1"), "p").wells[0].ratio == 10.0
    assert parse_plate(changed("10:1", "2.5"), "p").wells[0].ratio == 2.5


def test_units_are_converted():
    in_minutes = GOOD.replace("time [hour]", "time [minute]").replace(",4,", ",240,")
    assert parse_plate(in_minutes, "p").wells[0].hours == pytest.approx(4.0)


def test_semicolons_tabs_comments_blank_lines_and_byte_order_marks_do_no_harm(tmp_path):
    text = "# spring\n\n" + GOOD.replace(",", ";") + ";;;;;;;;\n"
    assert parse_plate(text, "p").wells[0].line == 4
    assert parse_plate(GOOD.replace(",", "\t"), "p").wells == parse_plate(GOOD, "p").wells
    # As a spreadsheet saves a comment that holds a comma.
    assert parse_plate('"# SIMULATED, by thymos",,,,\n' + GOOD, "p").simulated
    file = tmp_path / "plate.csv"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_plate(file).wells == parse_plate(GOOD, "p").wells


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "plate.csv: expected a header and at least one row, got an empty sheet"),
        ("# only words\n\n", "got an empty sheet"),
        (GOOD.splitlines()[0], "got a header alone"),
        (changed("time [hour]", "time"), "row 1, column time: expected a unit that converts to hour, got no unit"),
        (changed("time [hour]", "time [cell]"), "column time: expected a unit that converts to hour, got 'cell'"),
        (changed("time [hour]", "time [dag]"), "column time: expected a unit that converts to hour, got 'dag'"),
        (changed(" [cpm]", ""), "row 1, column signal: expected a unit among count, cpm"),
        (changed("[cpm]", "[mm]"), "row 1, column signal: expected a unit among count, cpm"),
        (changed(" [cell]", ""), "row 1, column targets: expected a unit that converts to cell, got no unit"),
        (changed(" [percent]", "", COMPUTED), "column lysis: expected a unit among percent, 1, got no unit"),
        (changed("ratio,", "ration,"), "row 1: expected columns among .* got 'ration'.\n  Try: did you mean ratio\\?"),
        (changed("well,", "target,"), "row 1: expected one column target, got two of them"),
        (COMPUTED + ",K562,,4,1,H1,maximum,100\n", "row 4, column kind: expected samples alone"),
        ("effector,target\nNK,K562\n", "row 1: expected the columns .* got none named ratio, time"),
        (changed(",signal [cpm]", ""), "expected a column `signal` .* or `lysis` .* got neither"),
        (changed("NK,K562,10:1,4,1,A1", "NK,K562,10:1,4,A1"), "row 2: expected 9 cells as in the header, got 8"),
        (changed(",2210,", ",2,210,"), "row 2: expected 9 cells as in the header, got 10.\n  Try: a decimal comma"),
        (changed("NK,", '"NK,'), "row 2: expected cells with their quotes in pairs, got"),
        (changed("2210", "high"), "row 2, column signal: expected a number, got 'high'"),
        (changed("2210", ""), "row 2, column signal: expected a number, got an empty cell"),
        (changed("2210", "nan"), "row 2, column signal: expected a number, got 'nan'"),
        (changed("2210", '"2,21"'), "column signal: expected a number, got '2,21'.\n  Try: write the decimal point"),
        (changed("2210", "-3"), "row 2, column signal: expected a number above 0, got -3"),
        (changed("1600", "0"), "row 4, column signal: expected a number above 0, got 0"),
        (changed("10:1", "10:0"), "row 2, column ratio: expected effectors .* above 0, such as 10:1, got '10:0'"),
        (changed("10:1", "-10"), "row 2, column ratio: .* got '-10'"),
        (changed("10:1", ""), "row 2, column ratio: .* got an empty cell"),
        (changed("10:1", "ten"), "row 2, column ratio: .* got 'ten'"),
        (changed(",4,2,", ",0,2,"), "row 3, column time: expected a number above 0, got 0"),
        (changed(",4,2,", ",4,1.5,"), "row 3, column replicate: expected a whole number from 1 on, got 1.5"),
        (changed("2330,5000", "2330,-1"), "row 3, column targets: expected a number above 0, got -1"),
        (changed("NK,K562", ",K562"), "row 2, column effector: expected a name, got an empty cell"),
        (changed("NK,K562", "NK,"), "row 2, column target: expected a name, got an empty cell"),
        (changed("A1,", ","), "row 2, column well: expected a name, got an empty cell"),
        (changed("spontaneous", "spontanous"),
         "row 5, column kind: .* got 'spontanous'.\n  Try: did you mean spontaneous\\?"),
        (changed("sample", "blank"), "row 2, column kind: expected one of sample, spontaneous, maximum, got 'blank'"),
        (changed("A2", "a1"), "row 3, column well: expected each well once .* got A1 of row 2 again"),
        (changed("4,2,A2", "4,1,A2"), "row 3, column replicate: .* got 1 of row 2 again"),
        (changed(",K562,,4,1,H1", ",Raji,,4,1,H1"), "row 2, column kind: .* spontaneous for K562 at 4 hour, got none"),
        (changed(",K562,,4,1,H7", ",K562,,5,1,H7"), "row 2, column kind: .* maximum for K562 at 4 hour, got none"),
        (changed("410", "5000"), "maximum above spontaneous .* for K562 at 4 hour, got means of 3950 and 5000 cpm"),
        (changed("52.5", "525", COMPUTED), "row 2, column lysis: expected -50 to 150 percent, got 525 percent"),
        (GOOD.replace("sample", "maximum"), "expected wells of kind sample, got control wells alone"),
    ],
)  # fmt: skip
def test_a_fault_is_one_message_with_its_place(text, said):
    got = message(text)
    assert re.search(said, got), got
    assert got.startswith("DataError: plate.csv")


def test_a_workbook_another_coding_a_missing_and_a_huge_file_are_refused_by_name(tmp_path):
    file = tmp_path / "plate.xlsx"
    file.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(DataError, match="expected a CSV file, got an Excel workbook"):
        read_plate(file)
    file.write_bytes("µ,é".encode("latin-1"))
    with pytest.raises(DataError, match=r"expected text in UTF-8, got the byte 0xb5"):
        read_plate(file)
    with pytest.raises(DataError, match="expected a file that can be read, got No such file"):
        read_plate(tmp_path / "none.csv")
    with pytest.raises(DataError, match="a file that can be read"):
        read_plate(tmp_path)
    with file.open("wb") as out:
        out.truncate(1_000_001)
    with pytest.raises(DataError, match="a table of at most 1 MB, got a larger file"):
        read_plate(file)


def test_the_plate_of_the_documentation_is_read_and_says_that_it_is_simulated():
    file = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "nk-plate.csv"
    assert file.read_text().startswith("# SIMULATED")
    assert len(read_plate(file).wells) == 30
