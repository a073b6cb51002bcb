"""Specifications as users write them: what is read, and one clear message for what is not."""

import pytest

from thymos.biology.product.specification import DEFAULTS, Limit, read_specification
from thymos.lang.errors import DataError, StudyError

KNOWN = {"viability": "percent", "fold": "", "cd3_per_kg": "cell/kg"}
HEAD = "attribute,side,limit,unit,source\n"


def read(tmp_path, text, name="spec.csv"):
    file = tmp_path / name
    file.write_text(text)
    return read_specification(file, KNOWN).limits


def test_csv_and_yaml_say_the_same(tmp_path):
    table = HEAD + "# a remark\nviability, at least ,0.7,1,QC-017\n\nfold,at most,40,1,assumed\n"
    listed = (
        "- {attribute: viability, side: at least, limit: 70, unit: percent, source: QC-017}\n"
        "- attribute: fold\n  side: at most\n  limit: 4e1\n  unit: 1\n  source: assumed\n"
    )
    wanted = (
        Limit("viability", "at least", 70.0, "percent", "QC-017"),
        Limit("fold", "at most", 40.0, "", "assumed"),
    )
    assert read(tmp_path, table) == wanted
    assert read(tmp_path, "\ufeff" + table) == wanted
    assert read(tmp_path, listed, "spec.yaml") == wanted


@pytest.mark.parametrize("kind", DEFAULTS)
def test_shipped_limits_are_all_marked_as_assumed(kind):
    known = {
        "viability": "percent",
        "cd7_percent": "percent",
        "nk_percent": "percent",
        "cd3_per_kg": "cell/kg",
    }
    assert {limit.source for limit in read_specification(DEFAULTS[kind], known).limits} == {"assumed"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            r"spec.csv: expected a header and at least one row, got an empty sheet.\n  Try: begin with attribute,side",
        ),
        ("# only a remark\n", r"expected a header and at least one row, got an empty sheet"),
        (HEAD, r"expected at least one row below the header, got a header alone"),
        (
            HEAD + 1001 * "fold,at least,2,1,a\n",
            r"expected 1 to 1000 rows with the columns attribute.* got 1001",
        ),
        ("attribute,side,limit,unit\n", r"row 1: expected each of .* once, got no source"),
        ("attribute,side,limit,unit,source,colour\n", r"row 1: .* got also colour"),
        ("attribute,side,limit,unit,source,side\n", r"row 1: .* got side twice"),
        (HEAD + "viability,at least,70,percent\n", r"row 2: expected 5 cells as in the header, got 4"),
        (
            HEAD + "viablity,at least,70,percent,a\n",
            r"row 2, column attribute.*\n  Try: did you mean viability",
        ),
        (
            HEAD + "viability,over,70,percent,a\n",
            r"row 2, column side: expected at least or at most, got 'over'",
        ),
        (
            HEAD + "viability,at least,much,percent,a\n",
            r"row 2, column limit: expected a finite number, got 'much'",
        ),
        (HEAD + "viability,at least,nan,percent,a\n", r"row 2, column limit: expected a finite number"),
        (
            HEAD + "viability,at least,70,,a\n",
            r"row 2, column unit: expected a unit that converts to percent, got no unit",
        ),
        (HEAD + "viability,at least,70,kg,a\n", r"row 2, column unit: .* got 'kg'"),
        (HEAD + "viability,at least,70,per cent^,a\n", r"row 2, column unit"),
        (
            HEAD + "viability,at least,70,percent,\n",
            r"row 2, column source: expected where the limit is from",
        ),
        (HEAD + 2 * "fold,at least,2,1,a\n", r"expected one limit at least for fold, got two"),
        (HEAD + "fold,at least,9,1,a\nfold,at most,2,1,a\n", r"expected room between the limits of fold"),
        (HEAD + 'fold,"at least,2,1,a\n', r"row 2: expected cells with their quotes in pairs"),
    ],
)
def test_a_mistake_costs_one_message_with_its_place(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"spec.yaml: expected 1 to 1000 rows with the columns attribute, side.*got none"),
        ("# only a remark\n", r"expected 1 to 1000 rows"),
        ("viability: 70\n", r"line 1: expected a list, each item beginning with a dash, got a mapping"),
        ("- viability\n", r"line 1: expected an item with attribute.* got a scalar"),
        (
            "- {attribute: fold, side: at least, limit: [1], unit: 1, source: a}\n",
            r"line 1, column limit: expected one value",
        ),
        ("- {attribute: fold}\n", r"line 1: .* got no side, limit, unit, source"),
    ],
)
def test_a_mistake_in_yaml_too(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text, "spec.yaml")


def test_another_kind_of_file_and_none_at_all(tmp_path):
    (tmp_path / "spec.xlsx").write_text("x")
    with pytest.raises(DataError, match=r"a name that ends in \.csv, \.yaml or \.yml, got \.xlsx"):
        read_specification(tmp_path / "spec.xlsx", KNOWN)
    with pytest.raises(StudyError, match=r"expected a specification file, got no such file"):
        read_specification(tmp_path / "none.yaml", KNOWN)
    with pytest.raises(
        DataError, match=r"expected a file that can be read, got No such file.*\n.*did you mean spec.xlsx"
    ):
        read_specification(tmp_path / "spec.csv", KNOWN)
