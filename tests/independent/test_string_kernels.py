"""The loops over lanes against sums written out in Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.biology.repertoire.selection import contact_energy as of
from thymos.biology.repertoire.selection.affinity import bonds, recognised, strongest
from thymos.biology.repertoire.selection.lanes import (
    RUN,
    lowest_5,
    lowest_9,
    lowest_any,
    tally_5,
    tally_9,
    tally_any,
)

ENERGIES = {
    "miyazawa-jernigan": of.miyazawa_jernigan,
    "random": lambda n: of.random_energies(7, 0, n),
    "random-table": lambda n: of.random_table(7, 0, n),
}


def residues(seed, number, contacts):
    return np.random.default_rng(seed).integers(0, 20, (number, contacts)).astype(np.uint8)


def written_out(tables, peptides):
    """Every energy (chain, peptide), by three loops."""
    return np.array(
        [[sum(int(table[i, a]) for i, a in enumerate(peptide)) for peptide in peptides] for table in tables]
    )


@pytest.mark.parametrize("contacts", range(1, 11))
@pytest.mark.parametrize("name", ENERGIES)
def test_minima_and_counts_are_those_of_brute_force(name, contacts):
    energies = ENERGIES[name](contacts)
    receptors, peptides = residues(1, 67, contacts), residues(2, 41, contacts)  # no multiple of 64 lanes
    truth = written_out(energies.tables(receptors), peptides)
    limit = int(np.quantile(truth, 0.1))
    counted = recognised(receptors, peptides, energies, limit)
    assert np.array_equal(strongest(receptors, peptides, energies), truth.min(axis=1))
    assert np.array_equal(bonds(receptors, peptides, energies), truth)
    assert np.array_equal(counted.by_receptor, (truth <= limit).sum(axis=1))
    assert np.array_equal(counted.by_peptide, (truth <= limit).sum(axis=0))


@pytest.mark.parametrize("contacts", [1, 5, 9, 10])
def test_what_no_table_touches_changes_nothing(contacts):
    # A receptor without contacts binds nothing: all of its energies are 0.
    energies = of.miyazawa_jernigan(contacts)
    none = np.full((3, contacts), 255, dtype=np.uint8)
    assert (strongest(none, residues(2, 10, contacts), energies) == 0).all()


@given(st.integers(1, 130), st.integers(1, 70), st.integers(-8000, 0))
@settings(max_examples=25)
def test_unrolled_loops_equal_the_plain_one(chains, number, limit):
    for contacts, lowest, tally in ((5, lowest_5, tally_5), (9, lowest_9, tally_9)):
        tables = of.random_energies(3, 0, contacts).tables(residues(chains, chains, contacts))
        peptides = residues(number, number, contacts)
        found = [np.empty(chains, dtype=np.int16) for _ in range(2)]
        by_chain = [np.zeros(chains, dtype=np.int64) for _ in range(2)]
        by_peptide = [np.zeros(number, dtype=np.int64) for _ in range(2)]
        for i, (low, count) in enumerate(((lowest, tally), (lowest_any, tally_any))):
            low(tables, peptides, found[i])
            count(tables, peptides, limit, by_chain[i], by_peptide[i])
        assert np.array_equal(*found)
        assert np.array_equal(*by_chain)
        assert np.array_equal(*by_peptide)


def test_blocks_and_threads_give_the_same_counts():
    energies = of.random_energies(1, 0)
    receptors, peptides = residues(1, 2500, 5), residues(2, 300, 5)  # three blocks, the last one short
    one, two = (recognised(receptors, peptides, energies, -2200, workers=n) for n in (1, 2))
    assert one.by_receptor.sum() == one.by_peptide.sum() > 0
    assert np.array_equal(one.by_receptor, two.by_receptor)
    assert np.array_equal(one.by_peptide, two.by_peptide)
    alone = [strongest(receptors[i : i + 1], peptides, energies)[0] for i in (0, 1023, 1024, 2499)]
    assert np.array_equal(strongest(receptors, peptides, energies, workers=2)[[0, 1023, 1024, 2499]], alone)


@pytest.mark.parametrize("contacts", [5, 9, 4])
def test_counts_of_more_peptides_than_a_lane_can_hold(contacts):
    peptides = residues(1, 2 * RUN + 5, contacts)
    counted = recognised(residues(2, 3, contacts), peptides, of.miyazawa_jernigan(contacts), 40_000)
    assert (counted.by_receptor == len(peptides)).all()
    assert (counted.by_peptide == 3).all()  # lanes without a receptor count nowhere, whatever the limit


def test_an_offset_moves_all_bonds_of_a_receptor():
    energies, receptors, peptides = of.miyazawa_jernigan(), residues(1, 70, 5), residues(2, 90, 5)
    offsets = np.arange(70, dtype=np.int16) - 35
    plain, moved = (strongest(receptors, peptides, energies, x) for x in (None, offsets))
    assert np.array_equal(moved, plain + offsets)
    assert np.array_equal(bonds(receptors, peptides, energies, offsets).min(axis=1), moved)
