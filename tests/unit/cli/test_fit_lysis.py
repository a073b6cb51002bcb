"""`thymos fit lysis` as a user types it."""

import json

import pytest

from thymos.assay.cytotoxicity import Effector
from thymos.assay.virtual_plate import Layout, Sample, simulate_plate
from thymos.io.plate_file import write_plate
from typed import run


@pytest.fixture
def plate(tmp_path):
    file = tmp_path / "plate.csv"
    write_plate(file, simulate_plate([Sample("NK", Effector())], Layout(), 7))
    return file


def test_a_plate_gives_rate_saturation_and_lytic_units(capsys, plate, tmp_path):
    picture = tmp_path / "plate.png"
    code, out, _ = run(capsys, "fit", "lysis", plate, "--plot", picture)
    assert code == 0
    for line in (
        "NK on K562, plate 1  (30 wells)  SIMULATED",
        "R50, effectors per target",
        "LU20 per 10⁶",
        "R50 is identified",
    ):
        assert line in out
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_object_holds_what_is_printed(capsys, plate):
    code, out, _ = run(capsys, "fit", "lysis", plate, "--json")
    assert code == 0
    (curve,) = json.loads(out)["curves"]
    (time,) = curve["times"]
    units, ratio = time["lu20_per_million"], time["ratio_20_percent"]
    assert units["low"] < units["value"] < units["high"]
    assert units["value"] == pytest.approx(1e6 / (5000 * ratio["value"]))
    assert units["low"] == pytest.approx(1e6 / (5000 * ratio["high"]))
    assert [p["ratio"] for p in curve["points"]] == [0.625, 1.25, 2.5, 5.0, 10.0, 20.0]
    assert all(p["low"] <= p["value"] <= p["high"] for p in time["curve"])


def test_units_need_the_number_of_targets(capsys, plate):
    bare = "\n".join(line.rpartition(",")[0] for line in plate.read_text().splitlines() if line[0] != "#")
    plate.write_text(bare)
    _, out, _ = run(capsys, "fit", "lysis", plate)
    assert "LU20 needs the target cells per well" in out
    _, out, _ = run(capsys, "fit", "lysis", plate, "--targets", "5000")
    assert "LU20 per 10⁶" in out


def test_a_fault_is_a_message_and_code_2_and_leaves_no_picture(capsys, plate, tmp_path):
    plate.write_text(plate.read_text().replace("spontaneous", "spontanous"))
    picture = tmp_path / "plate.svg"
    code, out, err = run(capsys, "fit", "lysis", plate, "--plot", picture)
    assert (code, out) == (2, "")
    assert (
        "plate.csv, row 3, column kind: expected one of sample, spontaneous, maximum, got 'spontanous'" in err
    )
    assert not picture.exists()


def test_a_picture_of_unknown_form_and_a_plate_with_one_ratio_are_refused(capsys, plate, tmp_path):
    code, _, err = run(capsys, "fit", "lysis", plate, "--plot", tmp_path / "plate.bmp")
    assert code == 2
    assert "expected a name that ends in png, svg, pdf" in err
    write_plate(plate, simulate_plate([Sample("NK", Effector())], Layout(ratios=(5.0,)), 7))
    code, _, err = run(capsys, "fit", "lysis", plate)
    assert code == 2
    assert "NK on K562, plate 1: expected at least two ratios, got one" in err
