"""`thymos repertoire --patient`: a patient's repertoire, simulated."""

import json
from pathlib import Path

import pytest

from thymos.io.clonotype_file import read_clonotypes
from typed import run

ROOT = Path(__file__).parents[3]
CHILD = ROOT / "docs" / "how-to" / "child.yaml"
FEW = ("--patients", 20, "--depth", 300, "--day", 60, "--day", 100)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One simulation: what it prints as JSON, its page, its AIRR files."""
    folder = tmp_path_factory.mktemp("patient")
    import contextlib
    import io
    import sys

    from thymos import cli

    said = io.StringIO()
    sys.argv = [
        *("thymos", "repertoire", "--patient", str(CHILD), *map(str, FEW), "--json"),
        *("--out", str(folder / "page.html"), "--airr", str(folder / "airr")),
    ]
    with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as stopped:
        cli.main()
    assert not stopped.value.code
    return json.loads(said.getvalue()), folder


def test_both_courses_are_there_and_only_one_has_infused_cells(made):
    patient = made[0]["patient"]
    assert list(patient["arms"]) == ["alone", "product"]
    assert (patient["days"], patient["patients"], patient["depth"]) == ([60.0, 100.0], 20, 300.0)
    alone, product = (patient["arms"][arm] for arm in ("alone", "product"))
    assert set(alone) == set(patient["measures"])
    assert alone["infused"]["high"] == [0.0, 0.0]
    assert min(product["infused"]["middle"]) > 0
    for bands in (alone, product):
        for low, middle, high in zip(*(bands["seen"][end] for end in ("low", "middle", "high")), strict=True):
            assert 0 < low <= middle <= high <= 300


def test_the_shares_of_origins_add_up(made):
    """Of each patient they do; medians of a few patients nearly so."""
    bands = made[0]["patient"]["arms"]["alone"]
    total = [sum(bands[name]["middle"][i] for name in ("infused", "stem", "mature", "host")) for i in (0, 1)]
    assert total == pytest.approx([1.0, 1.0], abs=0.1)


def test_the_simulated_samples_are_analysed_like_any_other(made):
    found, folder = made
    assert found["simulated_samples"] is True
    assert [sample["name"] for sample in found["samples"]] == ["day60", "day100"]
    assert found["expected"]["day"] == [60.0, 100.0]
    for sample in found["samples"]:
        again = read_clonotypes(folder / "airr" / f"{sample['name']}.tsv.gz")
        assert int(again.count.sum()) == sample["indices"]["cells"]["value"]
        assert 200 < again.count.sum() < 400  # each of the cells comes into the sample by chance
        assert all(name.startswith("TRBV1") for name in sample["v_usage"])  # the invented genes


def test_the_page_says_what_may_become_of_it(made):
    page = (made[1] / "page.html").read_text()
    assert "Simulated samples" in page
    assert "What may become of it" in page
    assert "fungi (model-based)" in page


def test_the_terminal_shows_the_course(capsys):
    code, out, _ = run(capsys, "repertoire", "--patient", CHILD, *FEW)
    assert code == 0
    assert "20 patients like example-child, simulated" in out
    assert "transplant and product" in out
    assert "Research use only" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "expected files of clonotypes, or --patient with a file, got neither"),
        (("--patient", "nobody.yaml"), "nobody.yaml: expected a patient file"),
        (("--patient", CHILD, "--day", 5000), "rising days after transplant, up to 733, got 5000"),
        ((CHILD.parent / "day60.tsv.gz", "--airr", "x"), "option --airr: expected simulated samples"),
        (("--airr", "x"), "expected files of clonotypes, or --patient"),
    ],
)
def test_a_fault_is_one_message(capsys, words, said):
    code, out, err = run(capsys, "repertoire", *words)
    assert code == 2
    assert said in " ".join(err.split())
    assert "Traceback" not in out + err


def test_samples_stand_beside_a_course_of_their_own_depth(capsys):
    words = (CHILD.parent / "day60.tsv.gz", CHILD.parent / "day180.tsv.gz", "--day", 60, "--day", 180)
    code, out, _ = run(capsys, "repertoire", *words, "--patient", CHILD, "--patients", 20, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["expected"]["depth"] == found["depth"] == found["patient"]["depth"]
    assert "simulated_samples" not in found
    assert found["age"] == pytest.approx(5 / 12)
