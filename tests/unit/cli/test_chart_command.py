"""`thymos chart` as a user types it: the example files, JSON, a picture, and each fault as one message."""

import json
from pathlib import Path

import pytest

from typed import run

PAGES = Path(__file__).parents[3] / "docs" / "how-to"
FEW = ("--patients", "20", "--workers", "1")


def test_the_example_child_is_charted(capsys, tmp_path):
    given = (PAGES / "child.csv", "--patient", PAGES / "child.yaml")
    code, out, err = run(capsys, "chart", *given, *FEW, "--out", tmp_path / "chart.png")
    assert (code, "Reconstitution chart of example-child" in out) == (0, True)
    assert "CD4 above 50/µL twice by day 100" in out
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert "Drawn in" in err


def test_json_of_the_example_adult_is_one_object_without_a_date(capsys):
    given = (PAGES / "adult.csv", "--patient", PAGES / "adult.yaml")
    code, out, _ = run(capsys, "chart", *given, *FEW, "--json")
    found = json.loads(out)
    assert (code, found["format"], found["simulated"]) == (0, 1, 20)
    assert found["counts"][1]["day"] == 14.0
    assert "2026-" not in out


PATIENT = 'age: "14 year"\ndiagnosis: aml\n'
COUNTS = "day,lineage,count,unit\n30,CD4,12,cells/uL\n"


@pytest.mark.parametrize(
    ("counts", "patient", "said"),
    [
        ("", PATIENT, "counts.csv: expected a header and at least one row, got an empty sheet"),
        (COUNTS.replace("CD4", "CD44"), PATIENT, "row 2, column lineage"),
        (COUNTS.replace("12", "1e9"), PATIENT, "at most 100000 per uL of blood"),
        (COUNTS, PATIENT.replace("aml", "measles"), "expected one of scid"),
        (COUNTS, PATIENT + "platform: scid-hapl\n", "expected one of adult-cord-blood"),
        (COUNTS, PATIENT + "name: x\n", "expected no personal data"),
    ],
)
def test_a_fault_is_one_message(capsys, tmp_path, counts, patient, said):
    (tmp_path / "counts.csv").write_text(counts)
    (tmp_path / "patient.yaml").write_text(patient)
    code, out, err = run(
        capsys,
        "chart",
        tmp_path / "counts.csv",
        "--patient",
        tmp_path / "patient.yaml",
        "--out",
        tmp_path / "c.png",
    )
    assert (code, out) == (2, "")
    assert said in err
    assert not (tmp_path / "c.png").exists()


def test_a_wrong_ending_is_told_before_anything_is_read(capsys, tmp_path):
    code, out, err = run(capsys, "chart", "no.csv", "--patient", "no.yaml", "--out", tmp_path / "chart.docx")
    assert (code, out) == (2, "")
    assert "option --out: expected a name that ends in png, svg, pdf, html" in err


def test_one_point_makes_a_chart(capsys, tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS)
    (tmp_path / "patient.yaml").write_text(PATIENT)
    code, out, _ = run(capsys, "chart", tmp_path / "counts.csv", "--patient", tmp_path / "patient.yaml", *FEW)
    assert code == 0
    assert "12/µL" in out


def test_the_schema_of_a_patient_is_printed(capsys):
    code, out, _ = run(capsys, "schema", "patient")
    assert (code, json.loads(out)["title"]) == (0, "PatientFile")
