"""Numbers as a clinician reads them."""

import pytest

from thymos.io.summary_schema import Proportion, Quantity
from thymos.report import words

THIN = words.NARROW


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (14.7, "14.7"),
        (2, "2"),
        (0.0123, "0.0123"),
        (-3.5, "−3.5"),
        (1234, f"1{THIN}230"),
        (500_000, "0.5 × 10⁶"),
        (15e6, "15 × 10⁶"),
        (2.5e11, "2.5 × 10¹¹"),
        (1e-4, "1 × 10⁻⁴"),
        (None, "not reached"),
        (float("nan"), "none"),
    ],
)
def test_numbers(value, text):
    assert words.number(value) == text


def test_a_quantity_has_its_interval_and_unit():
    assert (
        words.quantity(Quantity(median=348, low=80, high=1510, unit="cell/uL")) == f"348/µL (80–1{THIN}510)"
    )
    assert words.quantity(Quantity(median=5e5, low=5e5, high=5e5, unit="cell/kg")) == "0.5 × 10⁶/kg"
    never = Quantity(median=None, low=80, high=None, unit="day")
    assert words.quantity(never) == "not reached (80–not reached)" or "not reached" in words.quantity(never)


def test_a_minus_sign_is_not_taken_for_a_dash():
    value = Quantity(median=-16, low=-31, high=-3, unit="day")
    assert words.difference(value) == f"−16{THIN}days (−31 to −3)"


def test_shares():
    assert words.proportion(Proportion(p=0.55, low=0.52, high=0.58, n=1000)) == "55% (52–58)"
    assert words.proportion(Proportion(p=0.041, low=0.032, high=0.05, n=1000)) == "4.1% (3.2–5.0)"
    assert words.points(0.12) == f"+12{THIN}points"
    assert words.points(-0.027) == f"−2.7{THIN}points"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("cd4_ir_day100", "CD4 recovery by day 100"),
        ("cd4_day100", "CD4+ T cells, day 100"),
        ("nrm_day365", "Non-relapse mortality, 1 year"),
        ("something_new", "something new"),
    ],
)
def test_endpoints(key, text):
    assert words.endpoint(key) == text


def test_parameters():
    assert words.spoken("homing.homing_fraction") == "homing fraction"
    assert words.spoken("marrow.lag") == "lag (marrow)"
    assert words.spoken("lag") == "lag"
