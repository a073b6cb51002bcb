"""Every recombination of a tiny model is written down; `Pgen` must say how often each CDR3 is among them."""

from collections import defaultdict

import numpy as np
import pytest

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, CODONS, NUCLEOTIDES, STOP
from thymos.biology.repertoire.receptors import packed
from thymos.biology.repertoire.vdj.gene_name import Level
from thymos.biology.repertoire.vdj.pgen import Pgen
from thymos.biology.repertoire.vdj.productive import productive_share
from tiny_igor import every_chain, tiny

# Two programmes add the same thousands of terms in another order.
ORDER = 1e-12


def _translated(bases):
    codes = np.frombuffer(bases, dtype=np.uint8).reshape(-1, 3)
    return CODONS[codes @ np.array([16, 4, 1])]


def _readable(model):
    """Chains in frame without a stop that begin with C: (bases, amino acids, v, j) and probability."""
    for (bases, v, j), p in every_chain(model).items():
        if len(bases) % 3 == 0 and p > 0:
            residues = _translated(bases)
            if residues[0] == AMINO_ACIDS.index("C") and STOP not in residues:
                letters = "".join(AMINO_ACIDS[r] for r in residues)
                yield "".join(NUCLEOTIDES[b] for b in bases), letters, v, j, p


@pytest.fixture(scope="module", params=["TRB", "TRA"])
def tiny_model(request):
    model = tiny(request.param)
    return model, Pgen(model), list(_readable(model))


def _summed(pairs):
    found = defaultdict(float)
    for key, p in pairs:
        found[key] += p
    return found


def test_every_cdr3_of_bases_has_its_frequency(tiny_model):
    _, pgen, chains = tiny_model
    truth = _summed((bases, p) for bases, _, _, _, p in chains)
    assert len(truth) > 500
    np.testing.assert_allclose(pgen.of_texts(list(truth)), list(truth.values()), rtol=ORDER)


def test_every_cdr3_of_amino_acids_has_its_frequency(tiny_model):
    _, pgen, chains = tiny_model
    truth = _summed((residues, p) for _, residues, _, _, p in chains)
    assert len(truth) > 200
    np.testing.assert_allclose(pgen.of_texts(list(truth)), list(truth.values()), rtol=ORDER)


@pytest.mark.parametrize(("level_v", "level_j"), [("allele", "allele"), ("allele", "none"), ("none", "gene")])
def test_so_it_has_with_genes_given(tiny_model, level_v, level_j):
    _, pgen, chains = tiny_model
    v_level, j_level = Level(level_v), Level(level_j)
    truth = _summed(
        ((residues, v if level_v != "none" else -1, j if level_j != "none" else -1), p)
        for _, residues, v, j, p in chains
    )
    cdr3, v, j = zip(*truth, strict=True)
    receptors = packed(list(cdr3), np.array(v, dtype=np.int16), np.array(j, dtype=np.int16))
    np.testing.assert_allclose(pgen.of(receptors, v_level, j_level), list(truth.values()), rtol=ORDER)


def test_what_no_recombination_makes_has_probability_zero(tiny_model):
    _, pgen, _ = tiny_model
    assert pgen.of_texts(["CWWWWWWWWWWWWWWF", "CF" * 20]).tolist() == [0, 0]


def test_productive_cdr3s_sum_to_the_productive_share(tiny_model):
    model, pgen, chains = tiny_model
    productive = sorted({residues for _, residues, _, _, _ in chains if residues[-1] in "FVW"})
    assert np.sum(pgen.of_texts(productive)) == pytest.approx(productive_share(model), rel=ORDER)
