"""Sequences and tables of energies, as users hand them in."""

import numpy as np
import pytest

from thymos.evidence.datasets.contact_energies import CODEBOOK, RESIDUES, contact_energies
from thymos.io.energy_file import read_energies
from thymos.io.residue_file import read_residues
from thymos.lang.errors import DataError

TITLES = ("peptide", "epitope")


def written(folder, text, name="mine.txt"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "GILGFVFTL\nNLVPMVATV\n",
        "# of CMV\ngilgfvftl\r\n\r\nNLVPMVATV\r\n",
        "peptide\nGILGFVFTL\nNLVPMVATV\n",
        "name;epitope\na;GILGFVFTL\nb;NLVPMVATV\n",
        "peptides of a virus\nGILGFVFTL\nNLVPMVATV\n",
    ],
)
def test_lines_and_columns_are_read(tmp_path, text):
    assert read_residues(written(tmp_path, text), TITLES, 8, 11) == ["GILGFVFTL", "NLVPMVATV"]


def test_one_sequence_alone_is_read(tmp_path):
    assert read_residues(written(tmp_path, "GILGFVFTL"), TITLES, 8, 11) == ["GILGFVFTL"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("GILGFVFTL\nNLVPMVXTV\n", r"row 2: expected residues among .*, got 'NLVPMVXTV' with X"),
        ("GILGFVFTL\nNLV*MVATV\n", r"non-productive"),
        ("GILGFVFTL\nNLV\n", r"row 2: expected 8 to 11 residues, got 3, NLV"),
        ("peptide,n\nGILGFVFTL,1\n,2\n", r"row 3, column peptide: .*an empty cell"),
        ("a,b\nGILGFVFTL,1\n", r"a column named peptide or epitope"),
        ("peptide\n", r"at least one row"),
        ("", r"an empty sheet"),
    ],
)
def test_what_is_no_sequence_is_named(tmp_path, text, complaint):
    with pytest.raises(DataError, match=complaint):
        read_residues(written(tmp_path, text), TITLES, 8, 11)


def test_a_table_of_energies_in_any_order_is_the_same(tmp_path):
    rows = [[row[c] for c in ("residue", *RESIDUES)] for row in CODEBOOK.read()]
    turned = [["residue", *reversed(RESIDUES)], *([r[0], *reversed(r[1:])] for r in reversed(rows))]
    path = written(tmp_path, "\n".join(",".join(row) for row in turned), "mine.csv")
    assert np.array_equal(read_energies(path), contact_energies())


def sheet(change=lambda a, b: "-3.1", first="residue", letters=RESIDUES):
    head = ",".join((first, *letters))
    return "\n".join((head, *(",".join((a, *(change(a, b) for b in letters))) for a in letters)))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (sheet(lambda a, b: "strong" if (a, b) == ("C", "D") else "-3"), r"row 3, column D: .*got 'strong'"),
        (sheet(lambda a, b: "nan"), r"row 2, column A: .*got 'nan'"),
        (sheet(lambda a, b: "-1e6"), r"within 1000, got '-1e6'"),
        (sheet(letters=RESIDUES[:-1]), r"got Y missing"),
        (sheet(letters=RESIDUES + "X"), r"got X unknown"),
        (sheet(first="aa"), r"got no residue in front"),
        (sheet() + "\n" + sheet().splitlines()[1], r"got A twice"),
    ],
)
def test_what_is_no_table_of_energies_is_named(tmp_path, text, complaint):
    with pytest.raises(DataError, match=complaint):
        read_energies(written(tmp_path, text, "mine.csv"))
