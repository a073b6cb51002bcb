"""`thymos vdj` as a user types it: card and chains of the invented model, and each fault as one message."""

import json

import pytest

from thymos.io.igor_writer import write_igor
from tiny_igor import tiny_files
from tiny_sonia import write_tiny_sonia
from typed import run


def test_the_card_says_where_the_model_is_from_and_that_it_is_invented(capsys):
    code, out, err = run(capsys, "vdj", "card", "--locus", "TRB")
    assert code == 0
    assert (
        "Source: invented, shipped with thymos: for examples and tests, never for statements about people"
        in out
    )
    assert "1 function P (3.8%)" in out
    assert "V 3' −4 to 12" in out
    assert "productive: 0.2653" in out
    assert "Invented model" in err


def test_the_card_of_a_folder_does_not_know_its_licence(capsys, tmp_path):
    write_igor(tiny_files("TRA"), tmp_path)
    code, out, err = run(capsys, "vdj", "card", "--locus", "TRA", "--model", tmp_path, "--json")
    found = json.loads(out)
    assert (code, err, found["format"], found["locus"]) == (0, "", 1, "TRA")
    assert found["source"] == f"{tmp_path}; licence unknown: yours to check"
    assert found["genes"][0]["unusable"] == {"function P": [1, pytest.approx(0.2470574401)]}


def test_chains_go_to_standard_output_or_into_a_file(capsys, tmp_path):
    code, out, _ = run(capsys, "vdj", "generate", "--n", "3", "--seed", "7")
    assert (code, out.count("\n"), out.startswith("sequence_id\tsequence\trev_comp\tproductive")) == (
        0,
        4,
        True,
    )
    assert run(capsys, "vdj", "generate", "--n", "3", "--seed", "7", "--workers", "2")[1] == out
    path = tmp_path / "chains.tsv"
    code, _, err = run(capsys, "vdj", "generate", "--n", "3", "--seed", "7", "--out", path)
    assert (code, path.read_text()) == (0, out)
    assert f"3 chains in {path}" in err


def test_selection_says_how_many_passed(capsys, tmp_path):
    write_igor(tiny_files("TRB"), tmp_path / "model")
    write_tiny_sonia(tmp_path / "tables", 1.0)
    given = ("--model", tmp_path / "model", "--selection", tmp_path / "tables", "--cap", "5")
    code, out, err = run(capsys, "vdj", "generate", "--n", "50", *given)
    assert (code, out.count("\n")) == (0, 51)
    assert "chains passed selection; the cap of 5 leaves out" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("card", "--model", "igor"),
            "expected invented, righor, olga, or a folder with an IGoR model, got “igor”",
        ),
        (("card", "--model", "/nowhere/model"), "got no such folder"),
        (("generate", "--out", "chains.csv"), "expected a name that ends in .tsv or .tsv.gz"),
        (("generate", "--out", "/nowhere/chains.tsv"), "expected a folder that exists"),
        (
            ("generate", "--selection", "/nowhere/tables"),
            "expected a SONIA model: a folder with features.tsv and log.txt",
        ),
    ],
)
def test_each_fault_is_one_message(capsys, words, said):
    code, out, err = run(capsys, "vdj", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
