import csv
import gzip

import pytest
from typer.testing import CliRunner

from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.cli import app
from thymos.lang.errors import DataError, StudyError

BASES = "TGTGCCAGCAGTGACGGGACTGAAGCTTTCTTT"


def _run(*words):
    result = CliRunner().invoke(app, ["vdj", "pgen", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _rows(text):
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def _out(result):
    return _rows(result.stdout)


def test_sequences_on_the_command_line():
    made = _made(1)[0]
    result = _run(made, BASES, "ASSF")
    rows = _out(result)
    assert [row["sequence"] for row in rows] == [made, BASES, "ASSF"]
    assert float(rows[0]["log10_pgen"]) < 0
    assert rows[1]["problem"] == "no recombination of this model makes it"
    assert "conserved C" in rows[2]["problem"]
    assert rows[2]["pgen"] == ""
    assert "2 of 3 without a probability. First: sequence 2" in result.stderr


def test_impossible_is_zero_and_says_so():
    (row,) = _out(_run("CWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWF"))
    assert (float(row["pgen"]), row["log10_pgen"]) == (0, "")
    assert row["problem"] == "no recombination of this model makes it"


def _made(n):
    """CDR3s that the invented model makes."""
    return draw(recombination("invented", "TRB"), n, seed=2).cdr3()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "chains.tsv"
    assert (
        CliRunner().invoke(app, ["vdj", "generate", "--n", "40", "--bases", "--out", str(path)]).exit_code
        == 0
    )
    return path


def test_a_table_gains_probabilities_and_a_gene_makes_them_smaller(table, tmp_path):
    some, given = tmp_path / "some.tsv", tmp_path / "given.tsv.gz"
    _run(table, "--out", some)
    _run(table, "--v-column", "v_call", "--j-column", "j_call", "--genes", "family", "--out", given)
    free = [float(row["pgen"]) for row in _rows(some.read_text())]
    bound = [float(row["pgen"]) for row in _rows(gzip.decompress(given.read_bytes()).decode())]
    assert len(free) == len(bound) == 40
    assert all(0 < b <= f * (1 + 1e-12) for f, b in zip(free, bound, strict=True))


def test_bases_of_a_table(table, tmp_path):
    out = tmp_path / "bases.tsv"
    _run(table, "--column", "junction", "--out", out)
    assert all(float(row["pgen"]) > 0 for row in _rows(out.read_text()))


@pytest.mark.parametrize(
    ("cell", "gene", "said"),
    [
        ("TGTGCCAGCA", "", "10 bases, 1 too many"),
        ("TGTGCNAGCTTC", "", "“N” at base 6"),
        ("TGTTAAAGCTTC", "", "the stop TAA as codon 2"),
        ("GCCAGCAGCTTC", "", "begins with the conserved C"),
        ("CAS*SF", "", "a stop codon or a broken frame"),
        ("CAS1SF", "", "“1” in CAS1SF"),
        ("", "", "an empty cell"),
        ("C" + 40 * "S", "", "at most 40 residues, got 41"),
        ("CASSF", "TRBV199-1", "did you mean"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_and_stops_no_other(tmp_path, cell, gene, said):
    path = tmp_path / "bad.tsv"
    good = _made(2)
    path.write_text(f"junction_aa\tv_call\n{good[0]}\t\n{cell}\t{gene}\n{good[1]}\t\n")
    rows = _out(_run(path, "--v-column", "v_call"))
    assert said in rows[1]["problem"]
    assert [row["problem"] for row in (rows[0], rows[2])] == ["", ""]


def test_a_column_that_is_not_there_names_the_nearest(tmp_path):
    path = tmp_path / "odd.tsv"
    path.write_text("junction_a\tv_call\nCASSF\t\n")
    with pytest.raises(
        DataError, match=r"odd.tsv, row 1: expected a column junction_aa.*\n.*mean junction_a"
    ):
        _run(path)


def test_the_name_of_the_table_is_checked_first(tmp_path):
    with pytest.raises(StudyError, match=r"ends in \.tsv or \.tsv\.gz"):
        _run("CASSF", "--out", tmp_path / "out.xlsx")
