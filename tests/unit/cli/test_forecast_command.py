"""`thymos forecast` as a clinic types it: what it prints, draws and refuses."""

import json

import pytest

from thymos.io.patient_counts import parse_counts
from thymos.io.patient_file import parse_patient
from thymos.trial.domain import check
from typed import run

PATIENT = "age: 0.5 year\nweight: 7 kg\ndiagnosis: il2rg-jak3\n"
COUNTS = "day,lineage,count,unit\n14,cd4,<1,cells/uL\n60,cd4,30,cells/uL\n"
FEW = ("--simulated", "4000", "--workers", "1")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "patient.yaml").write_text(PATIENT)
    (tmp_path / "counts.csv").write_text(COUNTS)
    return tmp_path / "counts.csv", "--patient", tmp_path / "patient.yaml"


def test_it_prints_milestones_counts_and_drivers_and_draws_them(capsys, files, tmp_path):
    picture = tmp_path / "forecast.svg"
    code, out, _ = run(capsys, "forecast", *files, *FEW, "--dose", "1e6", "--day", "90", "--out", picture)
    assert code == 0
    for text in ("CD4 above 50/µL at two visits in a row by day 100", "What if", "What the counts taught"):
        assert text in out
    assert "Research use only" in out
    assert picture.read_text().count("<svg") == 1


def test_it_writes_json_with_units(capsys, files):
    code, out, _ = run(capsys, "forecast", *files, *FEW, "--until", "200", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["patient"]["age"] == {"value": 0.5, "unit": "year"}
    assert found["bands"]["trec"]["unit"] == "copy/uL"
    assert found["today"] == 60
    assert found["until"] == 200
    assert "cd4_reference_year" not in found["milestones"]  # beyond the end of the forecast
    band = found["bands"]["cd4"]["reported"]
    assert all(
        low <= middle <= high
        for low, middle, high in zip(band["q025"], band["q50"], band["q975"], strict=True)
    )
    assert 0 <= found["milestones"]["cd4_50_twice_day100"]["p"] <= 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--dose", "1e6"), "option --dose: expected a dose and its day, got a dose alone"),
        (("--dose", "1e6", "--day", "20"), "a day from 60 on, the day of the last count, got 20"),
        (("--steroid-stop", "70"), "expected steroids that are given on day 70, got none"),
        (("--until", "50"), "a day after the last count (60) and up to 733, got 50"),
        (("--until", "3000"), "a day after the last count (60) and up to 733, got 3000"),
        (("--out", "forecast.docx"), "a picture: expected a name that ends in png, svg, pdf"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_simulated(capsys, files, words, message):
    code, out, err = run(capsys, "forecast", *files, *words)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("-7,cd4,500,cells/uL", "at least one count on day 0 or later, got none"),
        ("800,cd4,500,cells/uL", "a last count before day 733, got day 800"),
    ],
)
def test_days_outside_are_refused(capsys, files, rows, message):
    files[0].write_text(f"day,lineage,count,unit\n{rows}\n")
    code, _, err = run(capsys, "forecast", *files)
    assert code == 2
    assert message in err


def test_an_age_that_the_platform_never_treats_is_outside(files):
    who = parse_patient(PATIENT.replace("0.5 year", "30 year").replace("7 kg", "70 kg"), "patient.yaml")
    notes = check(who, parse_counts(COUNTS, "counts.csv", who), until=365)
    assert any("this one is 30" in reason for reason in notes.outside)


@pytest.mark.slow
def test_a_course_that_the_model_cannot_produce_is_marked_or_refused(capsys, files):
    files[0].write_text("day,lineage,count,unit\n20,cd4,9000,cells/uL\n20,nk,100,cells/uL\n")
    code, out, err = run(capsys, "forecast", *files, *FEW, "--json")
    if code == 2:
        assert "expected a course that simulated patients like this one come near" in err
    else:
        assert any("hardly produces" in reason for reason in json.loads(out)["domain"]["outside"])
