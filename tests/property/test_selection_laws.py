"""Laws of thymic selection, for any receptors, peptides and thresholds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.biology.repertoire.genetic_code import NO_RESIDUE
from thymos.biology.repertoire.selection import contact_energy as of
from thymos.biology.repertoire.selection import peptides as p
from thymos.biology.repertoire.selection.contacts import contacts_of, random_receptors
from thymos.biology.repertoire.selection.host import Host, Outcome, Recognition, drawn_host
from thymos.biology.repertoire.selection.marginals import shift
from thymos.biology.repertoire.selection.pathogen import KINDS, answering, pathogen
from thymos.biology.repertoire.selection.thresholds import Thresholds, around
from thymos.lang.errors import StudyError
from thymos.lang.streams import stream

SEEDS = st.integers(0, 2**32)


def host(seed, negative=-2400, positive=-2150, peptides=200):
    return drawn_host(seed, 0, of.random_energies(seed, 0), Thresholds(negative, positive), peptides, 0.8)


@given(SEEDS, st.integers(-3000, -1500), st.integers(1, 800))
@settings(max_examples=20)
def test_each_receptor_has_one_outcome_and_survivors_bind_no_self_too_strongly(seed, negative, width):
    one = host(seed, negative, negative + width)
    receptors = random_receptors(150, stream(seed, "tests"))
    outcome, lowest = one.select(receptors), one.strongest_self(receptors)
    assert np.isin(outcome, list(Outcome)).all()
    assert (lowest[outcome == Outcome.deleted] <= negative).all()
    alive = lowest[outcome == Outcome.survives]
    assert ((alive > negative) & (alive <= negative + width)).all()
    cells = one.mature(receptors)
    assert len(cells) == len(alive)
    assert np.array_equal(cells.strongest_self, alive)
    assert (
        cells.recognition(one.thymic).hits.sum() == 0
    )  # tolerance: what the thymus presents, no survivor attacks


@given(SEEDS)
@settings(max_examples=10)
def test_more_self_deletes_more_and_neglects_less(seed):
    one = host(seed)
    receptors = random_receptors(200, stream(seed, "tests"))
    less = replace(one, thymic=one.thymic[: len(one.thymic) // 2])
    more, fewer = (np.bincount(x.select(receptors), minlength=3) for x in (one, less))
    assert more[Outcome.deleted] >= fewer[Outcome.deleted]
    assert more[Outcome.neglected] <= fewer[Outcome.neglected]


@given(SEEDS, st.integers(-300, 300))
@settings(max_examples=10)
def test_hla_moves_energies_as_it_would_the_thresholds(seed, energy):
    one = host(seed)
    receptors = random_receptors(200, stream(seed, "tests"))
    with_hla = replace(one, by_v=np.array([energy], dtype=np.int16))
    moved = one.at(Thresholds(-2400 - energy, -2150 - energy))
    assert np.array_equal(with_hla.select(receptors), moved.select(receptors))
    foreign = p.random_peptides(50, stream(seed, "tests.foreign"))
    found = (x.recognition(foreign, receptors).hits for x in (with_hla, moved))
    assert np.array_equal(*found)


@given(SEEDS)
@settings(max_examples=10)
def test_a_receptor_keeps_its_energies_whoever_else_is_there(seed):
    energies = of.random_energies(seed, 0)
    residues = contacts_of(random_receptors(50, stream(seed, "tests")))
    order = np.random.default_rng(seed).permutation(50)
    assert np.array_equal(energies.tables(residues)[order], energies.tables(residues[order]))


def test_hosts_have_streams_of_their_own():
    one, other = (drawn_host(1, i, of.random_energies(1, i), around(-24, 2), 100, 0.8) for i in (0, 1))
    assert not np.array_equal(one.thymic, other.thymic)
    receptors = random_receptors(20, stream(1, "tests"))
    assert not np.array_equal(one.strongest_self(receptors), other.strongest_self(receptors))
    again = drawn_host(1, 1, of.random_energies(1, 1), around(-24, 2), 100, 0.8)
    assert np.array_equal(again.thymic, other.thymic)


@given(SEEDS, st.integers(1, 9))
@settings(max_examples=20)
def test_a_point_mutant_differs_in_one_contact(seed, contacts):
    rng = stream(seed, "tests")
    every = p.random_peptides(30, rng, contacts)
    mutants = p.point_mutants(every, 100, rng)
    distance = (mutants[:, None] != every[None]).sum(axis=2)
    assert (mutants < 20).all()
    assert (distance.min(axis=1) <= 1).all()
    # One that hits another self peptide by chance is rare, yet no fault; with one contact every mutant may.
    assert contacts == 1 or (distance.min(axis=1) == 1).mean() > 0.5


@pytest.mark.parametrize("residue", range(20))
def test_a_substitute_is_never_the_residue_itself(residue):
    same = np.full((5000, 1), residue, dtype=np.uint8)
    p.substituted(same, np.zeros(5000, dtype=np.intp), stream(1, "tests"))
    assert residue not in same
    assert len(np.unique(same)) == 19


def test_contacts_are_the_middle_of_the_loop():
    from thymos.biology.repertoire.receptors import packed

    gene = np.zeros(4, dtype=np.int16)
    receptors = packed(["CASSLGQAYEQYF", "CASSLGQAYEQYFF", "CASSF", "CAF"], gene, gene)
    letters = np.array([*"ACDEFGHIKLMNPQRSTVWY", "-"])
    seen = ["".join(letters[np.minimum(row, 20)]) for row in contacts_of(receptors)]
    assert seen == ["LGQAY", "LGQAY", "CASSF", "CAF--"]
    assert (contacts_of(receptors)[3, 3:] == NO_RESIDUE).all()


def test_a_receptor_sees_positions_four_to_eight_of_nine():
    assert p.of_text(["AAALGQAYA", "LGQAY"]).tolist() == 2 * [p.of_text(["LGQAY"])[0].tolist()]
    for length in range(8, 12):
        assert p.of_text(["A" * length]).shape == (1, 5)
    assert p.of_text(["GILGFVFTL"], 9).shape == (1, 9)


def test_both_chains_add_up_on_the_same_peptide():
    beta, alpha = of.random_energies(1, 0), of.random_energies(1, 0, chain="alpha")
    both = of.Paired(beta, alpha)
    thymus = Host(p.random_peptides(50, stream(1, "s")), np.empty((0, 5), np.uint8), both, around(-50, None))
    one, other = (random_receptors(30, stream(1, name)) for name in ("beta", "alpha"))
    tables = beta.tables(contacts_of(one)).astype(int) + alpha.tables(contacts_of(other))
    truth = tables[:, np.arange(5)[:, None], thymus.thymic.T].sum(axis=1).min(axis=1)
    assert np.array_equal(thymus.strongest_self(one, other), truth)


def test_weights_scale_contacts():
    plain = of.miyazawa_jernigan()
    doubled = of.Weighted(plain, (2.0,) * 5)
    residues = contacts_of(random_receptors(10, stream(1, "w")))
    assert np.array_equal(doubled.tables(residues), 2 * plain.tables(residues))


@pytest.mark.parametrize(
    "make",
    [
        lambda: of.of_table(np.full((20, 20), -7000)),
        lambda: of.OfResidues(np.full((5, 20, 20), -6554, dtype=np.int16)),
        lambda: of.Weighted(of.miyazawa_jernigan(), (10.0,) * 5),
        lambda: of.OfReceptors(np.uint64(1), 5, -60.0, 2.0),
        lambda: replace(host(1), by_v=np.array([32_000], dtype=np.int16)),
    ],
)
def test_energies_that_would_leave_sixteen_bits_are_refused(make):
    with pytest.raises(StudyError, match=r"below 327\.67 kT, got"):
        make()


def test_the_largest_energies_that_fit_are_taken():
    assert of.of_table(np.full((20, 20), -6553)).largest == 32_765


def test_intervals_of_recognition():
    # Clopper and Pearson: with no hit of n, 1 - 0.025^(1/n).
    asked = Recognition(np.array([0, 3, 200]), 200)
    assert asked.upper[0] == pytest.approx(1 - 0.025 ** (1 / 200))
    assert asked.upper[2] == 1
    assert asked.probability.tolist() == [0, 0.015, 1]
    assert asked.error[1] == pytest.approx(np.sqrt(0.015 * 0.985 / 200))
    assert np.isnan(Recognition(np.array([0]), 0).probability).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_pathogen_is_the_same_for_all_hosts_and_a_tumour_is_not(kind):
    one, other = (drawn_host(1, i, of.random_energies(1, i), around(-24, 2), 100, 0.8) for i in (0, 1))
    same = np.array_equal(*(pathogen(kind, x, 20, 1).peptides for x in (one, other)))
    assert same == (kind != "tumour")
    assert bool(pathogen(kind, one, 20, 1).note) == (kind == "fungus")
    cells = one.mature(random_receptors(2000, stream(1, "tests")))
    p_any, error = answering(cells, pathogen(kind, one, 20, 1))
    assert 0 <= p_any <= 20 * cells.recognition(pathogen(kind, one, 20, 1).peptides).mean + 1e-12
    assert error >= 0


def test_selection_that_keeps_all_moves_nothing():
    receptors = random_receptors(100, stream(1, "tests"))
    # Weights of 0.3 are not summed to the same last digit.
    assert max(shift(receptors, np.full(100, 0.3)).values()) < 1e-15
    assert all(np.isnan(x) for x in shift(receptors, np.zeros(100)).values())
