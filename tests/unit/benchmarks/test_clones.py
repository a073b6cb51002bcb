"""The other ways to clones and diversity of the benchmark are ways to the same thing."""

import numpy as np
import pytest

from thymos.biology.repertoire.clones.clones import Clones
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.diversity.expected import expected


def test_quadrature_has_the_entropy_of_the_series():
    from clones import quadrature

    clones = Clones(
        np.array([5000.0, 300.0, 4.0]), Kendall(np.array([0.5, 3.0, 900.0]), np.array([0.2, 9.0, 4e3]))
    )
    assert quadrature(clones)["shannon"] == pytest.approx(float(expected(clones).shannon), rel=1e-9)


def test_leaps_of_a_day_have_the_mean_of_slow_clones():
    from clones import DAYS, RATES, TIMES, Source, tau_leap, truth

    days = np.full(20_000, 200)  # when division has become slow, a day is a small step
    sizes = tau_leap(days, 1)
    law = RATES.between(200, -1)
    assert sizes[:, TIMES < 200].sum() == 0
    assert sizes[:, -1].mean() == pytest.approx(float(law.m), rel=0.04)
    there = Source("", RATES, 0 * DAYS, sizes=np.ones(5, dtype=np.int64))
    assert truth(there) == (float(RATES.between(0, -1).m), float(RATES.between(0, -1).second_moment))
