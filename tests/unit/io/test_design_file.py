"""Every mistake in a design file is one message: file, line, field, wanted, got, try."""

import pytest

from thymos.io.design_file import override, parse_design, read_design, shipped_design, shipped_text
from thymos.io.design_schema import Design
from thymos.lang.errors import StudyError

GOOD = """
format: 1
name: a-design
title: A design
source: cord-blood
aim:
  kind: yield
  purity: {at_least: 60 percent}
factors:
  dl4: {low: 0.5 ug/mL, high: 20000 ng/mL, scale: log}
  tnf: {levels: "0, 10, 100 ng/mL"}
  days: {levels: "6, 8, 10 day"}
constraints:
  - {sum: [scf, tnf], at_most: 150 ng/mL}
batch: {runs: 4, donors: [A, B]}
budget: 20.0
"""


def test_quantities_are_converted_and_the_rest_has_its_default():
    design = parse_design(GOOD, "x.yaml")
    assert design.factors.dl4.high == pytest.approx(20.0)
    assert design.factors.tnf.levels == (0.0, 10.0, 100.0)
    assert design.aim.readout == "cd7_per_cd34"
    assert list(design.factors.spans) == ["dl4", "tnf", "days"]


def test_a_design_reads_back_from_its_own_json():
    design = parse_design(GOOD, "x.yaml")
    assert Design.model_validate(design.model_dump(mode="json")) == design


def test_the_shipped_design_is_one():
    assert shipped_design().name == "dl4-yield"
    assert shipped_text().startswith("#")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.5 ug/mL", "0.5", r"line 10 \[factors.dl4.low\]: expected a quantity .*, got 0.5 without a unit"),
        ("0.5 ug/mL", "0.5 day", r"line 10 \[factors.dl4.low\]: expected a unit that converts to ug/mL, got 'day'"),
        ("0.5 ug/mL", "30 ug/mL", r"line 10 \[factors.dl4.low\]: expected low < high, got 30 >= 20"),
        ("0.5 ug/mL", "0 ug/mL", r"line 10 \[factors.dl4.low\]: expected a `low` above 0 on a log scale, got 0"),
        ("scale: log", "scale: cubic", r"line 10 \[factors.dl4.scale\]: expected 'linear' or 'log', got 'cubic'"),
        ("low: 0.5 ug/mL, ", "", r"line 10 \[factors.dl4\]: expected `levels`, or `low` and `high`, got high"),
        ("0, 10, 100 ng/mL", "10, 0, 100 ng/mL", r"line 11 .* expected levels that rise, got 10, 0, 100"),
        ("0, 10, 100 ng/mL", "10 ng/mL", r"line 11 \[factors.tnf.levels\]"),
        ("tnf: {levels", "tgf: {levels", r"line 11 \[factors.tgf\]: .* unknown key 'tgf'.\n  Try: did you mean tnf"),
        ("6, 8, 10 day", "0, 8, 10 day", r"line 12 \[factors.days\]: expected days above 0, got 0"),
        ("6, 8, 10 day", "6, 8, 90 day", r"line 12 \[factors.days\]: expected a harvest until day 60"),
        ("60 percent", "160 percent", r"line 8 \[aim.purity.at_least\]: expected 0 to 100 percent, got 160 percent"),
        ("60 percent}", "60 percent, probability: 1.0}", r"line 8 \[aim.purity.probability\]: expected less than 1"),
        ("kind: yield", "kind: speed", r"line 6 \[aim.*\]: expected a kind among 'yield', 'information', got 'speed'"),
        (", at_most: 150 ng/mL", "", r"line 14 \[constraints.0\]: expected `at_most` or `at_least`, got neither"),
        ("[scf, tnf]", "[scf, egf]", r"line 14 \[constraints.0.sum.1\]"),
        ("runs: 4", "runs: 0", r"line 15 \[batch.runs\]: expected greater than or equal to 1, got 0"),
        ("budget: 20.0", "budget: -1.0", r"line 16 \[budget\]: expected greater than 0, got -1.0"),
        ("budget: 20.0", "", r"\[budget\]: expected the field `budget`, got nothing"),
        ("budget: 20.0", "budget: 20.0\nprotocol: {tnf: 5 ng/mL}", r"line 17 \[protocol\]: expected tnf .*, got both"),
        ("source: cord-blood", "source: marrow", r"line 5 \[source\]: .* or 'cord-blood', got 'marrow'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message(old, new, message):
    assert old in GOOD
    with pytest.raises(StudyError, match=message):
        parse_design(GOOD.replace(old, new), "x.yaml")


def test_without_factors_there_is_nothing_to_design():
    start, end = GOOD.index("factors:"), GOOD.index("constraints:")
    with pytest.raises(StudyError, match=r"\[factors\]: expected at least one factor, got none"):
        parse_design(GOOD[:start] + "factors: {}\n" + GOOD[end:], "x.yaml")


def test_an_empty_file_and_a_missing_one(tmp_path):
    with pytest.raises(StudyError, match="expected a design, got an empty file"):
        parse_design("", "x.yaml")
    with pytest.raises(StudyError, match="expected a design file, got no such file"):
        read_design(tmp_path / "none.yaml")


def test_the_command_line_replaces_what_it_names():
    design = override(parse_design(GOOD, "x.yaml"), runs=6, budget=9.0, purity=75.0, probability=0.95)
    assert (design.batch.runs, design.budget) == (6, 9.0)
    assert (design.aim.purity.at_least, design.aim.purity.probability) == (75.0, 0.95)
    asked = override(design, aim="information", parameters=("notch.steepness",))
    assert asked.aim.parameters == ("notch.steepness",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"purity": 120.0}, "option --purity: expected 0 to 100 percent, got 120.0 percent"),
        ({"probability": 1.5}, "option --probability: expected less than 1, got 1.5"),
        ({"runs": 0}, "option --batch: expected greater than or equal to 1, got 0"),
        ({"budget": 0.0}, "option --budget: expected greater than 0, got 0.0"),
        ({"aim": "information"}, "option --parameter: expected the field `parameters`, got nothing"),
        ({"parameters": ("notch.steepness",)}, "--parameter: expected an aim of information, got an aim of yield"),
        ({"aim": "information", "purity": 50.0}, "--purity: expected an aim of yield, got an aim of information"),
    ],
)  # fmt: skip
def test_an_option_out_of_bounds_is_named(given, message):
    with pytest.raises(StudyError, match=message):
        override(parse_design(GOOD, "x.yaml"), **given)
