"""Expected diversity against sums over the probabilities of each size, and against samples that are drawn."""

import mpmath
import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.diversity.chance import standard_deviations
from thymos.biology.repertoire.diversity.counted import counted
from thymos.biology.repertoire.diversity.expected import expected, rarefaction, spectrum
from thymos.biology.repertoire.diversity.geometric import (
    BENDS,
    SLOPES,
    mean_n_ln_n,
    mean_power_ln,
    mean_square_ln_square,
)
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


def test_constants_of_the_series_are_derivatives_of_zeta():
    mpmath.mp.dps = 30
    for order, constants in ((1, SLOPES), (2, BENDS)):
        want = [float(mpmath.zeta(-j, derivative=order)) for j in range(1, len(constants) + 1)]
        assert constants == pytest.approx(want, rel=1e-15)


@pytest.mark.parametrize("B", [1e-9, 1e-3, 0.3, 0.581, 0.583, 1.0, 7.0, 60.0])
def test_moments_with_logarithms_are_their_sums(B):
    ratio = mpmath.mpf(B) / (1 + mpmath.mpf(B))
    sizes = range(2, int(70 * (1 + B)) + 30)
    moments = [0, 0, 0, 0]
    for n in sizes:
        p, ln = ratio ** (n - 1) * (1 - ratio), mpmath.log(n)
        for i, g in enumerate((n * ln, n**2 * ln, n**3 * ln, n**2 * ln**2)):
            moments[i] += p * g
    got = [*(mean_power_ln(B, s) for s in (1, 2, 3)), mean_square_ln_square(B)]
    assert got == pytest.approx([float(x) for x in moments], rel=1e-13)
    assert mean_n_ln_n(B) == got[0]


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


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_standard_deviations_are_those_of_repeats(share):
    # The delta method asks for many clones in every class: a thousand alive in the largest.
    few, rng = some_clones(), np.random.default_rng(8)
    clones = Clones(few.number * np.array([0.2, 0.2, 2, 50]), few.law)
    runs = [counted(drawn(clones.thinned(share), rng)) for _ in range(500)]
    want = standard_deviations(clones, share)
    for name in Indices.names():
        values = np.array([float(getattr(r, name)) for r in runs])
        # An SD from 500 repeats has an error of 3.2 %; ten indices at two depths are looked at.
        assert getattr(want, name) == pytest.approx(values.std(ddof=1), rel=0.12), name


def test_spectrum_and_rarefaction_agree_with_the_indices():
    clones = some_clones()
    f = spectrum(clones, 3000, 0.1)
    got = expected(clones, 0.1)
    assert f[:2] == pytest.approx([float(got.singletons), float(got.doubletons)])
    assert f.sum() == pytest.approx(float(got.richness), rel=1e-9)
    curve = rarefaction(clones, [0.5, 0.1 * float(clones.cells), 1e9])
    assert curve == pytest.approx([0.5, float(got.richness), float(clones.alive)], rel=1e-3)


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
