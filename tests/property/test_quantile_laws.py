"""Quantiles from counts against numpy's from all values: within the accuracy stated, whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from thymos.engine.reducers.bins import Bins
from thymos.engine.reducers.quantiles import Distribution
from thymos.lang.errors import SolveError

SHARES = np.array([0.0, 0.001, 0.025, 0.25, 0.5, 0.75, 0.975, 0.999, 1.0])
rng = np.random.default_rng(11)
HARD = {
    "heavy tail": rng.pareto(0.4, 9999),
    "many decades": np.exp(6 * rng.standard_normal(9999)),
    "counts with zeros": rng.poisson(0.7, 9999).astype(float),
    "one constant": np.full(777, 1 / 3),
    "zeros alone": np.zeros(31),
    "both signs": rng.standard_cauchy(9999),
    "all negative": -np.exp(rng.standard_normal(500)),
    "powers of two": 2.0 ** rng.integers(-30, 30, 4000),
    "just below powers of two": np.nextafter(2.0 ** rng.integers(-30, 30, 4000), 0),
    "two far peaks": np.where(rng.random(5001) < 0.5, 1e-9, 1e9),
    "one patient": np.array([42.5]),
    "two patients": np.array([-1.0, 3.0]),
}


def of(values, bins=None):
    found = Distribution.empty(np.arange(float(values.shape[1])), bins or Bins())
    found.add(values)
    return found


def assert_same(a, b):
    """The same counts, whatever window they stand in."""
    np.testing.assert_array_equal(a.missing, b.missing)
    assert (a.first, a.counts.shape) == (b.first, b.counts.shape)
    np.testing.assert_array_equal(a.counts, b.counts)


@pytest.mark.parametrize("bits", [4, 7, 10])
@pytest.mark.parametrize("name", HARD)
def test_quantiles_are_numpys_to_the_accuracy_stated(name, bits):
    x, bins = HARD[name], Bins(bits=bits)
    found = of(x[:, None], bins).quantile(SHARES)[:, 0]
    exact = np.quantile(x, SHARES)
    # Interpolated magnitudes of the two neighbours: the bound where they differ in sign.
    low, high = (np.quantile(x, SHARES, method=method) for method in ("lower", "higher"))
    share = np.divide(exact - low, high - low, out=np.zeros_like(exact), where=high > low)
    magnitude = (1 - share) * np.abs(low) + share * np.abs(high)
    # 1e-12: rounding of the interpolation itself, in both.
    assert (np.abs(found - exact) <= magnitude * (bins.accuracy + 1e-12) + bins.floor).all()


@given(
    arrays(np.float64, st.integers(1, 40), elements=st.floats(allow_nan=False, allow_infinity=False)),
    st.integers(1, 12),
)
def test_every_value_is_near_what_stands_for_its_bin(x, bits):
    bins = Bins(bits=bits)
    stands = bins.middle(bins.number(x))
    near = np.abs(stands - x) <= np.abs(x) * (bins.accuracy * (1 + 1e-12))
    zero, huge = np.abs(x) < bins.floor, np.abs(x) > bins.ceiling
    np.testing.assert_array_equal(stands[zero], 0)
    np.testing.assert_array_equal(stands[huge], np.copysign(np.inf, x[huge]))
    assert near[~zero & ~huge].all()


def test_the_accuracy_is_reached_and_not_only_bounded():
    # The worst value of a bin is its edge, in the first bin of an octave: u = 1, v = 1 + 2**-b.
    bins = Bins(bits=7)
    assert bins.middle(bins.number(np.array([1.0])))[0] - 1 == pytest.approx(1 / 257, rel=1e-12)
    assert bins.accuracy == pytest.approx(1 / 257)


@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=60))
def test_bins_keep_the_order_of_values(x):
    number = Bins().number(np.sort(np.array(x)))
    assert (np.diff(number) >= 0).all()


@given(
    arrays(np.float64, st.tuples(st.integers(0, 60), st.integers(1, 3)), elements=st.floats()),
    st.integers(1, 20),
    st.randoms(),
)
def test_any_cut_and_any_order_gives_the_same_counts(x, size, mixer):
    whole = of(x)
    order = list(range(len(x)))
    mixer.shuffle(order)
    cuts = [x[order][i : i + size] for i in range(0, len(x), size)]
    one_by_one, merged = of(x[:0]), of(x[:0])
    for cut in cuts:
        one_by_one.add(cut)
    for cut in reversed(cuts):
        merged.merge(of(cut))
    assert_same(one_by_one, whole)
    assert_same(merged, whole)


def test_missing_patients_stay_in_the_denominator():
    x = np.array([1.0, np.nan, 3.0, np.nan, 5.0])[:, None]
    found = of(x)
    assert found.patients == 5
    assert (found.present[0], found.missing[0]) == (3, 2)
    near = {"rel": found.bins.accuracy}
    assert found.quantile(0.5)[0, 0] == pytest.approx(3, **near)
    # Both missing below all others, then above: medians of (-inf, -inf, 1, 3, 5) and of (1, 3, 5, inf, inf).
    low, high = found.between([0.0, 0.5, 1.0])
    assert (low[0, 0], high[2, 0]) == (-np.inf, np.inf)
    assert low[1:, 0] == pytest.approx([1, 5], **near)
    assert high[:2, 0] == pytest.approx([1, 5], **near)


def test_nobody_has_no_quantiles_and_the_missing_could_be_anything():
    nobody, gone = of(np.empty((0, 2))), of(np.full((4, 2), np.nan))
    assert nobody.patients == 0
    assert gone.patients == 4
    assert np.isnan(nobody.quantile(SHARES)).all()
    assert np.isnan(gone.quantile(SHARES)).all()
    assert np.isnan(nobody.between(0.5)).all()
    low, high = gone.between(0.5)
    assert (low == -np.inf).all()
    assert (high == np.inf).all()


def test_infinite_values_are_the_extremes():
    x = np.array([-np.inf, 2.0, np.inf, np.inf])[:, None]
    found = of(x).quantile([0, 1 / 3, 2 / 3, 1])[:, 0]
    assert found == pytest.approx([-np.inf, 2, np.inf, np.inf], rel=Bins().accuracy)


def test_below_an_assays_limit_is_zero():
    x = np.array([3.0, 19.9, 20.0, 21.0])[:, None]
    found = of(x, Bins(floor=20.0)).quantile([0, 1 / 3, 2 / 3, 1])[:, 0]
    assert found == pytest.approx([0, 0, 20, 21], rel=Bins().accuracy)


@pytest.mark.parametrize("wrong", [{"floor": 0.0}, {"floor": 2.0, "ceiling": 1.0}, {"bits": 0}, {"bits": 40}])
def test_impossible_bins_are_refused(wrong):
    with pytest.raises(SolveError, match="0 < floor < ceiling"):
        Bins(**wrong)


def test_what_does_not_belong_together_is_not_merged():
    with pytest.raises(SolveError, match="the same times and bins"):
        of(np.ones((1, 2))).merge(of(np.ones((1, 2)), Bins(bits=3)))
    with pytest.raises(SolveError, match="shares from 0 to 1"):
        of(np.ones((1, 1))).quantile(95)
