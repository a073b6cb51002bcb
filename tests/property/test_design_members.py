"""Members of the ensemble stay what they are, wherever and with whomever they are computed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.lang.errors import DataError, StudyError
from thymos.therapy.culture import culture_models
from thymos.therapy.design.doubt import Doubt
from thymos.therapy.sampling import values_of

DRAWS = {"notch.steepness": np.linspace(1.0, 4.0, 7), "progenitors.growth": np.linspace(0.4, 0.6, 7)}
DOUBT = Doubt("cord-blood", ("dl4_model", "commitment"), DRAWS)


@given(st.integers(0, 10_000), st.integers(1, 19))
def test_a_member_alone_has_the_values_he_has_among_others(seed, place):
    points = DOUBT.points(20, seed)
    together, alone = DOUBT.values(points), DOUBT.values(points[place : place + 1])
    assert together.keys() == alone.keys()
    assert all(together[name][place] == alone[name][0] for name in alone)


def test_values_handed_in_are_taken_in_rows_as_often_as_each_other():
    values = DOUBT.values(DOUBT.points(7000, 1))
    pairs, times = np.unique(np.stack([values[name] for name in DRAWS]), axis=1, return_counts=True)
    assert pairs == pytest.approx(np.stack(list(DRAWS.values())))
    assert times == pytest.approx(1000, abs=4 * np.sqrt(1000))


def test_each_choice_of_a_switch_is_as_likely_as_the_others():
    values = DOUBT.values(DOUBT.points(6000, 2))
    assert values["notch.dl4_model=threshold"].mean() == pytest.approx(1 / 2, abs=0.03)
    days, number = (values[f"commitment.commitment={choice}"] for choice in ("per_day", "division_number"))
    assert (days.mean(), number.mean()) == pytest.approx((1 / 3, 1 / 3), abs=0.03)
    assert not (days * number).any()


def test_values_lie_in_the_plausible_range_of_their_rows():
    doubt = Doubt("cord-blood")
    values = doubt.values(doubt.points(2000, 3))
    rows = values_of(culture_models("cord-blood"))
    for name, x in values.items():
        if rows[name].range is not None:
            low, high = rows[name].range
            assert low * (1 - 1e-9) <= x.min() <= x.max() <= high * (1 + 1e-9), name


def test_a_new_name_leaves_the_other_draws_as_they_were():
    plain, more = Doubt("cord-blood"), Doubt("cord-blood", ("dl4_model",))
    assert np.array_equal(plain.points(5, 1), more.points(5, 1)[:, : len(plain.names)])


def test_what_the_culture_does_not_know_is_refused():
    with pytest.raises(DataError, match=r"column notch\.stepness"):
        Doubt("cord-blood", drawn={"notch.stepness": np.ones(3)})
    with pytest.raises(StudyError, match=r"one of .*dl4_model"):
        Doubt("cord-blood", ("dl4",))
