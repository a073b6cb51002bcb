"""Random numbers inside compiled loops against the distributions of scipy, from one success to sums of 10^11."""

import numpy as np
import pytest
from scipy import stats

from thymos.biology.repertoire.clones import variates
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.kernel import outer
from thymos.biology.repertoire.xoshiro import key, seed_block

NUMBER = 40_000


@outer
def seeded(state, word):
    seed_block(state, word, 0)


def draws(law, *arguments) -> np.ndarray:
    """Called one by one from here, so that no further loop has to be compiled."""
    state = np.empty(4, np.uint64)
    seeded(state, key(1, "variates"))
    return np.array([law(state, *arguments) for _ in range(NUMBER)], dtype=float)


def progeny(state, n: int, B: float) -> int:
    return variates.descendants(state, variates.binomial(state, n, 0.4), B)


def p_value(sample: np.ndarray, law) -> float:
    """Chi-square over at most 50 bins of about equal probability."""
    edges = np.unique(law.ppf(np.linspace(0, 1, 51)[1:-1]))
    p = np.diff(law.cdf([-np.inf, *edges, np.inf]))
    got = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(p))
    kept = p * len(sample) > 5
    expected = p[kept] * len(sample)
    return float(stats.chi2.sf(((got[kept] - expected) ** 2 / expected).sum(), max(kept.sum() - 1, 1)))


@pytest.mark.parametrize("B", [0.05, 1.0, 30.0, 1e9])
def test_geometric(B):
    assert p_value(draws(variates.geometric, B), stats.geom(1 / (1 + B))) > 0.001


@pytest.mark.parametrize("mean", [0.02, 3.0, 9.9, 10.1, 60.0, 1e4, 1e11])
def test_poisson(mean):
    assert p_value(draws(variates.poisson, mean), stats.poisson(mean)) > 0.001


@pytest.mark.parametrize(
    ("n", "p"),
    [(1, 0.3), (7, 0.9), (400, 0.002), (25, 0.45), (25, 0.55), (1000, 0.02), (10**6, 0.7), (10**11, 1e-4)],
)
def test_binomial(n, p):
    assert p_value(draws(variates.binomial, n, p), stats.binom(n, p)) > 0.001


@pytest.mark.parametrize("shape", [1.0, 4.0, 1e3, 1e10])
def test_gamma(shape):
    assert p_value(draws(variates.gamma, shape), stats.gamma(shape)) > 0.001


@pytest.mark.parametrize(("n", "B"), [(1, 2.0), (3, 0.0), (5, 2.0), (40, 7.0)])
def test_progeny_are_a_sum_of_clones(n, B):
    law = Kendall(np.float64(0.4 * (1 + B)), np.float64(B))
    one = law.pmf(np.arange(1500))
    whole = one
    for _ in range(n - 1):
        whole = np.convolve(whole, one)[:1500]
    got = np.bincount(draws(progeny, n, B).astype(int), minlength=1500)
    kept = whole * NUMBER > 10
    expected = whole[kept] * NUMBER
    assert stats.chi2.sf(((got[kept] - expected) ** 2 / expected).sum(), kept.sum()) > 0.001


def test_progeny_of_a_huge_clone_have_its_mean_and_spread():
    n, B = 10**10, 3.0
    x = draws(progeny, n, B)
    mean, variance = n * 0.4 * 4, n * 0.4 * 4 * (2 * 4 - 1 - 0.4 * 4)
    assert abs(x.mean() - mean) < 4 * np.sqrt(variance / NUMBER)
    assert x.var() == pytest.approx(variance, rel=0.04)
