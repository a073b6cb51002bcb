"""Counts as laboratories write them: each way of writing is read, each fault is one message with row and column."""

import pytest

from thymos.io.patient_counts import Count, parse_counts, read_counts
from thymos.io.patient_file import parse_patient
from thymos.lang.errors import DataError

HEAD = "day,lineage,count,unit\n"
DATED = parse_patient('age: "14 year"\ndiagnosis: aml\ntransplant: 2026-01-31\n', "patient.yaml")


def read(rows, head=HEAD, patient=None):
    return parse_counts(head + rows, "counts.csv", patient).rows


def one(rows, **kept):
    (count,) = read(rows, **kept)
    return count


@pytest.mark.parametrize(
    ("count", "unit", "per_ul"),
    [
        ("350", "cells/uL", 350),
        ("350", "/uL", 350),
        ("350", "1/uL", 350),
        ("350", "/µL", 350),  # the micro sign
        ("350", "/μL", 350),  # the Greek letter
        ("350", "cells/mm3", 350),
        ("350", "/mm^3", 350),
        ("350", "cells per uL", 350),
        ("350", "{cells}/uL", 350),
        ("350", "10*6/L", 350),
        ("350", "10^6/L", 350),
        ("350", "x 10^6/L", 350),
        ("350", "×10⁶/L", 350),
        ("350", "10E6/L", 350),
        ("0.35", "109/L", 350),  # a superscript that was lost on the way
        ("350", "# /uL", 350),
        ("0.35", "10*9/L", 350),
        ("0.35", "10^9 /l", 350),
        ("0.35", "G/L", 350),
        ("0.35", "Gpt/l", 350),
        ("0.35", "K/uL", 350),
        ("0.35", "10*3/uL", 350),
        ("0.35", "10^3 cells/uL", 350),
        ("0.35", "/nL", 350),
        ("350000", "cells/mL", 350),
    ],
)
def test_a_unit_is_read_in_every_usual_spelling(count, unit, per_ul):
    assert one(f"30,CD4,{count},{unit}").value == pytest.approx(per_ul, rel=1e-12)


@pytest.mark.parametrize(
    ("count", "unit"), [("3.1", "copies/uL"), ("3100", "copies/mL"), ("3.1", "{copies}/uL")]
)
def test_trec_is_counted_in_copies(count, unit):
    assert one(f"90,sjTREC,{count},{unit}") == Count(90.0, "trec", pytest.approx(3.1))


@pytest.mark.parametrize(
    ("written", "lineage"),
    [
        ("CD3+", "cd3"), ("T cells", "cd3"), ("T-lymphocytes", "cd3"), ("CD3 absolute", "cd3"),
        ("CD3+CD4+", "cd4"), ("cd4", "cd4"), ("T helper", "cd4"), ("CD3+/CD4+", "cd4"), ("CD4+ T cells", "cd4"),
        ("CD4 (T helper)", "cd4"), ("CD3+CD8+", "cd8"), ("cytotoxic T cells", "cd8"),
        ("CD4+CD45RA+ naive", "cd4_naive"), ("naive CD4", "cd4_naive"), ("CD4+ CD45RA+ CCR7+", "cd4_naive"),
        ("CD19+", "cd19"), ("B", "cd19"), ("B cells (CD19+)", "cd19"), ("CD3-CD19+", "cd19"),
        ("NK", "nk"), ("CD16/56", "nk"), ("CD3-CD16+CD56+", "nk"), ("CD3−CD56+", "nk"),
        ("NK cells (CD16+/CD56+)", "nk"), ("Lymphocytes", "lymphocytes"), ("ALC", "lymphocytes"),
        ("TREC", "trec"), ("sj-TREC", "trec"),
    ],
)  # fmt: skip
def test_a_lineage_is_read_in_every_usual_spelling(written, lineage):
    unit = "copies/uL" if lineage == "trec" else "/uL"
    assert one(f"30,{written},5,{unit}").lineage == lineage


def test_marker_combinations_that_are_something_else_are_not_taken_for_a_lineage():
    for other in ("CD3-CD4+", "CD4+CD25+", "CD4+CD45RA+CD31+", "CD45RA+", "CD4 (CD8)", "CD20+", "CD34+"):
        with pytest.raises(DataError, match="column lineage: expected one of lymphocytes, cd3"):
            read(f"30,{other},5,/uL")


@pytest.mark.parametrize("written", ["<1", "< 1", "≤1", "<1.0", "<=1"])
def test_below_a_limit_is_that_limit_and_not_zero(written):
    assert one(f"30,CD4,{written},/uL") == Count(30.0, "cd4", 1.0, below=True, limit=1.0)


@pytest.mark.parametrize("written", ["below", "BDL", "not detected", "0", "0.00", "3"])
def test_a_column_says_the_limit(written):
    count = one(f"30,CD4,{written},/uL,5", head="day,lineage,count,unit,limit\n")
    assert count == Count(30.0, "cd4", 5.0, below=True, limit=5.0)
    assert one("30,CD4,7,/uL,5", head="day,lineage,count,unit,limit\n") == Count(30.0, "cd4", 7.0, limit=5.0)


def test_a_limit_has_the_unit_of_its_count():
    assert one("30,CD4,below,G/L,0.005", head="day,lineage,count,unit,limit\n").value == pytest.approx(5.0)
    assert one("30,CD4,<0.005,G/L").limit == pytest.approx(5.0)


def test_percentages_take_their_total_from_the_parent_of_the_day():
    rows = read("30,lymphocytes,0.8,G/L\n30,CD3,50,% of lymphocytes\n30,CD4,25,% of CD3\n60,CD3,9,/uL")
    assert [(c.lineage, c.value) for c in rows[:3]] == [
        ("lymphocytes", pytest.approx(800)), ("cd3", pytest.approx(400)), ("cd4", pytest.approx(100)),
    ]  # fmt: skip


def test_percentages_take_their_total_from_a_column():
    head = "day,lineage,count,unit,total [G/L]\n"
    assert one("30,CD4,12.5,%,0.8", head=head).value == pytest.approx(100)
    assert one("30,CD4,12.5,/uL,0.8", head=head).value == 12.5  # the total of a count is of no use


def test_a_percentage_of_what_was_below_its_limit_is_below_a_limit_too():
    rows = read("30,CD3,<10,/uL\n30,CD4,40,% of CD3")
    assert rows[1] == Count(30.0, "cd4", pytest.approx(4.0), below=True, limit=pytest.approx(4.0))
    assert one("30,CD4,<2,%,500", head="day,lineage,count,unit,total [/uL]\n").value == pytest.approx(10)


def test_dates_become_days_after_transplant():
    rows = read("2026-01-31,CD4,5,/uL\n2026-03-02T08:30,CD4,6,/uL", "date,lineage,count,unit\n", DATED)
    assert [c.day for c in rows] == [0.0, 30.0]


def test_days_may_be_decimal_or_weeks():
    assert one("30.5,CD4,5,/uL").day == 30.5
    assert one("4,CD4,5,/uL", head="day [week],lineage,count,unit\n").day == 28.0


def test_a_table_of_a_european_laboratory():
    rows = read("30;CD4;0,012;G/L\n60,5;CD4;12,5;/µL", "day;lineage;count;unit\n")
    assert [(c.day, c.value) for c in rows] == [(30.0, pytest.approx(12)), (60.5, 12.5)]


def test_a_spreadsheet_may_say_its_separator_first():
    (count,) = parse_counts("sep=;\nday;lineage;count;unit\n30;CD4;0,5;G/L\n", "counts.csv").rows
    assert (count.value, count.row) == (500.0, 3)


def test_titles_are_read_in_their_usual_spellings():
    head = "Study Day,Analyte,Result [cells/uL],Detection limit,Method,Subject ID\n"
    assert one("30,CD4,5,1,TBNK,P-07", head=head) == Count(30.0, "cd4", 5.0, limit=1.0, assay="TBNK")


def test_one_point_is_a_table_and_assays_stand_side_by_side():
    rows = read("30,CD4,5,/uL,old\n30,CD4,6,/uL,new", head="day,lineage,count,unit,assay\n")
    assert [(c.assay, c.value) for c in rows] == [("new", 6.0), ("old", 5.0)]


def test_parts_that_exceed_their_whole_are_noted_and_kept():
    found = parse_counts(HEAD + "30,CD3,100,/uL\n30,CD4,130,/uL", "counts.csv")
    assert found.notes == ("day 30: cd4 is 130/uL, more than cd3 (100/uL)",)
    assert len(found.rows) == 2
    close = parse_counts(HEAD + "30,CD3,100,/uL\n30,CD4,120,/uL", "counts.csv")
    assert close.notes == ()  # the scatter of two counts


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "counts.csv: expected at least one row below the header, got a header alone"),
        ("30,CD4,5,", "row 2, column unit: expected a unit such as cells/uL"),
        ("30,CD4,5,", "Try: a number without a unit is refused"),
        ("30,CD4,5,g/L", "Try: G/L with a capital G, if 10*9/L is meant"),
        ("30,CD4,5,mg/dL", "column unit: expected a unit such as"),
        ("30,CD4,5,100/uL", "column unit: expected a unit such as"),
        ("30,CD4,5,10/uL", "column unit: expected a unit such as"),
        ("30,CD4,5,% of WBC", "Try: % of lymphocytes, of CD3 or of CD4; of anything else"),
        ("30,TREC,5,copies/ug DNA", "Try: copies for an amount of DNA or of cells"),
        ("30,TREC,5,cells/uL", "expected copies per volume of blood for trec, got 'cells/uL'"),
        ("30,CD4,5,copies/uL", "expected cells per volume of blood for cd4, got 'copies/uL'"),
        ("30,CD44,5,/uL", "row 2, column lineage: expected one of"),
        ("30,CD45RA+ naive,5,/uL", "Try: cd4_naive, if they are CD4+ cells"),
        ("30,24467-3,5,/uL", "Try: a LOINC code is not read"),
        ("30,CD4,,/uL", "column count: expected a number, got an empty cell"),
        ("30,CD4,many,/uL", "column count: expected a number, got 'many'"),
        ("30,CD4,nan,/uL", "column count: expected a number, got 'nan'"),
        ("30,CD4,inf,/uL", "column count: expected a number, got 'inf'"),
        ("30,CD4,1e999,/uL", "column count: expected a number, got '1e999'"),
        ("30,CD4,-5,/uL", "column count: expected 0 or more, got -5"),
        ('30,CD4,"1,234",/uL', "Try: 1234 or 1.234? write it without a comma"),
        ("30,CD4,1e9,/uL", "expected at most 100000 per uL of blood, got 1e+09 per uL"),
        ("30,CD4,1200,10*9/L", "Try: is the unit right?"),
        ("30,CD4,0,/uL", "column count: expected the limit of the assay: no count is exactly 0, got '0'"),
        ("30,CD4,below,/uL", "Try: write <1 where the assay reports down to 1"),
        ("30,CD4,<0,/uL", "expected a limit above 0"),
        ("30,CD4,>5000,/uL", "expected a number, or one below a limit, got '>5000'"),
        ("30,CD4,40,%", "column unit: expected a percentage with its total, got % alone"),
        ("30,CD4,40,% of CD3", "column unit: expected one count of cd3 on day 30, got none"),
        ("30,CD4,40,% of CD8\n30,CD8,4,/uL", "expected a percentage of lymphocytes or cd3, got of cd8"),
        ("30,CD3,80,/uL\n30,CD4,140,% of CD3", "expected 0 to 100 percent, got 140 percent"),
        ("30,CD4,5,/uL\n30,CD3+CD4+,6,/uL", "row 3, column lineage: expected one count of cd4 on day 30"),
        ("-90,CD4,5,/uL", "column day: expected a day from 60 before to 7305 after transplant, got day -90"),
        ("20260301,CD4,5,/uL", "expected a day from 60 before to 7305 after transplant"),
        ("2026-03-01,CD4,5,/uL", "column day: expected a number of days after transplant, got a date"),
        ("soon,CD4,5,/uL", "column day: expected a number of days after transplant, got 'soon'"),
        ("30,jo@example.org,5,/uL", "expected no personal data, got what looks like an e-mail address"),
    ],
)  # fmt: skip
def test_a_fault_is_one_message_with_row_and_column(rows, said):
    with pytest.raises(DataError) as problem:
        read(rows)
    assert said in str(problem.value)


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("day,lineage,count", "30,CD4,5", "column unit: expected a column `unit`, or `count [cells/uL]`"),
        ("day,cd4,cd8", "30,5,6", "Try: one row a count: `cd4` goes into a column lineage"),
        ("day,lineage,cuont,unit", "30,CD4,5,/uL", "Try: did you mean count"),
        ("day,lineage,unit", "30,CD4,/uL", "column count: expected this column"),
        ("lineage,count,unit", "CD4,5,/uL", "expected a column `day` or a column `date`"),
        ("day,day,lineage,count,unit", "1,30,CD4,5,/uL", "expected one column day, got two of them"),
        ("date,lineage,count,unit", "2026-03-01,CD4,5,/uL", "Try: add `transplant: 2026-01-31` to the patient file"),
        ("day,lineage,count,unit,total", "30,CD4,5,%,80", "column total: expected a unit in its title"),
        ("name,day,lineage,count,unit", "x,30,CD4,5,/uL", "column name: expected no personal data, got a name"),
        ("MRN,day,lineage,count,unit", "x,30,CD4,5,/uL", "expected no personal data, got a record number"),
        ("Date of birth,day,lineage,count,unit", "x,30,CD4,5,/uL", "expected no personal data, got a birth date"),
        ("e-mail,day,lineage,count,unit", "x,30,CD4,5,/uL", "expected no personal data, got an e-mail address"),
        ("patient,day,lineage,count,unit", "A,30,CD4,5,/uL\nB,30,CD8,5,/uL", "row 3, column patient: expected counts"),
        ("patient,day,lineage,count,unit", "00123456,30,CD4,5,/uL", "got what looks like a record number"),
        ("assay,day,lineage,count,unit", "call +49 170 1234567,30,CD4,5,/uL", "got what looks like a phone number"),
    ],
)  # fmt: skip
def test_a_header_is_checked_first(head, row, said):
    with pytest.raises(DataError) as problem:
        read(row, head + "\n")
    assert said in str(problem.value)


def test_personal_data_are_not_repeated_in_the_message():
    with pytest.raises(DataError) as problem:
        read("jo.doe@example.org,30,CD4,5,/uL", "patient,day,lineage,count,unit\n")
    assert "jo.doe" not in str(problem.value)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("01.03.2026", "expected a date as 2026-01-31, got another text"),
        ("2026-02-30", "expected a date as 2026-01-31"),
        ("2025-11-01", "got a date 91 days before it"),
        ("2066-01-31", "got a date 14610 days after it"),
    ],
)
def test_a_date_is_checked_and_never_repeated(when, said):
    with pytest.raises(DataError) as problem:
        read(f"{when},CD4,5,/uL", "date,lineage,count,unit\n", DATED)
    assert said in str(problem.value)
    assert when not in str(problem.value)


def test_files_that_are_no_text_are_named(tmp_path):
    file = tmp_path / "counts.csv"
    file.write_bytes((HEAD + "30,CD4,5,/µL\n").encode("latin-1"))
    with pytest.raises(DataError, match="row 2: expected text in UTF-8, got the byte 0xb5"):
        read_counts(file)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="expected a CSV file, got an Excel workbook"):
        read_counts(file)
    with pytest.raises(DataError, match=r"(?s)expected a file that can be read.*did you mean counts\.csv"):
        read_counts(tmp_path / "count.csv")
    file.write_bytes((HEAD + "30,CD4,5,/uL\n").encode("utf-8-sig"))
    assert read_counts(file).of("cd4")[0].row == 2
