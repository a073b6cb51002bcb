"""A table with units, as CSV and as Parquet."""

import math

import pyarrow.parquet as pq
import pytest

from thymos.io.columns import Column
from thymos.io.csv_text import read_csv
from thymos.io.long_table import table_kind, write_table
from thymos.lang.errors import StoreError, StudyError

COLUMNS = (
    Column("name", "text", "", "what"),
    Column("dose", "float", "cell/kg", "how much"),
    Column("n", "int", "", "how many"),
    Column("met", "flag", "", "whether"),
)
DATA = {"name": ["a, b", "c"], "dose": [0.1 + 0.2, math.nan], "n": [1, 2], "met": [True, False]}


def test_a_csv_has_units_in_its_header_and_every_digit(tmp_path):
    write_table(tmp_path / "t.csv", COLUMNS, DATA)
    text = read_csv(tmp_path / "t.csv")
    assert text.header == ("name", "dose [cell/kg]", "n", "met")
    (_, first), (_, second) = text.rows()
    assert first == ("a, b", "0.30000000000000004", "1", "true")
    assert second == ("c", "nan", "2", "false")


def test_parquet_has_units_in_its_schema(tmp_path):
    write_table(tmp_path / "t.parquet", COLUMNS, DATA)
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.schema.field("dose").metadata == {b"unit": b"cell/kg", b"text": b"how much"}
    assert table.column("n").to_pylist() == [1, 2]


def test_other_endings_and_folders_that_are_not_there_are_told_beforehand(tmp_path):
    with pytest.raises(StudyError, match=r"a name that ends in .csv, .parquet"):
        table_kind(tmp_path / "t.xlsx")
    with pytest.raises(StoreError, match="a folder that exists"):
        table_kind(tmp_path / "nowhere" / "t.csv")
