"""What a hurried user types, and where it comes out: one message, no traceback, nothing half-written."""

import io
import json
import sys

import numpy as np
import pytest

from thymos import cli
from thymos.cli.screen import print_json
from thymos.io.design_file import override, shipped_design
from thymos.lang.errors import StudyError
from thymos.report import campaign_picture
from thymos.report.canvas import drawing
from typed import run

FEW = ("--lots", "3", "--workers", "1")
DEAD = ("--moi", "10000", *FEW)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("culture", "--plot", "lots.docx"), "a picture: expected a name that ends in png, svg, pdf"),
        (
            ("culture", "--plot", "no/lots.png"),
            "no/lots.png: expected a folder that exists, got no such folder",
        ),
        (("assay", "lysis", "--out", "."), "expected a file, got a folder of that name"),
        (("assay", "lysis", "--ratio", "inf"), "virtual plate: expected finite ratios, hours and targets"),
        (("assay", "lysis", "--targets", "inf"), "virtual plate: expected finite ratios, hours and targets"),
        (("design", "culture", "--out", "no/runs.csv"), "no/runs.csv: expected a folder that exists"),
        (("design", "culture", "--show", "--design", "no.yaml"), "no.yaml: expected a design file"),
        (("wells", "--cells", "1e9"), "wells.cells: expected at most 10000 in a well, got 1e+09"),
        (("campaign", "--patients", "1000000000000"), "campaign.patients: expected 1 to 1000"),
        (("campaign", "--dose", "1e300"), "campaign.dose: expected a number above 0, at most 1e+12"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_computed(capsys, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert not list(tmp_path.iterdir())


def test_a_culture_without_a_survivor_is_shown_as_failed_and_not_drawn(capsys, tmp_path):
    code, out, err = run(capsys, "culture", *DEAD, "--plot", tmp_path / "lots.png")
    assert "3 of 3 lots failed" in out
    assert (code, "a picture: expected a lot that was solved, got none" in err) == (2, True)
    assert not list(tmp_path.iterdir())


def test_a_campaign_without_a_survivor_has_a_result(capsys):
    code, out, _ = run(capsys, "campaign", *DEAD, "--draws", "2", "--json")
    found = json.loads(out)
    assert (code, found["failed"]) == (0, 6)
    assert found["attributes"]["fold"]["median_lot"]["median"] is None


def test_an_attribute_that_no_lot_has_says_so():
    with drawing(3, 3) as page:
        axes = page.subplots()
        campaign_picture.histogram(axes, "fold", np.full(3, np.nan), [])
    assert "no lot to show" in {text.get_text() for text in axes.texts}


def test_a_terminal_without_unicode_gets_tables_and_exact_json(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    sys.argv = ["thymos", "explain", "dl4_model"]
    with pytest.raises(SystemExit):
        cli.main()
    print("3–5 µL")
    print_json({"unit": "µL"})
    sys.stdout.flush()
    shown = sys.stdout.buffer.getvalue().decode("ascii")
    assert "3?5 ?L" in shown
    assert '"unit": "\\u00b5L"' in shown


def test_a_full_disk_under_stdout_is_one_message(capsys, monkeypatch):
    def full(found):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("thymos.cli.screen.print_json", full)
    code, _, err = run(capsys, "explain", "dl4_model", "--json")
    assert code == 2
    assert "standard output: expected room on the disk, got the disk is full" in err


def test_a_bad_item_of_a_repeated_option_is_named_by_the_option():
    with pytest.raises(StudyError, match="option --parameter: expected text of the form"):
        override(shipped_design(), aim="information", parameters=("growth",))


def test_names_that_two_models_share_are_proposed_once(capsys):
    err = run(capsys, "explain", "infection_basline")[2]
    assert err.count(" or infection_baseline") <= 1
    assert "infection_baseline" in err
