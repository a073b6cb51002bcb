"""Laws of every assay: the truth in the middle, a limit that censors, the same chance for twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers
from scipy.stats import binom, poisson

from thymos.assay import ASSAYS
from thymos.assay.counting import binomial_count, poisson_count
from thymos.lang.streams import stream

ALL = pytest.mark.parametrize("name", ASSAYS)
LIMIT = {"cytotoxicity": 5.0, "flow_count": 1.0, "flow_fraction": 0.025, "trec": 0.5, "vcn": 0.005}
shares = floats(2.0**-53, 1 - 2.0**-53)


def measure(name, true, seed=1):
    return ASSAYS[name].measure(true, stream(seed, f"assay.{name}"))


@ALL
@given(true=arrays(float, (5, 4), elements=floats(0, 100)))
def test_what_is_reported_is_a_number_at_or_above_the_limit(name, true):
    value, below = measure(name, true)
    assert value.shape == below.shape == true.shape
    assert np.all(value >= LIMIT[name])
    assert np.all(value[below] == LIMIT[name])


@ALL
def test_nothing_is_reported_as_below_the_limit(name):
    value, below = measure(name, np.zeros(100))
    assert below.all()
    assert np.all(value == LIMIT[name])


@ALL
def test_a_sample_never_taken_stays_unknown(name):
    value, below = measure(name, np.array([np.nan, 50.0]))
    assert np.isnan(value[0])
    assert not below.any()
    assert value[1] > 0


@ALL
def test_half_of_the_reports_lie_above_the_truth(name):
    value, _ = measure(name, np.full(20000, 50.0))
    assert np.median(value) == pytest.approx(50, rel=0.01)


@ALL
@given(low=floats(0, 90), more=floats(0, 10))
def test_more_is_never_reported_as_less_by_the_same_chance(name, low, more):
    less, _ = measure(name, np.full(50, low))
    greater, _ = measure(name, np.full(50, low + more))
    assert np.all(greater >= less)


@ALL
def test_a_sample_meets_its_own_chance_whatever_the_others_are(name):
    first, _ = measure(name, np.array([5.0, 70.0]))
    second, _ = measure(name, np.array([90.0, 70.0]))
    assert first[1] == second[1]


@ALL
def test_the_error_is_the_one_declared(name):
    value, _ = measure(name, np.full(20000, 50.0))
    v = ASSAYS[name].values
    if name == "flow_fraction":
        found, declared = np.std(np.log(value / (100 - value))), v["gate_cv"]
    elif name == "cytotoxicity":
        # Plates differ in hazard; at half lysis a well's own error is as large against it as against the count.
        found, declared = np.std(np.log(-np.log1p(-value / 100))), killing_error(v)
    else:
        amount = v["genomes"] if name == "vcn" else v["volume"]
        found, declared = np.std(np.log(value)), np.hypot(v["analytic_cv"], 1 / np.sqrt(50 * amount))
    assert found == pytest.approx(declared, rel=0.05)


def killing_error(v):
    """Spread of the logarithm of the hazard at half lysis: by plate, and by counts of three kinds of wells."""
    s0 = 1 - np.exp(-4 * v["release"])
    half = s0 + (1 - s0) / 2

    def variance(share, wells):
        return (share**2 * v["well_cv"] ** 2 + share / v["label"]) / wells

    counts = variance(half, v["wells"]) + 0.25 * (variance(s0, v["controls"]) + variance(1.0, v["controls"]))
    hazard_per_lysis = 1 / (0.5 * np.log(2))
    return np.sqrt(np.log1p(v["plate_cv"] ** 2) + counts / (1 - s0) ** 2 * hazard_per_lysis**2)


def is_quantile(k, u, share):
    """Whether k is the smallest count whose share reaches u, but for rounding of the share."""
    slack = 1e-9 * u + 1e-13
    return share(k) >= u - slack and (k == 0 or share(k - 1) <= u + slack)


@given(u=shares, mean=floats(0, 1e9))
def test_poisson_counts_are_quantiles(u, mean):
    (k,) = poisson_count(np.array([u]), np.array([mean]))
    assert is_quantile(k, u, lambda x: poisson.cdf(x, mean))


@given(u=shares, of=integers(1, 10**6), p=floats(0, 1))
def test_binomial_counts_are_quantiles(u, of, p):
    (k,) = binomial_count(np.array([u]), float(of), np.array([p]))
    assert 0 <= k <= of
    assert is_quantile(k, u, lambda x: binom.cdf(x, of, p))
