"""`thymos assay lysis` as a user types it, and its plate given to `thymos fit lysis`."""

import json

from typed import run


def test_the_plate_of_a_culture_can_be_fitted(capsys, tmp_path):
    plate = tmp_path / "plate.csv"
    code, out, err = run(capsys, "assay", "lysis", "nk-14d", "--lots", 20, "--seed", 7, "--out", plate)
    assert code == 0
    assert f"written: {plate}" in err
    assert "LU20 per 10⁶ NK cells" in out
    assert plate.read_text().startswith("# SIMULATED\n# thymos assay lysis nk-14d, mobilised-blood, seed 7\n")
    code, out, _ = run(capsys, "fit", "lysis", plate)
    assert code == 0
    assert "NK on K562, plate 1  (30 wells)" in out


def test_ratios_times_and_a_car_are_the_users(capsys):
    words = ("--lots", 20, "--ratio", 4, "--ratio", 1, "--hours", 2, "--json")
    code, out, _ = run(capsys, "assay", "lysis", "nk-14d", *words)
    assert code == 0
    plain = json.loads(out)
    (time,) = plain["times"]
    assert time["hours"] == 2
    assert [p["ratio"] for p in time["lysis"]] == [4, 1]
    assert all(0 <= p["low"] <= p["median"] <= p["high"] <= 100 for p in time["lysis"])
    _, out, _ = run(capsys, "assay", "lysis", "nk-14d", *words, "--car-share", 0.5, "--car-gain", 5)
    armed = json.loads(out)["times"][0]
    for with_car, without in zip(armed["lysis"], time["lysis"], strict=True):
        assert with_car["median"] > without["median"]


def test_a_culture_without_nk_cells_and_an_unknown_one_are_refused(capsys):
    code, _, err = run(capsys, "assay", "lysis", "dl4-7d", "--lots", 5)
    assert code == 2
    assert "expected one with an NK stage, such as nk-14d, got one without NK cells" in err
    code, _, err = run(capsys, "assay", "lysis", "nk-99d")
    assert code == 2
    assert "expected one of dl4-7d, nk-14d" in err


def test_the_values_of_an_assay_explain_themselves(capsys):
    code, out, _ = run(capsys, "explain", "cytotoxicity.half")
    assert code == 0
    assert "borrowed" in out
    assert "It acts in" not in out
