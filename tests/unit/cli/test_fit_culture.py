"""`thymos fit culture` as its user types it."""

import json
from functools import partial

import numpy as np
import pytest

import typed
from thymos.cli import culture_fit
from thymos.inference.ensemble import Plan
from thymos.therapy.draws import Draws

HEADER = "donor,graft,plate,well,scf [ng/mL],readout,value,unit,exclude"


def run(capsys, *words):
    return typed.run(capsys, "fit", "culture", *words)


@pytest.fixture(autouse=True)
def _short_chains(monkeypatch):
    # A fifth of the steps: what is tested is the way of the data, not the convergence.
    monkeypatch.setattr(culture_fit, "Plan", partial(Plan, steps=50))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two donors, six doses of SCF, two wells each: half of the cells at 4 ng/mL are lost without SCF."""
    rng, rows = np.random.default_rng(3), [HEADER]
    for donor, scale in (("A", 9000), ("B", 6000)):
        for i, dose in enumerate((0.0, 1.5, 6.0, 24.0, 96.0, 384.0)):
            for k in (1, 2):
                count = scale * (0.5 + 0.5 * dose / (4 + dose)) * np.exp(0.1 * rng.standard_normal())
                rows.append(f"{donor},cord-blood,P1,{i}-{k},{dose:g},cd7_cells,{count:.0f},cell,")
    rows.append("B,cord-blood,P1,spilled,6,cd7_cells,100,cell,spilled")
    path = tmp_path_factory.mktemp("fit") / "mine.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_grid_is_fitted_stored_drawn_and_gone_on_with(capsys, table, tmp_path):
    words = (table, "--out", tmp_path / "fit", "--pieces", 3, "--draws", 60, "--json")
    code, out, _ = run(capsys, *words, "--plot", tmp_path / "wells.png")
    assert code == 0
    found = json.loads(out)
    assert (found["readings"], found["left_out"], found["relative"]) == (24, 1, True)
    half = found["parameters"]["cytokines.scf_half"]
    assert half["low"] < half["median"] < half["high"]
    spilled = next(w for w in found["wells"] if w["exclude"])
    assert spilled["reading"]["low95"] > spilled["value"]  # predicted all the same, and far away
    assert (tmp_path / "wells.png").read_bytes().startswith(b"\x89PNG")
    draws = Draws.read(tmp_path / "fit" / "posterior.parquet")
    assert draws.count == 60
    assert draws.donors == ("A", "B")

    pieces = sorted((tmp_path / "fit" / "chains").glob("*.parquet"))
    assert len(pieces) == 12
    for path in pieces[7:]:
        path.unlink()
    again = json.loads(run(capsys, *words, "--workers", 1)[1])
    assert again == found

    code, _, err = run(capsys, *words, "--seed", 2)
    assert code == 2
    assert "expected the fit that was begun here, got other data or options" in err


def test_the_report_says_what_the_data_say(capsys, table):
    code, out, _ = run(capsys, table, "--pieces", 3, "--draws", 60, "--profile")
    assert code == 0
    assert "Fit of the culture to 24 readings of 2 donors" in out
    line = next(text for text in out.splitlines() if "cytokines.scf_lack " in text)
    assert "identified" in line
    assert "R-hat at most" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("none.csv",), "none.csv: expected a file that can be read"),
        (("cytokine-grids", "--donor", "5"), "option --donor: expected one of 2, 3, 4, got 5"),
        (("cytokine-grids", "--free", "cytokines.scf"), "option --free: expected parameters"),
        (("cytokine-grids", "--free", "cytokines.tpo_lack"), "expected a positive range"),
    ],
)
def test_what_cannot_be_fitted_is_said(capsys, words, message):
    code, _, err = run(capsys, *words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_a_bad_row_is_named(capsys, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEADER}\nA,cord-blood,P1,1,0,cd7_cells,-3,cell,\n")
    code, _, err = run(capsys, path, "--out", tmp_path / "fit")
    assert code == 2
    assert "DataError: bad.csv, row 2, column value: expected 0 or more, got -3" in err
    assert not (tmp_path / "fit").exists()
