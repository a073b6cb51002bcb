"""`thymos repertoire` as a user types it: the example files, JSON, pictures, and each fault as one message."""

import json
import re
from pathlib import Path

import pytest

from typed import run

PAGES = Path(__file__).parents[3] / "docs" / "how-to"
BOTH = (PAGES / "day60.tsv.gz", PAGES / "day180.tsv.gz")
HEALTHY = PAGES / "healthy.tsv.gz"


def test_the_example_samples_are_compared(capsys, tmp_path):
    code, out, err = run(capsys, "repertoire", *BOTH, "--reference", HEALTHY, "--out", tmp_path / "both.html")
    assert (code, "Repertoire of day60, day180: TRB, productive" in out) == (0, True)
    assert "ALARM, below 13" in out
    assert "at least 100 × 10⁶" in out
    page = (tmp_path / "both.html").read_text()
    assert page.count("<svg") == 2
    assert "Clone tracking" in page
    assert "Written into" in err


def test_the_page_shows_what_is_printed(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(PAGES)
    text = (PAGES / "analyse-a-repertoire.md").read_text()
    words = re.search(r"^thymos (repertoire day60.*--out) ", text, re.MULTILINE)[1].split()
    _, out, _ = run(capsys, *words, tmp_path / "x.json")
    shown = re.search(r"```text\n(.*?)^ \.\.\.$", text, re.MULTILINE | re.DOTALL)[1]
    printed = {line.rstrip().replace("\N{NARROW NO-BREAK SPACE}", " ") for line in out.splitlines()}
    assert [line for line in shown.splitlines() if line.rstrip() not in printed] == []


def test_the_python_of_the_page_runs(capsys, monkeypatch):
    monkeypatch.chdir(PAGES)
    code = re.search(r"^```python\n(.*?)^```", (PAGES / "analyse-a-repertoire.md").read_text(), re.M | re.S)[
        1
    ]
    exec(code, {})  # noqa: S102  our own page
    assert "'value'" in capsys.readouterr().out


def test_published_numbers_are_those_of_the_age(capsys):
    for age, there, absent in (
        ("0.5", "No published number", "qi2014"),
        ("75", "70 years and older", "young"),
    ):
        _, out, _ = run(capsys, "repertoire", BOTH[0], "--age", age)
        assert there in out
        assert absent not in out


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("json", b"{")])
def test_the_result_can_be_a_picture_or_an_object(capsys, tmp_path, ending, start):
    code, *_ = run(capsys, "repertoire", BOTH[0], "--out", tmp_path / f"one.{ending}")
    assert code == 0
    assert (tmp_path / f"one.{ending}").read_bytes().startswith(start)


def test_json_is_one_object_and_the_same_for_the_same_seed(capsys):
    given = ("repertoire", *BOTH, "--depth", "1000", "--day", "60", "--day", "180", "--json")
    code, out, _ = run(capsys, *given)
    found = json.loads(out)
    assert (code, found["format"], found["depth"]) == (0, 1, 1000)
    assert [sample["day"] for sample in found["samples"]] == [60, 180]
    assert run(capsys, *given)[1] == out


def test_known_receptors_are_found(capsys, tmp_path):
    titles = "gene cdr3 v.segm j.segm species mhc.a antigen.epitope antigen.gene antigen.species vdjdb.score"
    row = "TRB CSGHSGSIINQF TRBV102-1*01 TRBJ101-1*01 HomoSapiens HLA-A*02 NLVPMVATV pp65 CMV 1"
    (tmp_path / "known.txt").write_text("\n".join("\t".join(line.split()) for line in (titles, row)) + "\n")
    code, out, _ = run(
        capsys, "repertoire", BOTH[0], "--known", tmp_path / "known.txt", "--model", "invented"
    )
    assert code == 0
    assert "virus: CMV" in out
    assert "Fungi:" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((BOTH[0], BOTH[0]), "files of different names, got day60 more than once"),
        ((BOTH[0], "--depth", "100000"), "option --depth: expected 2 to"),
        ((BOTH[0], "--locus", "TRA"), "expected productive clonotypes of TRA, got cells by locus: TRB"),
        ((*BOTH, "--day", "60"), "option --day: expected one for each of 2 samples"),
        ((PAGES / "child.csv",), "expected columns separated by tabs, got spaces"),
        ((PAGES / "day6.tsv.gz",), "day60.tsv.gz"),
        ((BOTH[0], "--out", "x.txt"), "a name that ends in html, png, svg, pdf, json"),
        ((BOTH[0], "--reference", "rigor"), "expected a file that can be read"),
    ],
)
def test_a_fault_is_one_message(capsys, words, said):
    code, out, err = run(capsys, "repertoire", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
