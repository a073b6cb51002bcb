"""Closed forms of killing, specific lysis and lytic units, worked out apart from the code."""

from math import exp, inf, log, sqrt

import numpy as np
import pytest

from thymos.assay.cytotoxicity import Cytotoxicity, Effector, Target
from thymos.assay.lytic_units import lytic_units
from thymos.assay.specific_lysis import specific_lysis
from thymos.io.plate_file import parse_plate
from thymos.therapy.product_lysis import lytic_ratio, nk_effector, product_lysis

ASSAY = Cytotoxicity()
V = {"rate": 0.2, "half": 3.0, "maturity_gain": 2.0}


def lysis(effector, target, ratio, hours):
    return float(ASSAY.specific_lysis(effector, target, ratio, hours, V))


def test_the_law_at_one_point():
    # h = 0.2 * 0.5 * (1 + 2 * 0.25) * 6 * 4 / (1 + 6 / 3) = 1.2
    assert lysis(Effector(strength=0.5, mature=0.25), Target(), 6.0, 4.0) == pytest.approx(
        1 - exp(-1.2), rel=1e-12
    )


def test_many_effectors_end_at_the_plateau():
    assert lysis(Effector(), Target(), 1e12, 4.0) == pytest.approx(1 - exp(-0.2 * 3 * 4), rel=1e-9)


def test_few_effectors_kill_in_proportion():
    assert lysis(Effector(), Target(), 1e-6, 4.0) == pytest.approx(0.2 * 1e-6 * 4, rel=1e-5)


def test_half_of_the_largest_rate_is_reached_at_r50():
    most = -log(1 - lysis(Effector(), Target(), 1e12, 4.0))
    assert -log(1 - lysis(Effector(), Target(), 3.0, 4.0)) == pytest.approx(most / 2, rel=1e-9)


def test_label_is_lost_by_two_independent_causes():
    # s0 + (1 - s0)(1 - e^-h) with s0 = 1 - e^-dt is 1 - e^-(h + dt).
    v = ASSAY.values
    h = v["rate"] * 2 * 5 / (1 + 2 / v["half"])
    assert ASSAY.lysis(Effector(), Target(), 2.0, 5.0) == pytest.approx(
        1 - exp(-h - 5 * v["release"]), rel=1e-12
    )


def test_cars_are_a_mixture_of_killers_and_spare_targets_without_the_antigen():
    # A third of effectors kills 7 times as fast: 3 times on average, h = 0.2 * 3 * 3 * 1 / (1 + 1) = 0.9.
    car = Effector(car_share=1 / 3, car_gain=7.0)
    positive, negative = 1 - exp(-0.9), 1 - exp(-0.3)
    assert lysis(car, Target(), 3.0, 1.0) == pytest.approx(positive, rel=1e-12)
    mixed = Target("mixed", 1.0, antigen_share=0.25)
    assert lysis(car, mixed, 3.0, 1.0) == pytest.approx(0.25 * positive + 0.75 * negative, rel=1e-12)


def test_a_target_half_as_susceptible_takes_twice_the_time():
    assert lysis(Effector(), Target("hard", 0.5), 3.0, 8.0) == lysis(Effector(), Target(), 3.0, 4.0)


def test_lytic_units_by_their_definition():
    # 5000 targets, 20 % lysed at 8:1: a unit is 40000 effectors, and a million of them hold 25.
    assert lytic_units(8.0, 5000.0) == pytest.approx(25.0)
    np.testing.assert_allclose(lytic_units([8.0, np.inf], 5000.0), [25.0, 0.0])


PLATE = """effector,target,ratio,time [hour],replicate,well,kind,signal [cpm]
NK,K562,10:1,4,1,A1,sample,1450
NK,K562,10:1,4,2,A2,sample,1550
,K562,,4,1,B1,spontaneous,380
,K562,,4,2,B2,spontaneous,420
,K562,,4,1,C1,maximum,2350
,K562,,4,2,C2,maximum,2450
"""


def test_specific_lysis_and_its_error_by_hand():
    # L = (1500 - 400) / (2400 - 400) = 0.55. SD of pairs: 50 sqrt 2, 20 sqrt 2, 50 sqrt 2; pooled CV squared is
    # the mean of (70.7/1500)^2, (28.3/400)^2, (70.7/2400)^2.
    (point,) = specific_lysis(parse_plate(PLATE, "plate.csv").curves()[0])
    cv2 = ((50 / 1500) ** 2 + (20 / 400) ** 2 + (50 / 2400) ** 2) * 2 / 3
    variance = cv2 / 2 * (1500**2 + (0.45 * 400) ** 2 + (0.55 * 2400) ** 2) / 2000**2
    assert point.percent == pytest.approx(55.0)
    assert point.se == pytest.approx(100 * sqrt(variance), rel=1e-9)
    assert point.wells == 2


def test_percent_dead_is_corrected_for_spontaneous_death():
    # Abbott's correction: (64 - 10) / (100 - 10) = 60 %.
    text = PLATE.replace("signal [cpm]", "signal [percent]").replace("1450", "62").replace("1550", "66")
    kept = [line for line in text.splitlines() if "maximum" not in line]
    text = "\n".join(kept).replace("380", "9").replace("420", "11")
    (point,) = specific_lysis(parse_plate(text, "plate.csv").curves()[0])
    assert point.percent == pytest.approx(60.0)


def test_a_product_is_put_on_the_plate_lot_by_lot():
    made = nk_effector({"nk_strength": np.array([1.0, 0.5]), "cd16_percent": np.array([0.0, 40.0])})
    found = product_lysis(made, [1.0, 10.0], 4.0, seed=1, draws=0)
    v = ASSAY.values
    paces = np.array([[1.0], [0.5 * (1 + 0.4 * v["maturity_gain"])]])
    r = np.array([1.0, 10.0])
    np.testing.assert_allclose(
        found, 1 - np.exp(-v["rate"] * paces * r * 4 / (1 + r / v["half"])), rtol=1e-12
    )


def test_what_is_not_known_of_killing_is_drawn_once_for_the_lots_that_share_it():
    same = Effector(strength=np.ones(60))
    found = product_lysis(same, [5.0], 4.0, seed=1, draws=3)
    again = product_lysis(same, [5.0], 4.0, seed=1, draws=3)
    np.testing.assert_array_equal(found, again)
    assert len(np.unique(found)) == 60  # products differ in rate
    assert found.std() > 0.02


def test_the_ratio_of_a_share_is_the_law_solved_for_it_and_inf_above_the_plateau():
    # h = k u R t / (1 + R / R50) at h = -ln 0.8; the plateau of u = 0.1 is 1 - exp(-0.16) < 0.2.
    v = ASSAY.values
    found = lytic_ratio(Effector(strength=np.array([1.0, 0.5, 0.1])), 0.2, 4.0, seed=1, draws=0)
    h = -log(0.8)
    expected = [h / (v["rate"] * u * 4 - h / v["half"]) for u in (1.0, 0.5)]
    np.testing.assert_allclose(found, [*expected, inf], rtol=1e-9)
