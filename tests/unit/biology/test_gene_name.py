import pytest

from thymos.biology.repertoire.vdj.gene_name import GeneIndex, Level
from thymos.lang.errors import DataError

NAMES = ("TRBV6-5*01", "TRBV6-5*02", "TRBV6-6*01", "TRBV20-1*01", "TRAV29/DV5*01")


@pytest.mark.parametrize(
    ("name", "family", "gene"),
    [
        ("TRBV6-5*01", "TRBV6", "TRBV6-5"),
        ("TRAV29/DV5*01", "TRAV29", "TRAV29/DV5"),
        ("TRBJ2-7", "TRBJ2", "TRBJ2-7"),
        ("TRAJ9*01", "TRAJ9", "TRAJ9"),
    ],
)
def test_parts_of_a_name(name, family, gene):
    assert [level.of(name) for level in Level] == ["", family, gene, name]


def test_a_gene_is_found_as_far_as_the_level_goes():
    assert GeneIndex(NAMES, Level.allele, "V")("TRBV6-5*02", "") == 1
    assert GeneIndex(NAMES, Level.gene, "V")("TRBV6-6*99", "") == 2
    assert GeneIndex(NAMES, Level.family, "V")("trbv6-9", "") == 0
    assert GeneIndex(NAMES, Level.family, "V")("TRAV29", "") == 4


def test_of_several_names_the_first_counts_and_an_empty_one_is_any():
    index = GeneIndex(NAMES, Level.gene, "V")
    assert index("TRBV20-1*01,TRBV6-5*01", "") == 3
    assert index("", "") == -1
    assert GeneIndex(NAMES, Level.none, "V")("TRBV6-5*01", "") == -1


def test_an_unknown_gene_names_the_nearest():
    with pytest.raises(
        DataError, match=r"row 3: expected a V gene of the model, got “TRBV6-55”(?s:.*)TRBV6-5"
    ):
        GeneIndex(NAMES, Level.gene, "V")("TRBV6-55", "row 3")
