"""Precursors and responses against closed forms of other hands, and against clones that are drawn one by one."""

import numpy as np
import pytest
from scipy import stats

from thymos.biology.repertoire.antigens.peptides import KINDS, evidence, given, usual
from thymos.biology.repertoire.antigens.precursors import covered, precursors
from thymos.biology.repertoire.antigens.response import (
    answered,
    at_least,
    first_day,
    in_tissue,
    one_cell_clones,
)
from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.lang.errors import RunError, StudyError


@pytest.mark.parametrize("quorum", [1, 2, 10])
def test_clones_of_one_cell_answer_as_in_the_article(quorum):
    cells, p = np.array([400.0, 4e4, 4e5]), np.array([1e-6, 1e-4, 1e-3])
    found = answered(p, one_cell_clones(cells, quorum), quorum)
    np.testing.assert_allclose(found, stats.poisson.sf(quorum - 1, cells[:, None] * p), rtol=1e-9, atol=1e-14)


def test_clones_of_many_sizes_against_draws():
    # Two classes: few large clones, many small ones; a fifth of all cells is in the tissue.
    clones = Clones(np.array([300.0, 2000.0]), Kendall(np.array([30.0, 1.5]), np.array([40.0, 1.0])))
    p, quorum, repeats = np.array([3e-4, 3e-3]), 5, 200_000
    found = answered(p, in_tissue(clones, 0.2 * clones.cells, quorum), quorum)
    rng = np.random.default_rng(4)
    for chance, expected in zip(p, found, strict=True):
        total = np.zeros(repeats, dtype=np.int64)
        for number, m, B in zip(clones.number, clones.law.m, clones.law.B, strict=True):
            # A clone that is alive has a geometric size; the cells of the tissue are a binomial part of it.
            founders = rng.poisson(number * chance * m / (1 + B), repeats)
            sizes = rng.geometric(1 / (1 + B), founders.sum())
            np.add.at(total, np.repeat(np.arange(repeats), founders), rng.binomial(sizes, 0.2))
        drawn = (total >= quorum).mean()
        assert abs(drawn - expected) < 4 * np.sqrt(expected * (1 - expected) / repeats)


def test_large_clones_answer_rarer_peptides_less_often():
    even = Clones(np.array([1e5]), Kendall(np.array([1.0]), np.array([0.0])))
    uneven = Clones(np.array([1e3]), Kendall(np.array([100.0]), np.array([99.0])))
    assert even.cells == uneven.cells
    p = np.array([1e-3])
    few, many = (answered(p, in_tissue(c, np.array(4e4), 10), 10)[0] for c in (uneven, even))
    assert few < 0.7 < 0.999 < many


def test_a_tissue_holds_no_more_cells_than_there_are():
    clones = Clones(np.array([[50.0], [0.0]]), Kendall(np.array([2.0]), np.array([3.0])))
    alive, sizes = in_tissue(clones, np.array(1e6), 4)
    np.testing.assert_allclose(alive, [25.0, 0.0])
    assert answered(np.array([0.5]), (alive, sizes), 4)[1] == 0


def test_a_share_of_equal_peptides_is_binomial():
    p = np.full((3, 20), 0.3)
    np.testing.assert_allclose(at_least(0.35, p), stats.binom.sf(6, 20, 0.3), rtol=1e-12)
    np.testing.assert_allclose(at_least(0.0, p), 1, rtol=1e-12)
    np.testing.assert_allclose(at_least(1.0, p), 0.3**20, rtol=1e-9)
    with pytest.raises(RunError, match="a share from 0 to 1"):
        at_least(1.5, p)


def test_unequal_peptides_against_all_their_combinations():
    p = np.array([0.1, 0.5, 0.9, 0.3])
    combos = (np.arange(16)[:, None] >> np.arange(4)) & 1
    weight = np.where(combos, p, 1 - p).prod(axis=1)
    for n in range(5):
        assert at_least(n / 4, p) == pytest.approx(weight[combos.sum(axis=1) >= n].sum(), rel=1e-12)


def test_first_day_is_interpolated_and_infinite_where_never():
    times = [0.0, 10.0, 20.0]
    p = np.array([[0, 0.4, 0.9], [0.6, 0.7, 0.8], [0, 0.1, 0.2], [0, np.nan, 0.9], [0, 0.5, 0.2]])
    np.testing.assert_allclose(first_day(times, p, 0.5), [12, 0, np.inf, np.nan, 10])


def test_precursors_of_the_measured_range():
    virus = usual("virus", 4)
    low, high = (evidence()[name].value for name in ("lowest", "highest"))
    np.testing.assert_allclose(np.diff(np.log(virus.probability)), np.log(high / low) / 4)
    assert low < virus.probability.min() < virus.probability.max() < high
    np.testing.assert_allclose(usual("tumour", 4).probability, 0.7 * virus.probability)
    assert "model-based" in usual("fungus").basis
    assert [usual(kind).kind for kind in KINDS] == list(KINDS)


def test_expected_cells_clones_and_holes():
    peptides = given("two", "virus", [1e-5, 1e-3], "a test")
    found = precursors([1e6, 0.0], [1e5, 0.0], peptides)
    np.testing.assert_allclose(found.cells, [[10, 1000], [0, 0]])
    np.testing.assert_allclose(found.clones, [[1, 100], [0, 0]])
    np.testing.assert_allclose(found.absent[0], [(1 - 1e-5) ** 1e5, (1 - 1e-3) ** 1e5])
    np.testing.assert_allclose(found.absent[1], 1)
    np.testing.assert_allclose(covered([1e6, 0.0], [1e5, 0.0], peptides), 1 - found.absent.mean(axis=1))


def test_more_cells_in_the_same_clones_cover_nothing_more():
    peptides = usual("virus")
    assert covered(1e9, 1e4, peptides) == covered(1e4, 1e4, peptides) < 0.5 < covered(1e4, 1e6, peptides)


def test_not_a_number_stays_so():
    assert np.isnan(covered(np.nan, np.nan, usual("virus")))


@pytest.mark.parametrize(
    ("kind", "p", "said"),
    [
        ("mould", [0.1], "a kind among virus, fungus, tumour"),
        ("virus", [], "at least one"),
        ("virus", [1.2], "a probability"),
    ],
)
def test_a_set_that_makes_no_sense_is_refused(kind, p, said):
    with pytest.raises(StudyError, match=said):
        given("odd", kind, p, "")
