"""Counts of twenty real patients, from day -8 on, read as a laboratory would hand them in."""

import csv

import pytest

from thymos.io.patient_counts import parse_counts
from thymos.lang.errors import DataError

HEAD = "patient,day,lineage,count,unit\n"


@pytest.fixture(scope="module")
def rows(shared):
    with (shared / "data" / "npmlda_hsct" / "HSCT.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["LYM"] != "NA"]


@pytest.fixture(scope="module")
def patients(rows):
    lines = {row["ID"]: "" for row in rows}
    for row in rows:
        lines[row["ID"]] += f"P{row['ID']},{row['Days']},LYM,{row['LYM']},K/uL\n"
    return [parse_counts(HEAD + text, f"patient {name}") for name, text in lines.items()]


def test_every_count_is_read_from_before_transplant_on(patients, rows):
    assert len(patients) == 20
    found = [(count.day, count.value) for one in patients for count in one.rows]
    given = [(float(row["Days"]), 1000 * float(row["LYM"])) for row in rows]  # thousands per uL
    assert sorted(found) == [(day, pytest.approx(cells)) for day, cells in sorted(given)]
    assert min(found)[0] == -8


def test_twenty_patients_in_one_file_are_refused(rows):
    text = HEAD + "".join(f"P{row['ID']},{row['Days']},LYM,{row['LYM']},K/uL\n" for row in rows)
    with pytest.raises(
        DataError, match=r"column patient: expected counts of one patient, got 20 different ones"
    ):
        parse_counts(text, "all")
