"""The table of contact energies and the shares of residues, against their sources."""

import csv

import numpy as np
import pytest

from thymos.evidence.bibliography import references
from thymos.evidence.datasets import contact_energies as c
from thymos.evidence.datasets import residue_frequencies as f


@pytest.mark.parametrize("codebook", [c.CODEBOOK, f.CODEBOOK], ids=lambda c: c.name)
def test_the_table_is_the_one_its_codebook_describes(codebook):
    rows = codebook.read()
    assert [row["residue"] for row in rows] == list(c.RESIDUES)
    assert {row["source"] for row in rows} <= set(references())


def test_the_licence_of_the_copy_comes_with_it():
    text = (c.CODEBOOK.file.parent / "contact_energies.LICENCE.txt").read_text()
    assert "Copyright (c) 2021 Adam McKenna" in text
    assert "contact_energies.csv" in (c.CODEBOOK.file.parents[4] / "NOTICE").read_text()


def test_energies_are_symmetric_and_as_published():
    table = c.contact_energies()
    at = c.RESIDUES.index
    assert (table == table.T).all()
    # Table 3 of the article: the extremes, and two on the diagonal.
    assert (table.min(), table.max()) == (table[at("L"), at("L")], table[at("K"), at("K")]) == (-737, -12)
    assert (table[at("A"), at("A")], table[at("C"), at("C")]) == (-272, -544)


def test_energies_equal_the_copy_of_the_reference_tables(shared):
    with (shared / "data/aaindex/miyazawa_jernigan_MIYS960101.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    for row in rows:
        for letter, text in zip(head[1:], row[1:], strict=True):
            pair = c.RESIDUES.index(row[0]), c.RESIDUES.index(letter)
            assert c.contact_energies()[pair] == round(100 * float(text))


def test_shares_sum_to_one_and_cannot_be_written_to():
    assert f.residue_frequencies().sum() == pytest.approx(1, abs=1e-15)
    with pytest.raises(ValueError, match="read-only"):
        f.residue_frequencies()[0] = 1
    assert np.argmax(f.residue_frequencies()) == c.RESIDUES.index("L")
