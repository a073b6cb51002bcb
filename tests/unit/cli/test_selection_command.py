"""`thymos selection` as a user types it."""

import json

import pytest

from typed import run

SMALL = ("--hosts", 2, "--receptors", 3000, "--self-peptides", 500, "--foreign", 1000, "--workers", 1)
FIXED = (*SMALL, "--negative", -24)


def test_tables_and_files_say_the_same(capsys, tmp_path):
    written = tmp_path / "found.json"
    code, out, err = run(capsys, "selection", *FIXED, "--out", written)
    assert code == 0
    assert f"Written: {written}" in err
    found = json.loads(written.read_text())
    assert [len(found[key]) for key in ("hosts", "pathogens")] == [2, 3]
    total = sum(found["summary"][key]["mean"] for key in ("deleted", "neglected", "survives"))
    assert total == pytest.approx(1)
    for host in found["hosts"]:
        assert host["autoreactive"] <= host["autoreactive_primed"] <= 1
    for words in ("Thymic selection in 2 hosts (simulated)", "deleted at or below −24 kT (as asked)"):
        assert words in " ".join(out.split())
    assert "Fungi: model-based" in out


def test_a_page_and_a_picture_are_written(capsys, tmp_path):
    for name in ("page.html", "picture.svg"):
        code, _, _ = run(capsys, "selection", *FIXED, "--out", tmp_path / name)
        assert code == 0
    page = (tmp_path / "page.html").read_text()
    for part in ("present threshold", "Simulated", "Holes", "alanio2010", "not a medical device"):
        assert part in page
    assert "nan" not in page
    assert "precursors counted in people" in (tmp_path / "picture.svg").read_text()


def test_the_same_seed_gives_the_same_numbers_for_any_workers(capsys):
    found = [run(capsys, "selection", *FIXED, "--workers", n, "--json")[1] for n in (1, 2)]
    assert found[0] == found[1]
    other = run(capsys, "selection", *FIXED, "--seed", 2, "--json")[1]
    assert json.loads(other)["summary"] != json.loads(found[0])["summary"]


def test_recognition_sets_the_threshold(capsys):
    code, out, _ = run(capsys, "selection", *SMALL, "--recognition", 3e-4, "--window", 0, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["thresholds"]["positive"] is None
    # Calibrated over the hosts together: the mean of two differs by how many survive in each.
    assert found["summary"]["foreign"]["mean"] == pytest.approx(3e-4, rel=0.1)


def test_receptors_and_self_may_be_files(capsys, tmp_path):
    cdr3, own = tmp_path / "cdr3.txt", tmp_path / "self.txt"
    cdr3.write_text("CASSLGQAYEQYF\nCASSIRSSYEQYF\n")
    own.write_text("peptide\nGILGFVFTL\nNLVPMVATV\n")
    table = tmp_path / "sample.tsv"
    header = "count\tfreq\tcdr3nt\tcdr3aa\tv\td\tj"
    rows = ("3\t0.6\t\tCASSLGQAYEQYF\tTRBV5-1\t.\tTRBJ2-7", "2\t0.4\t\tCASS*RF\tTRBV5-1\t.\tTRBJ2-7")
    table.write_text("\n".join((header, *rows)) + "\n")
    words = ("--self-peptides", own, "--presented", 1, "--negative", -40, "--window", 0, "--foreign", 100)
    for file, number in ((cdr3, 2), (table, 1)):
        code, out, err = run(capsys, "selection", "--receptors", file, *words, "--json")
        assert code == 0, err
        found = json.loads(out)
        assert (found["receptors"], found["self_peptides"]) == (number, 2)
        assert found["summary"]["survives"]["mean"] == 1
        assert found["summary"]["hidden_self"]["mean"] is None  # everything is presented


def test_receptors_may_be_drawn_by_recombination(capsys):
    words = ("--vdj", "invented", "--receptors", 500, "--negative", -24, "--hosts", 1, "--json")
    code, out, _ = run(capsys, "selection", *words, "--self-peptides", 100, "--foreign", 100)
    assert code == 0
    (shifted,) = (row for row in json.loads(out)["checks"] if row["name"] == "shift_v")
    assert shifted["mean"] > 0


def test_without_survivors_it_says_so(capsys):
    code, out, _ = run(capsys, "selection", *SMALL, "--negative", -1, "--window", 0)
    assert code == 0
    assert "Hardly any receptor survives" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--energies", "rando"), "did you mean random"),
        (("--recognition", 1e-4, "--negative", -20), "--negative, or --recognition"),
        (("--recognition", 2), "a probability between 0 and 1"),
        (("--recognition", 0.5), "a probability that some threshold reaches"),
        (("--negative", "nan"), "a number of kT within 300"),
        (("--negative", -24, "--window", -1), "above that of negative"),
        (("--presented", 0), "a share above 0"),
        (("--self-peptides", 0), "a whole number from 1 to 1e+07"),
        (("--self-peptides", "nowhere.txt"), "a whole number, or a file that exists, got nowhere.txt"),
        (("--weights", "1,2"), "5 finite numbers"),
        (("--weights", "a,b"), "5 numbers with commas between"),
        (("--out", "selection.doc"), "a name that ends in"),
        (("--vdj", "nowhere"), "nowhere"),
    ],
)
def test_a_wrong_option_is_one_message(capsys, words, complaint):
    code, _, err = run(capsys, "selection", *SMALL, *words)
    assert code == 2
    assert complaint in err


def test_the_values_of_selection_explain_themselves(capsys):
    code, out, _ = run(capsys, "explain", "thymic_selection.foreign_recognition")
    assert code == 0
    assert "Alanio" in out
