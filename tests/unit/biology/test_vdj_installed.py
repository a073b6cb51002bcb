import numpy as np
import pytest

from thymos.biology.repertoire.vdj import installed, invented
from thymos.biology.repertoire.vdj.card import card
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.io.igor import read_igor
from thymos.io.igor_writer import write_igor
from thymos.lang.errors import DataError
from tiny_igor import tiny_files

LOCI = ("TRA", "TRB")


@pytest.mark.parametrize("locus", LOCI)
def test_the_shipped_files_are_what_the_seed_makes(locus, tmp_path):
    write_igor(invented.invented(locus), tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_text() == (invented.folder(locus) / path.name).read_text()


@pytest.mark.parametrize("locus", LOCI)
def test_the_invented_model_has_24_families_and_chains_of_the_usual_length(locus):
    found = card(recombination("invented", locus))
    assert found.genes[0].families == 24
    assert 13.5 < found.length[0] < 15.5
    assert 1.5 < found.length[1] < 2.6
    assert found.genes[0].unusable["function P"][0] == 1
    assert "never" in found.source


def test_no_invented_gene_has_a_number_that_imgt_uses():
    for locus in LOCI:
        model = recombination("invented", locus)
        numbers = [
            int("".join(filter(str.isdigit, g.name[4:].split("-")[0].split("*")[0])))
            for g in (*model.v, *model.j)
        ]
        assert min(numbers) > 100


def test_a_folder_of_one_locus_and_a_folder_of_two(tmp_path):
    write_igor(tiny_files("TRB"), tmp_path / "mine")
    assert recombination(tmp_path / "mine", "TRB").locus == "TRB"
    with pytest.raises(DataError, match="expected a model of TRA, got one of TRB"):
        recombination(tmp_path / "mine", "TRA")
    for locus, name in (("TRA", "human_T_alpha"), ("TRB", "TRB")):
        write_igor(tiny_files(locus), tmp_path / "both" / name)
        assert recombination(tmp_path / "both", locus).locus == locus


def test_installed_packages_are_found_where_they_keep_their_models(tmp_path, monkeypatch):
    write_igor(tiny_files("TRB"), tmp_path / "righor_models" / "human" / "t_beta")
    monkeypatch.setattr(installed.sys, "prefix", str(tmp_path))
    assert recombination("righor", "TRB").v[0].name == "TRBV1*01"
    with pytest.raises(DataError, match=r"no folder .*t_alpha(.|\n)*pip install righor"):
        recombination("righor", "TRA")
    write_igor(tiny_files("TRA"), tmp_path / "site" / "olga" / "default_models" / "human_T_alpha")
    (tmp_path / "site" / "olga" / "__init__.py").write_text("raise ImportError('olga is never imported')")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert recombination("olga", "TRA").v[0].name == "TRAV1*01"


def test_what_is_neither_a_package_nor_a_folder():
    with pytest.raises(DataError, match="expected invented, righor, olga, or a folder"):
        recombination("igor", "TRB")
    with pytest.raises(DataError, match="expected TRA or TRB, got “TRG”"):
        recombination("invented", "TRG")


def test_genes_that_make_no_chain_say_why(tmp_path):
    write_igor(tiny_files("TRA"), tmp_path)
    anchors = tmp_path / "V_gene_CDR3_anchors.csv"
    anchors.write_text("gene,anchor_index,function\nTRAV1*01,2,(F)\nTRAV2*01,400,F\nTRAV3*01,,F\n")
    model = recombination(tmp_path, "TRA")
    assert [gene.why_not for gene in model.v] == [
        "",
        "germline ends before its anchor",
        "no anchor of the CDR3",
    ]
    assert set(draw(model, 100, 1).v) == {0}
    anchors.write_text("gene,anchor_index,function\nTRAV1*01,2,ORF\n")
    with pytest.raises(DataError, match=r"a V gene that can make a chain, got none: .*function ORF"):
        recombination(tmp_path, "TRA")


def test_palindromes_are_joined_to_the_ends(tmp_path):
    write_igor(tiny_files("TRB"), tmp_path)
    model, files = recombination(tmp_path, "TRB"), read_igor(tmp_path)
    letters = np.array(list("ACGT"))
    # One palindromic base at most: V ...TGTGCCAGT and A, D G GACT A... of tests/tiny_igor.py.
    assert "".join(letters[model.v[0].bases]) == "TGTGCCAGT" + "A"
    assert "".join(letters[model.d[0].bases]) == "C" + "GACT" + "A"
    assert "".join(letters[model.j[0].bases]) == "T" + "ACGTTC"
    assert model.palindromes == (1, 1, 1, 1)
    assert files.values["v_3_del"][0] == -1
