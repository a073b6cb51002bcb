"""Counts: rarefaction by brute force, coverage, intervals, and the overlap of samples."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.diversity.counted import (
    counted,
    coverage,
    rarefaction,
    whole_at_least,
)
from thymos.biology.repertoire.diversity.expected import expected
from thymos.biology.repertoire.diversity.indices import Indices
from thymos.biology.repertoire.diversity.interval import interval
from thymos.biology.repertoire.diversity.overlap import (
    aligned,
    counted_overlap,
    two_days,
    two_people,
    two_tubes,
)
from thymos.lang.errors import DataError

CLONES = Clones(
    np.array([3000.0, 800.0, 60.0]), Kendall(np.array([1.2, 6.0, 70.0]), np.array([2.0, 15.0, 120.0]))
)
LATER = Kendall(np.array([0.8, 0.9, 1.5]), np.array([0.5, 0.2, 2.0]))
NEW = Clones(np.array([500.0]), Kendall(np.array([2.0]), np.array([3.0])))


def sizes(clones, rng):
    """Of every class, lost clones too, by numpy."""
    return [
        np.where(rng.random(n) < s, rng.geometric(1 / w, n), 0)
        for n, s, w in zip(rng.poisson(clones.number), clones.law.survival, clones.law.W, strict=True)
    ]


def grown(n, law, rng):
    alive = rng.binomial(n, law.survival)
    return alive + np.where(alive > 0, rng.negative_binomial(np.maximum(alive, 1), 1 / law.W), 0)


def test_rarefaction_is_the_mean_over_all_subsets():
    counts = [4, 2, 1, 1]
    cells = np.repeat(np.arange(4), counts)
    for k in range(len(cells) + 1):
        brute = sum(len(set(cells[list(s)])) for s in combinations(range(8), k)) / comb(8, k)
        assert rarefaction(counts, [k])[0] == pytest.approx(brute, abs=1e-12)


def test_rarefaction_of_many_cells_is_that_of_thinning():
    rng = np.random.default_rng(1)
    n = np.concatenate(sizes(CLONES, rng))
    depths = np.array([50, 2_000, n.sum() // 2, n.sum()])
    share = depths / n.sum()
    thinned = [(1 - (1 - p) ** n.astype(float)).sum() for p in share]
    assert rarefaction(n, depths) == pytest.approx(thinned, rel=2e-3)
    with pytest.raises(DataError, match="depths of rarefaction: expected 0 to 8 cells"):
        rarefaction([4, 4], [9])


def test_coverage_is_the_share_of_cells_whose_clones_were_seen():
    rng, got, true = np.random.default_rng(2), [], []
    n = np.concatenate(sizes(CLONES, rng))
    for _ in range(200):
        seen = rng.multinomial(1500, n / n.sum())
        got.append(coverage(seen))
        true.append(n[seen > 0].sum() / n.sum())
    assert np.mean(got) == pytest.approx(np.mean(true), abs=3 * np.std(got) / np.sqrt(200) + 0.002)
    assert coverage([1]) == 0
    assert coverage([5, 5]) == 1
    assert 0 <= coverage([1, 1, 1, 7]) < 1


def test_intervals_hold_the_index_of_samples_of_this_depth():
    """Of 60 samples of one repertoire nearly all 90 % intervals hold the mean of their kind."""
    rng = np.random.default_rng(3)
    n = np.concatenate(sizes(CLONES, rng))
    samples = [rng.multinomial(1500, n / n.sum()) for _ in range(60)]
    mean = {name: np.mean([getattr(counted(s), name) for s in samples]) for name in Indices.names()}
    held = dict.fromkeys(("richness", "shannon", "hill2", "clonality"), 0)
    for s in samples:
        low, high = interval(s, level=0.9)
        for name in held:
            held[name] += getattr(low, name) <= mean[name] <= getattr(high, name)
    # 54 of 60 are expected; 44 or fewer would come in 1 of 3,000.
    assert min(held.values()) > 44, held
    assert min(held.values()) < 60, held


def test_intervals_are_the_limit_of_a_bootstrap():
    """The same law sampled 2,000 times by numpy: a multinomial of clones seen, made rarer, and of unseen ones."""
    rng = np.random.default_rng(9)
    n = rng.multinomial(1500, (lambda x: x / x.sum())(np.concatenate(sizes(CLONES, rng)).astype(float)))
    n = n[n > 0]
    unseen, missing = int(np.ceil(counted(n).chao1 - len(n))), 1 - coverage(n)
    gone = n / n.sum() * (1 - n / n.sum()) ** n.sum()
    law = np.concatenate([n / n.sum() - gone * missing / gone.sum(), np.full(unseen, missing / unseen)])
    runs = [counted(rng.multinomial(n.sum(), law / law.sum())) for _ in range(2000)]
    low, high = interval(n, level=0.6826894921)
    for name in Indices.names()[1:]:
        sd = np.std([float(getattr(r, name)) for r in runs])
        # An SD from 2,000 repeats has an error of 1.6 %; that of Chao1, a ratio, is right to first order.
        assert float(getattr(high, name) - getattr(low, name)) / 2 == pytest.approx(sd, rel=0.06), name
    assert (low.cells, high.cells) == (1500, 1500)


def test_an_interval_asks_for_two_clones():
    with pytest.raises(DataError, match="at least two clones"):
        interval([9])


def test_the_whole_is_no_smaller_than_its_bound_by_a_known_share():
    rng = np.random.default_rng(4)
    n = np.concatenate(sizes(CLONES, rng))
    alive = (n > 0).sum()
    bounds = [whole_at_least(rng.binomial(n, 0.3), 0.3) for _ in range(50)]
    assert np.mean(bounds) < alive
    assert np.mean([counted(rng.binomial(n, 0.3)).chao1 for _ in range(50)]) > np.mean(bounds)


def test_overlap_of_counts_is_what_its_definitions_say():
    x, y = aligned(["a", "b", "c", "a"], [3, 1, 4, 2], ["c", "d"], [2, 8])
    assert (x.tolist(), y.tolist()) == ([5, 1, 4, 0], [0, 0, 2, 8])
    got = counted_overlap(x, y)
    assert got.shared == 1
    assert got.jaccard == 1 / 4
    assert got.morisita_horn == pytest.approx(2 * 8 / ((42 / 100 + 68 / 100) * 10 * 10))
    same = counted_overlap(x, 3 * x)
    assert (same.jaccard, same.morisita_horn) == (1, pytest.approx(1))
    assert np.isnan(counted_overlap([0, 0], [1, 2]).morisita_horn)
    with pytest.raises(DataError, match="one count for each clone"):
        aligned(["a"], [1, 2], ["b"], [1])


def matches(runs, want):
    for name in ("shared", "jaccard", "morisita_horn"):
        values = np.array([float(getattr(r, name)) for r in runs])
        # Ratios of expectations differ from expectations of ratios by about 1/hill2, 1 % here.
        slack = 0.01 * float(getattr(want, name))
        assert (
            abs(values.mean() - float(getattr(want, name))) < 3 * values.std() / np.sqrt(len(runs)) + slack
        ), name


def test_two_tubes_of_one_person():
    rng, runs = np.random.default_rng(5), []
    for _ in range(150):
        n = np.concatenate(sizes(CLONES, rng))
        x = rng.binomial(n, 0.3)
        runs.append(counted_overlap(x, rng.binomial(n - x, 0.2 / 0.7)))
    matches(runs, two_tubes(CLONES, 0.3, 0.2))
    assert float(expected(CLONES).hill2) > 90
    with pytest.raises(DataError, match="shares that sum to at most 1"):
        two_tubes(CLONES, 0.7, 0.5)


def test_two_days_of_one_person():
    rng, runs = np.random.default_rng(6), []
    for _ in range(150):
        first = sizes(CLONES, rng)
        second = [grown(n, LATER.take(i), rng) for i, n in enumerate(first)]
        new = sizes(NEW, rng)[0]
        before = np.concatenate([*first, 0 * new])
        after = np.concatenate([*second, new])
        runs.append(counted_overlap(rng.binomial(before, 0.05), rng.binomial(after, 0.3)))
    matches(runs, two_days(CLONES, LATER, 0.05, 0.3, NEW))


def test_two_people_share_sequences_by_coincidence():
    # A law of 2,000 sequences whose sum is done in full.
    p = np.random.default_rng(7).pareto(1.2, 2000) + 0.01
    p /= p.sum()
    full = ((1 - (1 - p) ** 300) * (1 - (1 - p) ** 50)).sum()
    drawn = p[np.random.default_rng(8).choice(2000, 20_000, p=p)]
    got, error = two_people(drawn, 300, 50)
    assert abs(got - full) < 3 * error
    one_each, _ = two_people(drawn, 1, 1)
    assert one_each == pytest.approx(drawn.mean(), rel=1e-12)  # the coincidence probability
    with pytest.raises(DataError, match="probabilities above 0"):
        two_people([0.0, 0.1], 1, 1)
