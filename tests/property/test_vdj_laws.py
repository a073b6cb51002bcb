"""Laws of drawn chains that hold for any seed, number and number of workers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.biology.repertoire.genetic_code import AMINO_ACIDS, CODONS, STOP
from thymos.biology.repertoire.receptors import LONGEST
from thymos.biology.repertoire.vdj.alias import WORD, AliasTables
from thymos.biology.repertoire.vdj.drawn import BLOCK, Sampler, draw, draw_pairs
from thymos.biology.repertoire.vdj.installed import recombination
from thymos.lang.errors import RunError
from tiny_igor import tiny


@pytest.fixture(params=["TRB", "TRA"], scope="module")
def model(request):
    return recombination("invented", request.param)


def same(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("residues", "length", "v", "j", "bases")
    )


@given(n=st.integers(0, 3 * BLOCK + 5), seed=st.integers(0, 2**40))
@settings(max_examples=10)
def test_chains_are_the_same_for_any_number_of_workers(model, n, seed):
    alone = draw(model, n, seed, bases=True)
    assert len(alone) == n
    assert same(alone, draw(model, n, seed, bases=True, workers=3))


def test_fewer_chains_are_the_first_ones_and_later_ones_go_on(model):
    sampler = Sampler(model)
    whole = sampler.draw(3 * BLOCK, 4, bases=True)
    assert same(sampler.draw(BLOCK + 17, 4, bases=True), whole.take(slice(0, BLOCK + 17)))
    assert same(sampler.draw(BLOCK, 4, bases=True, first=2 * BLOCK), whole.take(slice(2 * BLOCK, None)))
    without = sampler.draw(BLOCK, 4)
    assert without.bases is None
    assert np.array_equal(without.residues, whole.residues[:BLOCK])
    assert not np.array_equal(sampler.draw(BLOCK, 5).residues, without.residues)


@given(seed=st.integers(0, 2**40))
@settings(max_examples=10)
def test_every_chain_is_productive_and_is_what_its_bases_say(model, seed):
    chains = draw(model, 500, seed, bases=True)
    for row, n, bases in zip(chains.residues, chains.length, chains.bases, strict=True):
        codons = bases[: 3 * int(n)].reshape(-1, 3).astype(int) @ [16, 4, 1]
        assert np.array_equal(row[:n], CODONS[codons])
        assert STOP not in row[:n]
        assert (row[n:] == 255).all()
        assert (bases[3 * int(n) :] == 255).all()
    ends = chains.residues[np.arange(500), chains.length - 1]
    assert set(chains.residues[:, 0]) == {AMINO_ACIDS.index("C")}
    assert set(ends) <= {AMINO_ACIDS.index(letter) for letter in "FVW"}
    assert chains.length.max() <= LONGEST
    assert all(model.v[k].bases.size for k in chains.v)


def test_chains_of_a_pair_are_those_of_either_locus_alone():
    alpha, beta = (recombination("invented", locus) for locus in ("TRA", "TRB"))
    pair = draw_pairs(alpha, beta, 100, 3)
    for chains, model in zip(pair, (alpha, beta), strict=True):
        assert np.array_equal(chains.residues, draw(model, 100, 3).residues)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30).filter(lambda w: sum(w) > 1e-3))
def test_an_alias_table_gives_each_outcome_its_weight(weights):
    weights = np.array(weights)
    tables = AliasTables.of([(weights, np.arange(len(weights)) + 7)])
    got = np.zeros(len(weights))
    size = len(tables.outcome)
    for k in range(size):
        kept = tables.threshold[k] / WORD
        own, other = tables.outcome[k] - 7
        got[own] += kept / size
        got[other] += (1 - kept) / size
    np.testing.assert_allclose(got, weights / weights.sum(), atol=2.0 / WORD, rtol=0)


def test_a_model_of_stops_alone_is_refused_and_does_not_run_for_ever():
    model = tiny("TRA")
    stop = np.array([3, 2, 3, 3, 2, 0], dtype=np.uint8)
    stopped = tuple(replace(gene, bases=stop if gene.bases.size else gene.bases) for gene in model.v)
    # TGTTGA without deletions.
    uncut = np.zeros_like(model.deletion_v)
    uncut[:, 0] = 1
    with pytest.raises(RunError, match="expected a productive chain in 100,000 tries"):
        draw(replace(model, v=stopped, deletion_v=uncut), 10, 1)


def test_a_model_without_chains_in_frame_is_refused():
    model = tiny("TRB")
    none = tuple(replace(gene, bases=gene.bases[:0]) for gene in model.v)
    with pytest.raises(RunError, match="rearrangements in frame"):
        Sampler(replace(model, v=none))


@pytest.mark.parametrize(("n", "first"), [(-1, 0), (10, 5), (10, -BLOCK)])
def test_what_cannot_be_drawn_is_refused(model, n, first):
    with pytest.raises(RunError, match="drawn chains"):
        Sampler(model).draw(n, 1, first=first)
