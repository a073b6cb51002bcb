"""Spectratypes: by hand, of healthy and of poor repertoires, and their divergence."""

import numpy as np
import pytest

from thymos.biology.repertoire.diversity.spectratype import (
    Reading,
    Spectratype,
    drawn_spectratype,
    labelled,
    spectratype,
)
from thymos.lang.errors import DataError

LENGTHS = np.arange(6, 26)
# Bells of 24 families as after thymic selection: SD of 1.7 residues, means and usage that differ.
MEANS = np.linspace(13.5, 15.5, 24)
LAW = np.exp(-((LENGTHS - MEANS[:, None]) ** 2) / (2 * 1.7**2)) * np.geomspace(1, 0.1, 24)[:, None]
SHAPE = LAW.shape


def of_clones(number: int, seed: int, depth: int = 100_000) -> Spectratype:
    family, length = labelled(LAW, number, seed)
    sizes = np.random.default_rng(seed).geometric(number / (5e5 + number), number)
    return drawn_spectratype(sizes, family, length, SHAPE, depth, seed)


def test_scores_are_counted_by_hand():
    cells = np.zeros((1, 4, 12))
    cells[0, 0, 2:11] = 10  # nine lengths: 8 points
    cells[0, 1, [1, 5]] = [95, 5]  # two peaks, one dominant
    cells[0, 2, :8] = [991, 1, 1, 1, 1, 1, 2, 2]  # one peak: the others are below 1 %
    got = Spectratype(cells)
    assert got.scores().tolist() == [[8, 2, 1, 0]]
    assert got.score().tolist() == [11]
    assert got.normal().tolist() == [[True, False, False, False]]
    assert got.alarm().tolist() == [True]
    lax = Reading(families=4, peak_share=1e-4, normal_peaks=2, dominant_share=1.0, alarm_families=2)
    assert got.normal(lax).sum() == 3
    assert not got.alarm(lax)[0]


def test_the_alarm_is_below_thirteen_of_twenty_four():
    assert (Reading.usual().families, Reading.usual().alarm_families) == (24, 13)
    cells = np.zeros((2, 24, 10))
    cells[0, :13] = cells[1, :12] = 5
    assert Spectratype(cells).alarm().tolist() == [False, True]


def test_a_healthy_repertoire_has_at_least_the_points_of_healthy_adults():
    # Wu 2000: 183 of 192 in normal donors. Theirs include expanded memory clones, these do not.
    got = of_clones(300_000, 1)
    assert 183 <= got.score() <= 192
    assert got.normal().all()
    assert not got.alarm()


def test_few_clones_turn_families_oligoclonal():
    scores = [int(of_clones(n, 2).score()) for n in (56, 400, 4_000, 100_000)]
    normal = [int(of_clones(n, 2).normal().sum()) for n in (56, 400, 4_000, 100_000)]
    assert scores == sorted(scores)
    assert normal == sorted(normal)
    assert scores[0] < 87 < scores[2]  # 87: three months after a T-depleted transplant, Wu 2000
    assert normal[0] < 13 <= normal[2]


def test_divergence_is_that_of_two_known_laws():
    p, r = np.array([[[70.0, 30.0]]]) * 1e6, np.array([[[20.0, 80.0]]]) * 1e6
    bits = 0.7 * np.log2(0.7 / 0.2) + 0.3 * np.log2(0.3 / 0.8)
    assert Spectratype(p).divergence(Spectratype(r))[0, 0] == pytest.approx(bits, rel=1e-6)
    assert np.isnan(Spectratype(0 * p).divergence(Spectratype(r))).all()


def test_divergence_of_a_good_sample_is_its_bias_and_that_of_few_clones_is_large():
    young = Spectratype(1e9 * LAW / LAW.sum())
    rng = np.random.default_rng(3)
    usage = LAW.sum(axis=1) / LAW.sum()
    good = Spectratype(rng.multinomial(100_000, (LAW / LAW.sum()).ravel()).reshape(SHAPE).astype(float))
    bias = (SHAPE[1] - 1) / (2 * 100_000 * usage * np.log(2))
    assert (good.divergence(young) < 3 * bias).all()
    assert np.nanmean(of_clones(400, 4).divergence(young)) > 30 * good.divergence(young).mean()


def test_depth_takes_cells_and_no_more_than_there_are():
    assert of_clones(5_000, 5, depth=1_000).cells.sum() == 1_000
    small = drawn_spectratype([3, 4], [0, 1], [2, 2], (2, 5), 100, 1)
    assert small.cells.tolist() == [[0, 0, 3, 0, 0], [0, 0, 4, 0, 0]]


def test_commonest_families_are_taken():
    got = spectratype([5, 9, 1], [2, 0, 1], [0, 1, 0], (3, 2))
    assert got.commonest(2).tolist() == [0, 2]
    assert got.take(got.commonest(2)).of_family.tolist() == [9, 5]


def test_labels_follow_their_law():
    family, length = labelled(LAW, 200_000, 6)
    seen = np.histogram2d(family, length, [np.arange(25), np.arange(21)])[0]
    want = 200_000 * LAW / LAW.sum()
    kept = want > 5
    chi = ((seen - want)[kept] ** 2 / want[kept]).sum()
    assert abs(chi - kept.sum()) < 4 * np.sqrt(2 * kept.sum())


def test_what_has_no_place_is_refused():
    with pytest.raises(DataError, match=r"families and lengths within \(2, 3\)"):
        spectratype([1], [2], [0], (2, 3))
    with pytest.raises(DataError, match="cells, family and length of each clone"):
        spectratype([1, 2], [0], [0], (2, 3))
    with pytest.raises(DataError, match="law of families and lengths"):
        labelled(np.zeros((2, 2)), 5, 1)
