"""Draws that a user hands in as CSV: what is read, and one message with its place for what is not."""

import pytest

from thymos.io.draws_table import read_draws_table
from thymos.lang.errors import DataError

KNOWN = ("notch.steepness", "cytokines.scf_lack")


def read(tmp_path, text):
    file = tmp_path / "draws.csv"
    file.write_text(text)
    return {name: list(x) for name, x in read_draws_table(file, KNOWN).items()}


@pytest.mark.parametrize("separator", ",;\t")
def test_columns_are_read_by_name(tmp_path, separator):
    text = "# fitted\ncytokines.scf_lack,notch.steepness\n0.1,2\n\n3e-1,4\n".replace(",", separator)
    assert read(tmp_path, text) == {"cytokines.scf_lack": [0.1, 0.3], "notch.steepness": [2.0, 4.0]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"draws.csv: expected a header and at least one row, got an empty sheet"),
        ("notch.steepness\n", r"draws.csv: expected at least one row below the header, got a header alone"),
        ("notch.steep\n1\n", r"row 1, column notch.steep: expected the full name of a parameter"),
        ("# a\nnotch.steepness\n1\nhigh\n", r"row 4, column notch.steepness: expected a number, got 'high'"),
        ("notch.steepness\n1,2\n", r"row 2: expected 1 cells as in the header, got 2"),
        ("notch.steepness\ninf\n", r"column notch.steepness: expected finite numbers"),
    ],
)
def test_a_fault_is_one_message(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)
