"""The driver of the validations: its tables, what it finds in a folder, and what it does without data."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DRIVER = runpy.run_path(str(ROOT / "validation" / "run.py"))
FOLDERS = DRIVER["folders"]()
JUDGED = [folder for folder in FOLDERS if (folder / "result.json").exists()]
VERDICT = {"asked": "fold error", "found": 1.7, "met": True, "limit": "at most 2"}


def validation(*verdicts):
    return DRIVER["Validation"]("a-folder", "Does it hold?", "Ten patients.", list(verdicts))


def test_a_missed_line_is_not_hidden_in_the_verdict():
    assert validation(VERDICT).verdict == "met (1 of 1)"
    assert validation(VERDICT, VERDICT | {"met": False}).verdict == "**missed** (1 of 2 met)"


def test_a_criterion_without_a_result_is_neither_met_nor_missed():
    assert validation().verdict == "not run yet"


def test_the_summary_has_question_data_criterion_and_verdict():
    table = DRIVER["summary"]([validation(VERDICT)], "validation/")
    assert table.splitlines()[0] == "| question | data | criterion | verdict |"
    row = "| Does it hold? | Ten patients. | [a-folder](validation/a-folder/README.md), 1 limits | met (1 of 1) |"
    assert table.splitlines()[2] == row


def test_what_was_not_found_is_none_and_missed():
    table = DRIVER["verdict_table"](validation(VERDICT | {"found": None, "met": False}))
    assert "| fold error | none | at most 2 | missed |" in table


def test_a_page_takes_a_table_between_its_markers_and_keeps_the_rest():
    page = "before\n<!-- x -->\nold\n<!-- /x -->\nafter\n"
    new = DRIVER["filled"](page, "x", "new")
    assert new == "before\n<!-- x -->\nnew\n<!-- /x -->\nafter\n"
    assert DRIVER["filled"](new, "x", "new") == new
    assert DRIVER["filled"]("no markers", "x", "new") is None


def test_the_first_sentence_is_taken():
    page = "# T\n\n**Question.** Does\nit hold? Really?\n\n**Data.** Of 3.5 patients (n = 4). More.\n"
    assert DRIVER["said"](page, "Question") == "Does it hold?"
    assert DRIVER["said"](page, "Data") == "Of 3.5 patients (n = 4)."
    with pytest.raises(SystemExit, match=r"\*\*Criterion\.\*\* is missing"):
        DRIVER["said"](page, "Criterion")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_folder_has_its_parts(folder):
    for name in ("README.md", "criterion.md", "validate.py"):
        assert (folder / name).exists(), name
    assert (folder / "picture.png").exists() == (folder in JUDGED)
    assert bool(DRIVER["read"](folder).verdicts) == (folder in JUDGED)


@pytest.mark.parametrize("folder", JUDGED, ids=lambda folder: folder.name)
def test_every_page_says_what_its_result_says(folder):
    """The table in the page is the one that the stored result makes."""
    if folder.name in DRIVER["SLOW"]:
        pytest.skip("its page was written by hand")
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert DRIVER["verdict_table"](DRIVER["read"](folder)) in page


@pytest.mark.parametrize("page", DRIVER["PAGES"], ids=lambda page: page.name)
def test_every_summary_is_up_to_date(page):
    table = DRIVER["summary"]([DRIVER["read"](folder) for folder in FOLDERS], DRIVER["PAGES"][page])
    assert table in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["early-course", "forecast-real"])
def test_without_the_data_a_validation_skips_and_keeps_its_result(name, tmp_path):
    result = ROOT / "validation" / name / "result.json"
    before = result.read_bytes()
    done = subprocess.run(
        [sys.executable, ROOT / "validation" / name / "validate.py"],
        env={"THYMOS_SHARED": str(tmp_path), "PATH": "/usr/bin", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 77, done.stderr
    assert "HSCT.csv is not there (GPL data, read from `shared` only)" in done.stdout
    assert result.read_bytes() == before


def test_an_unknown_folder_is_named():
    done = subprocess.run(
        [sys.executable, ROOT / "validation" / "run.py", "no-such"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "unknown: no-such; one of" in done.stderr
    assert "held-out-cohorts" in done.stderr


def test_no_patient_of_others_is_carried():
    """Real measurements stay where they are: no table in the folders of the validations."""
    assert not [
        path.name for path in (ROOT / "validation").rglob("*") if path.suffix in (".csv", ".arff", ".parquet")
    ]


def test_results_are_plain_json():
    def refuse(constant):
        raise AssertionError(constant)

    for folder in JUDGED:
        json.loads((folder / "result.json").read_text(encoding="utf-8"), parse_constant=refuse)
