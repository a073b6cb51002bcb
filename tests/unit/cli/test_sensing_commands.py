"""`thymos sensitivity` and `thymos value`, as typed."""

import json

import pytest

from thymos.cli.sensing import Budget, sensitivity
from thymos.cli.valuing import value
from thymos.report import sensitivity as sensitivity_report
from thymos.report import value as value_report
from thymos.trial.headlines import HEADLINES
from thymos.trial.run import load_study
from typed import run


@pytest.mark.parametrize("command", ["sensitivity", "value"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "question: expected a study, or --age and --diagnosis of one patient, got neither"),
        (("--age", "3"), "expected a study, or --age and --diagnosis of one patient, got neither"),
        (("scid-haplo", "--age", "3"), "one patient, got both"),
        (("no-such",), "no-such: expected a study file, or one of adult-cord-blood"),
        (("--age", "3", "--diagnosis", "flu"), "option --diagnosis: expected one of scid"),
        (("scid-haplo", "--plot", "bars.doc"), "a picture: expected a name that ends in png, svg, pdf"),
    ],
)
def test_a_question_that_cannot_be_answered(capsys, command, words, message):
    code, out, err = run(capsys, command, *words)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())


def test_a_study_without_product_has_no_effect_to_learn_of(capsys, tmp_path):
    code, text, _ = run(capsys, "trial", "scid-haplo", "--show")
    assert code == 0
    path = tmp_path / "alone.yaml"
    first, _, rest = text.partition("- name: protcell")
    path.write_text(first + rest[rest.index("\nvisits:") :])
    code, _, err = run(capsys, "value", path)
    assert code == 2
    assert "expected a last arm that gets the product, got none" in " ".join(err.split())


def test_what_is_to_be_known_has_a_name(capsys):
    code, _, err = run(capsys, "value", "scid-haplo", "--about", "happiness")
    assert code == 2
    assert "option --about: expected one of gain_cd4_day100" in " ".join(err.split())


@pytest.fixture(scope="module")
def few():
    """Too few patients for an answer, enough for its form."""
    study, budget = load_study("scid-haplo"), Budget(9000, 1, 2)
    said = []
    return sensitivity(study, budget, said.append), value(study, budget, said.append), said


def test_every_output_has_its_indices_and_its_shares(few):
    found, _, said = few
    assert len(said) == 8
    assert [row["name"] for row in found["sobol"]][-2:] == ["patient", "others"]
    for row in found["sobol"]:
        for headline in HEADLINES:
            share = row[headline.name]["total"]
            assert share["low"] <= share["high"]
    for headline in HEADLINES:
        effects = sum(row[headline.name]["value"] for row in found["shapley"]["players"])
        assert effects == pytest.approx(found["shapley"]["explained"][headline.name])
    json.dumps(found, allow_nan=False)


def test_every_measurement_has_its_worth_for_each_number_of_patients(few):
    _, found, _ = few
    assert {m["patients"] for m in found["measurements"]} == {3, 6, 12, 24}
    assert {q["name"] for q in found["quantities"]} == set(value_report.QUANTITIES)
    for m in found["measurements"]:
        for worth in m["worth"].values():
            assert 0 <= worth["low"] <= worth["cut"] <= worth["high"] <= 1
            assert worth["width"] <= worth["width_before"]
    (homing,) = [row for row in found["exact"] if row["name"] == "homing.homing_fraction"]
    assert homing["worth"]["homing.homing_fraction"]["cut"] > 0.9
    json.dumps(found, allow_nan=False)


def test_tables_and_pictures_show_what_was_found(few, capsys, tmp_path):
    from rich.console import Console

    found, worth, _ = few
    console = Console(width=120, highlight=False, markup=False)
    sensitivity_report.show(found, console)
    value_report.show(worth, "gain_cd4_day100", console)
    text = capsys.readouterr().out
    assert "how patients differ" in text
    assert "With 6 patients the most telling is " in text
    for name, draw in {
        "bars.svg": lambda path: sensitivity_report.draw(found, path),
        "curves.svg": lambda path: value_report.draw(worth, "gain_cd4_day100", path),
    }.items():
        draw(tmp_path / name)
        assert "SIMULATED" in (tmp_path / name).read_text()
