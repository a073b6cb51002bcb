import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from thymos.io.igor import NEEDS, read_igor
from thymos.io.igor_writer import write_igor
from thymos.lang.errors import DataError
from tiny_igor import tiny_files

PARAMETERS, MARGINALS = "model_params.txt", "model_marginals.txt"


@pytest.fixture(params=["TRB", "TRA"])
def locus(request):
    return request.param


@pytest.fixture
def folder(tmp_path, locus):
    write_igor(tiny_files(locus), tmp_path / "model")
    return tmp_path / "model"


def change(folder: Path, name: str, old: str, new: str, count: int = 1) -> None:
    text = (folder / name).read_text()
    assert re.search(old, text), (old, text[:400])
    (folder / name).write_text(re.sub(old, new, text, count=count))


def test_what_was_written_is_read(folder, locus):
    made, read = tiny_files(locus), read_igor(folder)
    assert (read.locus, read.genes, read.values) == (made.locus, made.genes, made.values)
    for event in NEEDS[locus]:
        np.testing.assert_allclose(read.marginals[event], made.marginals[event], rtol=1e-8)
    assert {g: a.index for g, a in read.anchors["v_choice"].items()} == {
        g: a.index for g, a in made.anchors["v_choice"].items()
    }


def test_the_layout_of_righor_is_read_too(folder, locus):
    (folder / "tmp1").mkdir()
    for name in (PARAMETERS, MARGINALS):
        shutil.move(folder / name, folder / "tmp1" / name)
    assert read_igor(folder).locus == locus


BROKEN = {
    "a cut row": (MARGINALS, r",[^,\n]*\n@v_3_del", "\n@v_3_del", r"line \d+: expected \d+ probabilities"),
    "a cut file": (
        MARGINALS,
        r"(?s)@v_3_del.*",
        "",
        "expected probabilities of v_3_del, below a line @v_3_del",
    ),
    "a missing row": (
        MARGINALS,
        r"(?s)(@v_3_del.*?)(#\[v_choice,2\]\n%[^\n]*\n)",
        r"\1",
        "expected 3 lines of v_3_del",
    ),
    "a word": (MARGINALS, r"%[^,\n]*,", "%much,", "expected numbers with commas between them, got “%much"),
    "a negative": (MARGINALS, r"%[^,\n]*,", "%-0.1,", "expected probabilities of v_choice, from 0 to 1"),
    "a nan": (MARGINALS, r"%[^,\n]*,", "%nan,", "expected probabilities of v_choice, from 0 to 1"),
    "a sum": (
        MARGINALS,
        r"%[^,\n]*,",
        "%0.99,",
        "line 4: expected probabilities of v_choice that add up to 1",
    ),
    "a dimension": (MARGINALS, r"\$Dim\[3\]", "$Dim[4]", r"expected \$Dim\[3\] for v_choice.*got \$Dim\[4\]"),
    "a torn dimension": (MARGINALS, r"\$Dim\[3\]", "$Dim[3", r"expected \$Dim\[N\]"),
    "an event twice": (MARGINALS, r"@j_choice", "@v_choice", "expected each event once"),
    "other parents": (MARGINALS, r"\[v_choice,", "[d_gene,", "to depend on v_choice, got d_gene"),
    "a head without event": (MARGINALS, r"@v_choice\n", "", "is this model_marginals.txt"),
    "no such section": (PARAMETERS, "@Event_list", "@Events", "expected a section @Event_list"),
    "an event less": (PARAMETERS, "v_3_del", "v_3_chew", "expected an event v_3_del"),
    "another kind": (PARAMETERS, "#Deletion;V_gene", "#Insertion;V_gene", "v_3_del"),
    "an unknown kind": (PARAMETERS, "#Deletion", "#Chewing", "expected #KIND;gene;side;priority;nickname"),
    "a germline of N": (
        PARAMETERS,
        "GATGTGCC",
        "GATGTGNC",
        r"line \d+: expected a germline of A, C, G and T.*got N",
    ),
    "a gene without germline": (PARAMETERS, ";GATGTGCCAGT", "", "expected %GENE;GERMLINE;INDEX"),
    "an index twice": (PARAMETERS, ";1\n", ";0\n", "expected each index once"),
    "an index left out": (PARAMETERS, ";2\n", ";7\n", "indices 0, 1, 2"),
    "a gene twice": (PARAMETERS, r"V2\*01", "V1*01", "expected each gene of v_choice once"),
    "letters out of order": (PARAMETERS, r"%A;0\n%C;1", "%C;0\n%A;1", "expected A, C, G, T in this order"),
    "deletions out of order": (PARAMETERS, r"%-1;0\n%0;1", "%0;0\n%-1;1", "rise by one with their index"),
    "a gene of an antibody": (PARAMETERS, r"%TR[AB]V", "%IGHV", "genes of TRA or of TRB alone"),
    "an anchor in words": (
        "V_gene_CDR3_anchors.csv",
        ",2,",
        ",two,",
        "expected a whole number of bases, got “two”",
    ),
    "a column less": (
        "J_gene_CDR3_anchors.csv",
        "function",
        "use",
        "expected the columns gene, anchor_index",
    ),
    "an anchor twice": ("J_gene_CDR3_anchors.csv", r"J2\*01", "J1*01", "expected each gene once"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_is_named_with_what_was_wanted(folder, broken):
    name, old, new, message = BROKEN[broken]
    change(folder, name, old, new)
    with pytest.raises(DataError, match=f"(?s){message}") as caught:
        read_igor(folder)
    assert name in str(caught.value) or broken in ("a gene of an antibody",)


def test_every_length_of_a_truncated_file_is_refused(folder):
    whole = (folder / MARGINALS).read_text()
    # The last byte is a line end, and the last digits of the last number may go without a trace.
    for keep in range(0, len(whole) - 12, 97):
        (folder / MARGINALS).write_text(whole[:keep])
        with pytest.raises(DataError):
            read_igor(folder)


@pytest.mark.parametrize(
    "name", [PARAMETERS, MARGINALS, "V_gene_CDR3_anchors.csv", "J_gene_CDR3_anchors.csv"]
)
def test_a_folder_without_one_of_its_files_is_no_model(folder, name):
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"no {re.escape(name)}"):
        read_igor(folder)


def test_a_folder_that_is_none_and_a_binary_file(folder, tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        read_igor(tmp_path / "modle")
    (folder / MARGINALS).write_bytes(b"PK\x03\x04\0\0\xff")
    with pytest.raises(DataError, match="expected a text file in UTF-8"):
        read_igor(folder)
