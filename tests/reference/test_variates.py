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
def many(state, word, kind, n, p, out):
    seed_block(state, word, 0)
    for i in range(len(out)):
        if kind == 0:
            out[i] = variates.geometric(state, p)
        elif kind == 1:
            out[i] = variates.poisson(state, p)
        elif kind == 2:
            out[i] = variates.binomial(state, n, p)
        elif kind == 3:
            out[i] = variates.gamma(state, p)
        else:
            out[i] = variates.descendants(state, variates.binomial(state, n, 0.4), p)


def draws(kind: int, n: int, p: float) -> np.ndarray:
    out = np.empty(NUMBER)
    many(np.empty(4, np.uint64), key(1, "variates"), kind, n, float(p), out)
    return out


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
    assert p_value(draws(0, 1, B), stats.geom(1 / (1 + B))) > 0.001


@pytest.mark.parametrize("mean", [0.02, 3.0, 9.9, 10.1, 60.0, 1e4, 1e11])
def test_poisson(mean):
    assert p_value(draws(1, 1, mean), stats.poisson(mean)) > 0.001


@pytest.mark.parametrize(
    ("n", "p"),
    [(1, 0.3), (7, 0.9), (400, 0.002), (25, 0.45), (25, 0.55), (1000, 0.02), (10**6, 0.7), (10**11, 1e-4)],
)
def test_binomial(n, p):
    assert p_value(draws(2, n, p), stats.binom(n, p)) > 0.001


@pytest.mark.parametrize("shape", [1.0, 4.0, 1e3, 1e10])
def test_gamma(shape):
    assert p_value(draws(3, 1, shape), stats.gamma(shape)) > 0.001


@pytest.mark.parametrize(("n", "B"), [(1, 2.0), (3, 0.0), (5, 2.0), (40, 7.0)])
def test_progeny_are_a_sum_of_clones(n, B):
    law = Kendall(np.float64(0.4 * (1 + B)), np.float64(B))
    one = law.pmf(np.arange(1500))
    whole = one
    for _ in range(n - 1):
        whole = np.convolve(whole, one)[:1500]
    got = np.bincount(draws(4, n, B).astype(int), minlength=1500)
    kept = whole * NUMBER > 10
    expected = whole[kept] * NUMBER
    assert stats.chi2.sf(((got[kept] - expected) ** 2 / expected).sum(), kept.sum()) > 0.001


def test_progeny_of_a_huge_clone_have_its_mean_and_spread():
    n, B = 10**10, 3.0
    x = draws(4, n, B)
    mean, variance = n * 0.4 * 4, n * 0.4 * 4 * (2 * 4 - 1 - 0.4 * 4)
    assert abs(x.mean() - mean) < 4 * np.sqrt(variance / NUMBER)
    assert x.var() == pytest.approx(variance, rel=0.04)
