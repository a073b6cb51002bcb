"""Laws of the generation probability, on the invented model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS
from thymos.biology.repertoire.vdj.drawn import draw
from thymos.biology.repertoire.vdj.families import AMBIGUOUS, CODON, LETTERS, RESIDUES, families
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.biology.repertoire.vdj.pgen import Pgen


@pytest.fixture(scope="module", params=["TRB", "TRA"])
def drawn(request):
    model = recombination("invented", request.param)
    return Pgen(model), draw(model, 300, seed=5, bases=True)


@given(codons=sampled_from(range(2**16)), more=integers(0, 2**48 - 1))
def test_families_hold_their_codons_each_once(codons, more):
    mask = codons | more << 16
    wanted = [c for c in range(64) if mask >> c & 1]
    held = [
        16 * a + 4 * b + c
        for box in families(wanted)
        for a in range(4) for b in range(4) for c in range(4)
        if box[0] >> a & box[1] >> b & box[2] >> c & 1
    ]  # fmt: skip
    assert sorted(held) == wanted


def test_only_three_amino_acids_need_two_families():
    most = LETTERS.family[: len(AMINO_ACIDS)].max(axis=(1, 2)) + 1
    assert [RESIDUES[i] for i in np.flatnonzero(most > 1)] == ["L", "R", "S"]
    assert most.max() == 2
    assert LETTERS.number[CODON:].max() == 1


def test_what_was_drawn_is_possible_whatever_is_given(drawn):
    pgen, chains = drawn
    any_gene, bases = pgen.of(chains), pgen.of_bases(chains)
    family, allele = (pgen.of(chains, level, level) for level in (Level.family, Level.allele))
    assert (allele > 0).all()
    assert (allele <= family * (1 + 1e-12)).all()
    assert (family <= any_gene * (1 + 1e-12)).all()
    assert (bases > 0).all()
    assert (bases <= any_gene * (1 + 1e-12)).all()


def test_genes_share_the_probability_out_between_them(drawn):
    pgen, chains = drawn
    some = chains.take(slice(20))
    by_gene = np.zeros(20)
    for v in range(len(pgen.model.v)):
        here = type(some)(some.residues, some.length, np.full(20, v, np.int16), some.j)
        by_gene += pgen.of(here, Level.allele)
    np.testing.assert_allclose(by_gene, pgen.of(some), rtol=1e-12)


@pytest.mark.parametrize("letter", sorted(AMBIGUOUS))
def test_an_ambiguous_letter_is_the_sum_of_what_it_means(drawn, letter):
    pgen, chains = drawn
    for text in chains.take(slice(8)).cdr3():
        middle = len(text) // 2
        one = [text[:middle] + residue + text[middle + 1 :] for residue in AMBIGUOUS[letter]]
        whole = text[:middle] + letter + text[middle + 1 :]
        np.testing.assert_allclose(pgen.of_texts([whole])[0], pgen.of_texts(one).sum(), rtol=1e-12)


def test_threads_and_neighbours_change_no_bit(drawn, monkeypatch):
    pgen, chains = drawn
    alone = np.concatenate([pgen.of(chains.take(slice(i, i + 1))) for i in range(40)])
    monkeypatch.setattr("thymos.biology.repertoire.vdj.pgen.BLOCK", 7)
    assert pgen.of(chains, workers=3)[:40].tobytes() == alone.tobytes()


def test_nothing_has_no_probability(drawn):
    pgen, chains = drawn
    assert pgen.of(chains.take(slice(0))).shape == (0,)
