"""`thymos campaign`, `thymos wells` and the pictures, as a user types them."""

import json

import pytest

from typed import run

SMALL = (
    "--source",
    "cord-blood",
    "--lots",
    "12",
    "--donors",
    "4",
    "--draws",
    "3",
    "--seeded",
    "2e6",
    "--workers",
    "1",
)


def test_a_campaign_is_printed_stored_drawn_and_queried(capsys, tmp_path):
    words = (*SMALL, "--out", tmp_path / "run", "--plot", tmp_path / "lots.svg", "--json")
    code, out, _ = run(capsys, "campaign", *words)
    assert code == 0
    found = json.loads(out)
    assert (found["lots"], found["donors"], found["draws"]) == (12, 4, 3)
    assert found["out_of_specification"]["n"] == 36
    assert (tmp_path / "lots.svg").read_text().startswith("<?xml")
    code, out, _ = run(
        capsys, "query", tmp_path / "run", "select count(*) n, count(distinct donor) d from lots"
    )
    assert code == 0
    assert "36" in out
    assert "12" in out
    code, _, err = run(capsys, "report", tmp_path / "run")
    assert code == 2
    assert "expected a stored trial, got a run with the tables dose_curve, lots" in err
    code, out, _ = run(capsys, "campaign", *SMALL)
    assert code == 0
    for title in ("Lots: in the bag", "Share of lots", "A lot holds", "12 patients of 8 kg"):
        assert title in out


def test_every_column_of_a_stored_campaign_has_a_meaning(capsys, tmp_path):
    from thymos.io.run_folder import load

    run(capsys, "campaign", *SMALL, "--out", tmp_path / "run", "--json")
    columns = load(tmp_path / "run").columns("lots")
    assert all(column.text for column in columns)
    assert {c.unit for c in columns if c.name in ("cd7_cells", "nk_cells")} == {"cell"}
    assert {c.unit for c in columns if c.name.endswith("_percent")} == {"percent"}


def test_an_nk_campaign_counts_nk_cells(capsys):
    found = json.loads(run(capsys, "campaign", "nk-14d", *SMALL, "--dose", "1e6", "--json")[1])
    assert found["product"] == "CD56+CD3- cells"
    assert {limit["attribute"] for limit in found["specification"]} == {
        "viability",
        "nk_percent",
        "cd3_per_kg",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--without", "moon"), "campaign.without: expected one of rest, coating"),
        (("--spec", "nowhere.csv"), "nowhere.csv: expected a file that can be read, got No such file"),
        (("--plot", "lots.docx"), "a picture: expected a name that ends in png, svg, pdf"),
        (("--assurance", "1"), "campaign.assurance: expected a share above 0 and below 1"),
        (("--dose", "0"), "campaign.dose: expected a number above 0"),
        (("--donors", "13"), "campaign.donors: expected between 1 and 12"),
    ],
)
def test_a_mistake_is_one_message(capsys, words, message):
    code, out, err = run(capsys, "campaign", *SMALL, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_another_protocol_is_refused(capsys):
    code, _, err = run(capsys, "campaign", "dl9", *SMALL)
    assert code == 2
    assert "culture protocol: expected one of dl4-7d" in err


def test_wells_are_printed_with_the_frequency(capsys):
    words = ("--cells", "0.5,1", "--wells", "24", "--single", "60", "--workers", "1")
    code, out, _ = run(capsys, "wells", *words)
    assert code == 0
    assert "Limiting dilution:" in out
    found = json.loads(run(capsys, "wells", *words, "--json")[1])
    assert [plate["cells"] for plate in found["plates"]] == [0.5, 1.0]
    assert found["true"]["wells"] == 60
    assert 0.3 < found["estimate"]["f"] < 2
    assert run(capsys, "wells", "--cells", "many")[0] == 2


def test_a_culture_is_drawn(capsys, tmp_path):
    words = ("culture", "--lots", "8", "--workers", "1", "--plot", tmp_path / "composition.svg")
    assert run(capsys, *words)[0] == 0
    assert "<svg" in (tmp_path / "composition.svg").read_text()
