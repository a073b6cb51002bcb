"""The vector that an optimiser moves, and the values it stands for."""

import numpy as np
import pytest

from thymos.inference.observations import Observations
from thymos.inference.unknowns import Unknown, Unknowns
from thymos.lang.errors import DataError

EACH = (
    Unknown("m.k", 0.5, 0.0, 2.0, log=True),
    Unknown("age", 8.0, 1.0, 80.0, own=True),
    Unknown("m.b", -1.0),
)


@pytest.fixture
def three():
    return Unknowns.of(EACH, 3)


def test_shared_ones_take_one_place_and_own_ones_a_place_each(three):
    assert three.names == ("m.k", "age[0]", "age[1]", "age[2]", "m.b")
    np.testing.assert_array_equal(three.places, [[0, 0, 0], [1, 2, 3], [4, 4, 4]])
    np.testing.assert_allclose(three.start, [np.log(0.5), 8, 8, 8, -1])
    assert three.bounds == [(-np.inf, pytest.approx(np.log(2.0))), *[(1.0, 80.0)] * 3, (-np.inf, np.inf)]


def test_values_and_their_slopes(three):
    x = np.array([np.log(0.25), 1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(three.values(x), [[0.25] * 3, [1, 2, 3], [4] * 3])
    np.testing.assert_allclose(three.slopes(x), [[0.25] * 3, [1] * 3, [1] * 3])


def test_a_vector_of_another_length_is_refused(three):
    with pytest.raises(DataError, match=r"expected 5 numbers, got shape \(4,\)"):
        three.values(np.zeros(4))


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ({"start": 3.0, "high": 2.0}, "expected low <= start <= high, got low -inf, start 3, high 2"),
        ({"start": 0.0, "log": True}, "expected 0 < low <= start <= high"),
        ({"start": np.nan}, "got low -inf, start nan"),
    ],
)
def test_a_start_outside_its_bounds_is_refused(what, text):
    with pytest.raises(DataError, match=text):
        Unknown("m.k", **what)


def test_unknowns_are_named_once():
    with pytest.raises(DataError, match=r"got m\.b, m\.b"):
        Unknowns.of((EACH[2], EACH[2]), 1)
    with pytest.raises(DataError, match="got none"):
        Unknowns.of((), 1)


def test_one_value_serves_every_row_of_a_column():
    o = Observations.of([1.0, 2.0], "x", [3.0, 4.0], 0.1)
    assert o.output == ("x", "x")
    np.testing.assert_array_equal(o.patient, [0, 0])
    np.testing.assert_array_equal(o.sd, [0.1, 0.1])


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"day": [1.0, -1.0]}, "row 1, day: expected a day at 0 or later, got -1"),
        ({"value": [np.nan, 1.0]}, "row 0, value: expected a finite value, got nan"),
        (
            {"value": [1.0, 0.0], "log_normal": True},
            "row 1, value: expected a value above 0 for a log-normal",
        ),
        ({"sd": [0.1, 0.0]}, "row 1, sd: expected a finite standard deviation above 0, got 0"),
        ({"patient": [0, -1]}, "row 1, patient: expected a number from 0, got -1"),
        ({"day": [1.0, 2.0, 3.0]}, "columns of 2 rows, as many as values"),
        ({"output": ["x"]}, "2 names of outputs, as many as values, got 1"),
    ],
)
def test_a_bad_row_is_named(changed, text):
    good = {"day": [1.0, 2.0], "output": "x", "value": [3.0, 4.0], "sd": 0.1}
    with pytest.raises(DataError, match=text):
        Observations.of(**(good | changed))
