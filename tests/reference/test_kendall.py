"""Kendall's law against the equation it solves, against closed forms, and where rates are extreme."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import binom

from thymos.biology.repertoire.clones.classes import NEUTRAL, Classes
from thymos.biology.repertoire.clones.clones import Clones, founded, together
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.rates import Rates, exponential_weights
from thymos.lang.errors import RunError

LENGTH = 60.0


def birth(t):
    return 0.15 * np.exp(-t / 20) + 0.02


def death(t):
    return 0.05 + 0.03 * np.sin(t / 7)


def rates(n, b=birth, d=death, length=LENGTH):
    t = np.linspace(0, length, n)
    return Rates(t, np.broadcast_to(b(t), t.shape), np.broadcast_to(d(t), t.shape))


def flat(x):
    return lambda t: np.full_like(t, x)


@pytest.mark.parametrize("z", [0.0, 0.3, 0.9, 0.999])
def test_generating_function_solves_the_backward_equation(z):
    coarse = rates(31)  # straight lines between these 31 days, the same lines on a finer grid
    fine = Rates(
        *(
            np.interp(np.linspace(0, LENGTH, 1921), coarse.times, x)
            for x in (coarse.times, coarse.birth, coarse.death)
        )
    )

    def backward(t, f):
        b, d = (np.interp(t, coarse.times, x) for x in (coarse.birth, coarse.death))
        return -(1 - f) * (d - b * f)

    solved = [z]
    for last, first in zip(coarse.times[:0:-1], coarse.times[-2::-1], strict=True):  # from corner to corner
        solved = solve_ivp(backward, (last, first), solved, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
    assert fine.between(0, -1).at(z) == pytest.approx(solved[0], abs=1e-11)


def test_error_falls_with_the_fourth_power_of_the_step():
    grids = [
        rates(n, lambda t: np.interp(t, [0, 60], [0.3, 0.01]), lambda t: np.interp(t, [0, 60], [0.02, 0.2]))
        for n in (31, 61, 121, 1921)
    ]
    *coarse, exact = (float(r.between(0, -1).B) for r in grids)
    error = np.abs(np.array(coarse) / exact - 1)
    assert np.log2(error[:-1] / error[1:]) == pytest.approx([4, 4], abs=0.1)


@pytest.mark.parametrize("g", [-20.0, -7.0, -1.0, -0.999, -1e-3, 0.0, 1e-9, 0.5, 1.0, 6.0, 30.0])
def test_weights_of_an_exponential_integrate_parabolas(g):
    mpmath.mp.dps = 20
    got = exponential_weights(np.array(g))
    parabolas = (lambda u: (1 - u) * (1 - 2 * u), lambda u: 4 * u * (1 - u), lambda u: u * (2 * u - 1))
    for weight, p in zip(got, parabolas, strict=True):
        want = mpmath.quad(lambda u, p=p: p(u) * mpmath.exp(g * (1 - u)), np.linspace(0, 1, 9).tolist())
        assert float(weight) == pytest.approx(float(want), rel=1e-12)


@pytest.mark.parametrize(("b", "d"), [(0.3, 9.0), (0.01, 2.5), (4.0, 0.1)])
def test_fast_rates_need_no_fine_grid(b, d):
    coarse = rates(4, flat(b), flat(d), 12.0).until(-1)
    exact = Kendall.constant(b, d, 12.0 - np.array([0, 4, 8, 12.0]))
    assert coarse.m == pytest.approx(exact.m, rel=1e-12)
    assert pytest.approx(exact.B, rel=1e-12) == coarse.B


def test_one_pass_gives_every_founding_day():
    r = rates(241)
    law = r.until(200)
    assert law.m.shape == law.B.shape == (201,)
    for i in (0, 57, 199, 200):
        part = Rates(r.times[i:201], r.birth[i:201], r.death[i:201]) if i < 200 else None
        m, B = (1.0, 0.0) if part is None else (part.between(0, -1).m, part.between(0, -1).B)
        assert law.m[i] == pytest.approx(m, rel=1e-13)
        assert law.B[i] == pytest.approx(B, rel=1e-13, abs=1e-300)


def test_balanced_rates_give_w_of_one_and_bt():
    law = rates(7, flat(0.2), flat(0.2)).between(0, -1)
    assert law.m == pytest.approx(1, rel=1e-14)
    assert pytest.approx(1 + 0.2 * LENGTH, rel=1e-14) == law.W
    assert pytest.approx(1 + 0.2 * LENGTH, rel=1e-14) == Kendall.constant(0.2, 0.2, LENGTH).W


def test_without_births_a_clone_is_thinned_like_a_binomial():
    law = rates(7, flat(0.0), flat(0.03)).between(0, -1)
    p = np.exp(-0.03 * LENGTH)
    assert law.pmf(np.arange(4)) == pytest.approx([1 - p, p, 0, 0], abs=1e-15)
    ten = np.convolve(*[law.pmf(np.arange(2))] * 2)
    assert ten == pytest.approx(binom.pmf(np.arange(3), 2, p), abs=1e-15)


@pytest.mark.parametrize(("b", "d"), [(0.2, 0.05), (0.05, 0.2), (0.1, 0.1), (0.3, 0.0)])
def test_constant_rates_have_the_textbook_law(b, d):
    # Kendall 1948: P0 = d (e - 1)/(b e - d), ratio b (e - 1)/(b e - d) with e = exp((b - d) t).
    t, n = 30.0, np.arange(1, 60)
    law = Kendall.constant(b, d, t)
    e = np.exp((b - d) * t)
    lost, ratio = (
        (d * (e - 1) / (b * e - d), b * (e - 1) / (b * e - d)) if b != d else (b * t / (1 + b * t),) * 2
    )
    assert law.pmf(0) == pytest.approx(lost, abs=1e-14)
    assert law.pmf(n) == pytest.approx((1 - lost) * (1 - ratio) * ratio ** (n - 1), rel=1e-12)
    grid = rates(1201, flat(b), flat(d), t).between(0, -1)
    assert pytest.approx(law.B, rel=1e-10) == grid.B


def test_moments_are_those_of_the_probabilities():
    law = Kendall(np.array([0.3, 2.0, 5.0]), np.array([0.5, 3.0, 20.0]))
    n = np.arange(4000)
    p = law.take(np.s_[:, None]).pmf(n)
    assert p.sum(axis=1) == pytest.approx(1, abs=1e-12)
    assert (n * p).sum(axis=1) == pytest.approx(law.mean, rel=1e-10)
    assert (n**2 * p).sum(axis=1) == pytest.approx(law.second_moment, rel=1e-9)
    assert (0.7**n * p).sum(axis=1) == pytest.approx(law.at(0.7), rel=1e-12)


def test_stages_compose_as_their_generating_functions_do():
    stages = [
        Kendall.constant(1.2, 0.3, 2),
        Kendall.burst(80, 0.1),
        Kendall.founder().thinned(0.04),
        Kendall.constant(0.02, 0.03, 90),
    ]
    chain = Kendall.founder()
    for stage in stages:
        chain = chain.then(stage)
    for z in (0.0, 0.5, 0.99):
        value = np.float64(z)
        for stage in reversed(stages):
            value = stage.at(value)
        assert chain.at(z) == pytest.approx(value, abs=1e-14)


@pytest.mark.parametrize("sign", [1, -1])
def test_growth_and_loss_of_700_powers_of_e_stay_finite(sign):
    b, d = (8.0, 1.0) if sign > 0 else (1.0, 8.0)
    r = Rates(np.linspace(0, 100, 2001), np.full(2001, b), np.full(2001, d))
    law = r.until(2000)
    for x in (law.m, law.B, law.survival, law.pmf(0), law.pmf(1), law.pmf(10**9), law.at(0.5)):
        assert np.isfinite(x).all()
    assert (law.survival > 0).all()
    assert (law.survival <= 1).all()
    assert law.survival[0] == pytest.approx(Kendall.constant(b, d, 100).survival, rel=1e-9)


def test_founders_over_time_obey_the_equation_of_the_pool():
    r = rates(1201)
    influx = 50 + 10 * np.cos(r.times / 9)

    def pool(t, n):
        b, d, f = (np.interp(t, r.times, x) for x in (r.birth, r.death, influx))
        return f + (b - d) * n

    want = solve_ivp(pool, (0, LENGTH), [1000.0], rtol=1e-10, max_step=0.5).y[0, -1]
    start = Clones(np.array([1000.0]), r.between(0, -1).take(np.s_[None]))
    # Trapezoid over founding days, h = 0.05 d.
    assert together(start, founded(influx, r, -1)).cells == pytest.approx(want, rel=1e-6)


def test_classes_of_division_add_up_to_the_pool():
    classes = Classes(np.array([0.5, 0.3, 0.2]), np.array([1.0, 3.0, 10.0]))
    errors = []
    for n in (301, 601, 1201):
        r = rates(n)
        influx, cells = 50 + 10 * np.cos(r.times / 9), np.empty(n)
        cells = np.array([founded(influx, r, k).cells for k in range(n)])
        each = founded(influx * classes.share[:, None], classes.rates(r, influx, cells), -1)
        errors.append(abs(each.cells.sum() / cells[-1] - 1))
    assert errors[-1] < 1e-4
    # Both the splitting and the straight lines between days are of second order.
    assert np.log2(errors[0] / errors[-1]) > 3.5


def test_one_class_is_neutral_and_changes_nothing():
    r = rates(61)
    influx = np.full(61, 5.0)
    same = NEUTRAL.rates(r, influx, np.linspace(0, 100, 61))
    assert NEUTRAL.label == "neutral"
    assert Classes(np.full(2, 0.5), np.array([1.0, 2.0])).label == "2 classes of division"
    assert same.birth[0] == pytest.approx(r.birth, rel=1e-14)


def test_unusable_rates_and_classes_are_refused():
    t = np.arange(3.0)
    with pytest.raises(RunError, match="finite days in increasing order"):
        Rates(t[::-1], t, t)
    with pytest.raises(RunError, match="clones, death rates: expected finite rates"):
        Rates(t, t, np.array([0, np.nan, 1]))
    with pytest.raises(RunError, match="3 times on the last axis"):
        Rates(t, t[:2], t)
    with pytest.raises(RunError, match="shares that sum to 1"):
        Classes(np.array([0.5, 0.4]), np.ones(2))
    with pytest.raises(RunError, match="rates above 0"):
        Classes(np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    with pytest.raises(RunError, match="clones, burst"):
        Kendall.burst(3, 1.0)
