"""Expected diversity against sums over the probabilities of each size, and against samples that are drawn."""

import mpmath
import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.diversity.counted import counted
from thymos.biology.repertoire.diversity.expected import expected
from thymos.biology.repertoire.diversity.geometric import SLOPES, mean_n_ln_n
from thymos.biology.repertoire.diversity.indices import Indices, unseen_at_least
from thymos.lang.errors import DataError


def some_clones() -> Clones:
    number = np.array([40_000.0, 8_000.0, 900.0, 40.0])
    return Clones(number, Kendall(np.array([0.7, 2.0, 9.0, 150.0]), np.array([0.4, 4.0, 30.0, 600.0])))


def drawn(clones: Clones, rng: np.random.Generator) -> np.ndarray:
    """Sizes by numpy's own generators: Poisson founders, alive or not, geometric."""
    parts = []
    for w, s, size in zip(clones.number, clones.law.survival, clones.law.W, strict=True):
        parts.append(rng.geometric(1 / size, rng.poisson(w * s)))
    return np.concatenate(parts)


def by_probabilities(clones: Clones, share: float) -> dict[str, float]:
    n = np.arange(1, 60_000)
    m, size = share * clones.law.m, 1 + share * clones.law.B
    f = sum(
        w * a / b * (1 / b) * (1 - 1 / b) ** (n - 1.0) for w, a, b in zip(clones.number, m, size, strict=True)
    )
    cells, richness = (n * f).sum(), f.sum()
    shannon = np.log(cells) - (n * np.log(n) * f).sum() / cells
    return {
        "cells": cells,
        "richness": richness,
        "singletons": f[0],
        "doubletons": f[1],
        "shannon": shannon,
        "hill1": np.exp(shannon),
        "hill2": cells**2 / (n**2 * f).sum(),
        "clonality": 1 - shannon / np.log(richness),
        "simpson": (n * (n - 1.0) * f).sum() / cells**2,
        "chao1": richness + f[0] ** 2 / 2 / f[1],
    }


def test_constants_of_the_series_are_slopes_of_zeta():
    mpmath.mp.dps = 30
    assert (
        pytest.approx([float(mpmath.zeta(-1 - k, derivative=1)) for k in range(len(SLOPES))], rel=1e-15)
        == SLOPES
    )


@pytest.mark.parametrize("B", [1e-9, 1e-3, 0.3, 0.581, 0.583, 1.0, 7.0, 300.0])
def test_mean_of_n_ln_n_is_its_sum(B):
    ratio = mpmath.mpf(B) / (1 + mpmath.mpf(B))
    most = int(60 * (1 + B)) + 20
    want = mpmath.fsum(n * mpmath.log(n) * ratio ** (n - 1) for n in range(2, most)) * (1 - ratio)
    assert mean_n_ln_n(B) == pytest.approx(float(want), rel=1e-14)


def test_mean_of_n_ln_n_of_a_huge_clone_is_that_of_an_exponential_law():
    assert mean_n_ln_n(1e12) == pytest.approx(1e12 * (np.log(1e12) + 1 - np.euler_gamma), rel=1e-11)
    assert mean_n_ln_n(0.0) == 0


@pytest.mark.parametrize("share", [1.0, 0.1, 0.003])
def test_every_index_is_its_sum_over_sizes(share):
    got, want = expected(some_clones(), share), by_probabilities(some_clones(), share)
    for name in Indices.names():
        assert getattr(got, name) == pytest.approx(want[name], rel=1e-9), name


@pytest.mark.parametrize("depth", [40_000, 8_000, 800])
def test_closed_forms_meet_hypergeometric_samples(depth):
    rng, clones = np.random.default_rng(11), some_clones()
    cells = float(clones.cells)
    seen = []
    for _ in range(60):
        sizes = drawn(clones, rng)
        # A fixed number of cells where the closed form takes each with a probability: their shares are alike.
        part = rng.multivariate_hypergeometric(sizes, depth, method="marginals")
        seen.append(counted(part))
    want = expected(clones, depth / cells)
    for name in ("richness", "singletons", "doubletons", "shannon", "simpson"):
        values = np.array([float(getattr(s, name)) for s in seen])
        error = values.std(ddof=1) / np.sqrt(len(values))
        bias = 2 * float(want.shannon if name == "shannon" else getattr(want, name)) / float(want.hill2)
        assert abs(values.mean() - float(getattr(want, name))) < 3 * error + bias, name


def test_simpson_does_not_depend_on_depth():
    deep = expected(some_clones(), np.array([1.0, 0.3, 0.01, 1e-4]))
    assert deep.simpson == pytest.approx(np.full(4, deep.simpson[0]), rel=1e-12)


@pytest.mark.parametrize("share", [0.9, 0.3, 0.03, 1e-3])
def test_the_unseen_are_no_fewer_than_their_bound(share):
    whole, part = some_clones().alive, expected(some_clones(), share)
    assert part.richness + unseen_at_least(part.singletons, part.doubletons, share) < whole


def test_chao_is_a_lower_bound_for_a_small_share_and_none_for_a_large_one():
    small, large = expected(some_clones(), 0.01), expected(some_clones(), 0.5)
    assert small.richness < small.chao1 < some_clones().alive < large.chao1
    assert unseen_at_least(np.float64(5), np.float64(0)) == np.inf
    assert unseen_at_least(np.float64(0), np.float64(0)) == 0


def test_leading_axes_broadcast_and_workers_change_no_bit():
    one = some_clones()
    many = Clones(one.number * np.arange(1.0, 41)[:, None], one.law)
    share = np.array([1.0, 0.1])[:, None]
    got = expected(many, share)
    assert got.richness.shape == (2, 40)
    assert got.richness[1, 6] == expected(Clones(7 * one.number, one.law), 0.1).richness
    again = expected(many, share, workers=3)
    assert all((getattr(got, n) == getattr(again, n)).all() for n in Indices.names())


def test_no_cell_gives_no_index_and_one_clone_is_clonal():
    none = expected(Clones(np.zeros(3), Kendall(np.ones(3), np.ones(3))))
    assert (none.cells, none.richness, none.chao1) == (0, 0, 0)
    assert np.isnan([none.shannon, none.hill1, none.hill2, none.simpson]).all()
    assert counted([7]).clonality == 1
    assert counted([]).richness == 0
    assert np.isnan(counted([]).shannon)


def test_counts_give_what_their_definitions_say():
    # 4 clones of 1, 2 of 2, one of 10: 18 cells.
    got = counted([1, 1, 1, 1, 2, 2, 10, 0])
    p = np.array([1, 1, 1, 1, 2, 2, 10]) / 18
    assert (got.cells, got.richness, got.singletons, got.doubletons) == (18, 7, 4, 2)
    assert got.shannon == pytest.approx(-(p * np.log(p)).sum())
    assert got.hill2 == pytest.approx(1 / (p**2).sum())
    assert got.simpson == pytest.approx((2 * 2 * 1 + 10 * 9) / (18 * 17))
    assert got.chao1 == pytest.approx(7 + 4 * 3 / (2 * 3))


@pytest.mark.parametrize("sizes", [[1, -2], [1.5, 2], [[1, 2]]])
def test_sizes_that_are_no_counts_are_refused(sizes):
    with pytest.raises(DataError, match="sizes of clones: expected one list of whole numbers"):
        counted(sizes)
