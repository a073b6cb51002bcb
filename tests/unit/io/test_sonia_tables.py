import re

import pytest

from thymos.io.sonia_tables import gene_key, read_sonia
from thymos.lang.errors import DataError
from tiny_sonia import write_tiny_sonia


@pytest.fixture
def folder(tmp_path):
    write_tiny_sonia(tmp_path)
    return tmp_path


def test_features_go_where_their_names_say(folder):
    tables = read_sonia(folder)
    assert (tables.z, tables.low, tables.high) == (0.9, -5.0, 10.0)
    assert tables.length[3] == 0.1
    assert tables.left["C", 0] == 0.2
    assert tables.right["F", 0] == -0.3
    assert tables.pair["1", "1"] == 0.4
    assert tables.generated["1", "1"] == 0.25


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("TRAV14/DV4*01", "14dv4"),
        ("v14/d4", "14dv4"),
        ("TRBV20-1*01", "20-1"),
        ("TRBJ2-7*01", "2-7"),
        ("j2-7", "2-7"),
        ("TRAV38-2/DV8*01", "38-2dv8"),
    ],
)
def test_genes_are_named_alike(name, key):
    assert gene_key(name) == key


BROKEN = {
    "no energy": ("features.tsv", "l3,0.1", "l3,", r"row \d+, column Energy: expected a number"),
    "an infinite energy": ("features.tsv", "l3,0.1", "l3,inf", "expected a number, got “inf”"),
    "another feature": ("features.tsv", "l3,", "h_l3,", "expected a feature such as l14"),
    "another header": ("features.tsv", "Energy", "E", "expected a column Energy"),
    "a kind less": ("features.tsv", "(?m)^v.*\n", "", "expected features of V and J, got none"),
    "no norm": ("log.txt", "Z =0.9\n", "", "got no Z"),
    "a norm in words": ("log.txt", "Z =0.9", "Z =one", "log.txt line 1: expected Z = a number"),
    "a norm of zero": ("log.txt", "Z =0.9", "Z =0", "expected Z above 0"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_file_is_named_with_what_was_wanted(folder, broken):
    name, old, new, message = BROKEN[broken]
    text = (folder / name).read_text()
    assert re.search(old, text)
    (folder / name).write_text(re.sub(old, new, text))
    with pytest.raises(DataError, match=message):
        read_sonia(folder)


def test_a_folder_that_is_none(folder):
    with pytest.raises(DataError, match="no such folder"):
        read_sonia(folder / "there")
    (folder / "log.txt").unlink()
    with pytest.raises(DataError, match=r"got no log\.txt"):
        read_sonia(folder)
