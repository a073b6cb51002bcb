"""`thymos design culture` as a laboratory would use it: propose, fill in the sheet, propose again."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from thymos.cli import app
from thymos.lang.errors import DataError, StudyError

DESIGN = """
format: 1
name: small
title: A small design
source: cord-blood
aim: {kind: yield, purity: {at_least: 70 percent, probability: 0.7}}
factors:
  dl4: {levels: "1, 5, 15 ug/mL"}
  tnf: {levels: "0, 10, 100 ng/mL"}
  days: {levels: "6, 9 day"}
protocol: {scf: 50 ng/mL}
constraints: [{sum: [scf, tnf], at_most: 100 ng/mL}]
batch: {runs: 3, donors: [A, B]}
cost: {run: 10.0, day: 1.0, volume: 2 mL, coating_volume: 1 mL, per_ug: {dl4: 0.5, tnf: 20.0}}
budget: 150.0
stop: {gain: 0.0, loss: 0.0}
doubt: {members: 60, conditions: 8}
"""


def asked(*words):
    done = CliRunner().invoke(app, ["design", "culture", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def proposed(*words):
    return json.loads(asked(*words, "--json"))


def fill(sheet, yields=12.0, purity=80.0):
    rows = list(csv.DictReader(sheet.read_text().splitlines()))
    for row in rows:
        row["value"] = yields if row["readout"] == "cd7_per_cd34" else purity
    with sheet.open("w", newline="") as file:
        out = csv.DictWriter(file, rows[0])
        out.writeheader()
        out.writerows(rows)


@pytest.fixture
def design(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(DESIGN)
    return path


@dataclass(frozen=True)
class Round:
    """A first proposal, its sheet filled in, and the proposal that follows, by one worker."""

    design: Path
    first: dict
    sheet: Path
    second: str
    next_sheet: Path


@pytest.fixture(scope="module")
def round_(tmp_path_factory):
    folder = tmp_path_factory.mktemp("round")
    design, sheet, next_sheet = (folder / name for name in ("small.yaml", "first.csv", "second.csv"))
    design.write_text(DESIGN)
    first = proposed("--design", design, "--out", sheet)
    fill(sheet)
    words = (sheet, "--design", design, "--out", next_sheet, "--workers", 1, "--json")
    return Round(design, first, sheet, asked(*words), next_sheet)


def test_a_batch_keeps_its_limits_and_costs_what_its_parts_cost(round_):
    found = round_.first
    assert not found["stop"]
    assert 1 <= len(found["runs"]) <= 3
    for run in found["runs"]:
        recipe, day = run["recipe"], run["settings"]["days"]
        assert recipe["scf"] == 50.0
        assert recipe["tnf"] <= 50.0
        assert run["donor"] in "AB"
        reagents = 1.0 * recipe["dl4"] * 0.5 + 2.0 * recipe["tnf"] / 1000 * 20.0
        assert run["cost"] == pytest.approx(10.0 + day + reagents)
        assert run["reagents_ug"]["scf"] == pytest.approx(2.0 * 50.0 / 1000)
        assert 0 <= run["predicted"]["cd7_percent"]["low"] <= run["predicted"]["cd7_percent"]["high"] <= 100
        assert run["reason"].endswith(".")
    assert found["cost"] == pytest.approx(sum(run["cost"] for run in found["runs"]))


def test_a_sheet_goes_round(round_):
    again = json.loads(round_.second)
    assert again["seen"] == {"runs": len(round_.first["runs"]), "donors": 2, "unused_readings": 0}
    assert again["budget"]["spent"] == pytest.approx(round_.first["cost"])
    assert "batch 2" in round_.next_sheet.read_text()


def test_the_budget_runs_out(round_):
    spent = proposed(round_.sheet, "--design", round_.design, "--budget", round_.first["cost"])
    assert (spent["stop"], spent["verdict"], spent["runs"]) == (True, "spent", [])


def test_workers_and_repetition_change_nothing(round_):
    assert asked(round_.sheet, "--design", round_.design, "--workers", 2, "--json") == round_.second


def test_the_order_of_rows_in_a_table_changes_nothing_but_the_last_digits(round_, tmp_path):
    turned = tmp_path / "turned.csv"
    head, *rows = round_.sheet.read_text().splitlines()
    turned.write_text("\n".join([head, *reversed(rows)]) + "\n")
    first, second = json.loads(round_.second), proposed(turned, "--design", round_.design)
    assert first["recommended"]["settings"] == second["recommended"]["settings"]
    assert first["recommended"]["worth"] == pytest.approx(second["recommended"]["worth"], rel=1e-6)


def test_for_information_the_doubt_narrows(design):
    found = proposed("--design", design, "--aim", "information", "--parameter", "notch.steepness")
    known = found["parameters"]["notch.steepness"]
    assert known["after"] < known["before"] == pytest.approx(1.0)
    assert found["gain"] == pytest.approx(sum(run["gain_alone"] for run in found["runs"]))
    assert all("steepness" in run["reason"] for run in found["runs"])


def test_what_is_printed_says_what_to_do(design):
    text = asked("--design", design)
    for part in ("If you stop now", "Next batch", "Go on", "hangs most on"):
        assert part in text


def test_the_shipped_design_is_printed_and_is_a_start():
    assert "factors:" in asked("--show")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: yield,", "kind: yield, readout: cd7_yield,", "expected one of .*cd7_per_cd34.*, got cd7_yield"),
        ("{at_least", "{readout: fold, at_least", "aim.purity.readout: expected a percentage, .* got fold"),
        ("at_most: 100 ng/mL", "at_most: 10 ng/mL", "some settings that keep every constraint, got none"),
        ("doubt: {", "doubt: {switches: [dl4], ", "doubt.switches: expected one of .*dl4_model.*, got dl4"),
    ],
)  # fmt: skip
def test_a_name_that_the_culture_does_not_know_is_told(design, old, new, message):
    design.write_text(DESIGN.replace(old, new))
    with pytest.raises(StudyError, match=message):
        asked("--design", design)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",12.0,1,", ",0,1,", "row 2, column value: expected a value above 0"),
        (",cord-blood,", ",mobilised-blood,", "column graft: expected cord-blood, got mobilised-blood"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_by_row(round_, tmp_path, old, new, message):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(round_.sheet.read_text().replace(old, new))
    with pytest.raises(DataError, match=message):
        asked(sheet, "--design", round_.design)


def test_draws_stand_in_place_of_the_rows(design, tmp_path):
    draws = tmp_path / "draws.csv"
    draws.write_text("notch.steepness,progenitors.growth\n" + "2.0,0.5\n2.1,0.52\n" * 20)
    found = proposed("--design", design, "--draws", draws)
    assert all(run["turns_on"]["name"] != "notch.steepness" for run in found["runs"])
    columns = {"notch.steepness": [2.0, 2.1] * 9, "progenitors.growth@A": [1.0, 1.1] * 9}
    pq.write_table(pa.table(columns), draws.with_suffix(".parquet"))
    assert proposed("--design", design, "--draws", draws.with_suffix(".parquet"))["members"]["drawn"] == 60
    draws.write_text("notch.stepness\n1.0\n")
    with pytest.raises(DataError, match=r"column notch.stepness: expected the full name of a parameter"):
        asked("--design", design, "--draws", draws)
