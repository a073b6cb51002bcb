"""Laws of a forecast: nothing that cannot matter moves it, and counts never make it vaguer on average."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, sampled_from

from thymos.assay.fluctuation import Fluctuation
from thymos.cli.forecast_summary import summary
from thymos.cli.forecasting import forecast
from thymos.inference.assimilate import Places, Plan, assimilate
from thymos.inference.importance import weights
from thymos.inference.readings import Readings
from thymos.io.patient_counts import PatientCounts, parse_counts
from thymos.io.patient_file import parse_patient
from thymos.lang.errors import StudyError
from thymos.trial.likes import COUNTED
from thymos.trial.what_if import WhatIf

PATIENT = parse_patient("age: 0.5 year\nweight: 7 kg\ndiagnosis: il2rg-jak3\n", "patient.yaml")
COUNTS = """day,lineage,count,unit
14,cd4,<1,cells/uL
60,cd4,30,cells/uL
"""
IN_LITRES = """day,lineage,count,unit
60,cd4,0.03,10*9/L
14,cd4,<0.001,10*9/L
"""
MANY = """day,lineage,count,unit
30,nk,80,cells/uL
60,cd4,30,cells/uL
60,cd8,30,cells/uL
60,cd19,30,cells/uL
60,trec,1.5,copies/uL
90,cd4,150,cells/uL
"""
N = 4000  # enough for these counts, so that nobody has to be moved


def made(counts, **options):
    return forecast(PATIENT, counts, n=N, **options)


@pytest.fixture(scope="module")
def counts():
    return parse_counts(COUNTS, "counts.csv", PATIENT)


@pytest.fixture(scope="module")
def found(counts):
    return made(counts, what_if=WhatIf(((1e6, 90.0),)))


def same(one, other):
    return all(np.array_equal(one.ahead.reported[name], other.ahead.reported[name]) for name in COUNTED)


def test_neither_workers_nor_the_order_of_rows_nor_their_units_move_it(found, counts):
    turned = parse_counts(IN_LITRES, "counts.csv", PATIENT)
    assert [row.value for row in turned.rows] == [row.value for row in counts.rows]
    mixed = PatientCounts(tuple(reversed(turned.rows)))
    assert same(found, made(mixed, workers=2))


def test_another_seed_is_another_draw_of_the_same_forecast(found, counts):
    other = made(counts, seed=2)
    assert not same(found, other)
    middle = [np.median(np.log(one.course["cd4"][:, -1])) for one in (found, other)]
    # Some 500 independent draws of a spread of 0.4 each: five standard errors of a difference of medians.
    assert middle[0] == pytest.approx(middle[1], abs=0.16)


@pytest.mark.slow
def test_a_crowd_that_had_to_be_moved_depends_neither_on_workers_nor_on_the_order_of_rows():
    many = parse_counts(MANY, "counts.csv", PATIENT)
    one = made(many, workers=1)
    assert any(update.moved for update in one.updates)
    assert same(one, made(PatientCounts(tuple(reversed(many.rows))), workers=2))


def test_below_the_limit_is_neither_zero_nor_unknown():
    z = np.random.default_rng(13).standard_normal((4000, 1))

    def believed(value, below):
        seen = Readings(np.array([value]), np.array([below]), 0.3 * np.eye(1))
        judged = seen.judged(z, np.zeros((4000, seen.censored)))
        return weights(judged.log_density[:, 0]) @ z[:, 0]

    zero, below = believed(np.log(1e-6), False), believed(-0.5, True)
    assert zero < 2 * below < -0.5  # a zero drags the course down without end
    assert below < -0.4 < z.mean()  # and below the limit is no silence


def test_another_treatment_changes_what_comes_after_it_alone(found):
    past = found.days < 90
    for name in COUNTED:
        before, after = found.course[name][:, past], found.other.course[name][:, past]
        assert after == pytest.approx(before, rel=1e-3, abs=1e-5)
    assert np.any(found.other.course["cd4"][:, -1] != found.course["cd4"][:, -1])


@pytest.mark.parametrize("day", [59.0, -1.0, float("nan")])
def test_what_was_not_given_cannot_be_given_in_the_past(counts, day):
    with pytest.raises(StudyError, match="a day from 60 on, the day of the last count"):
        made(counts, what_if=WhatIf(((1e6, day),)))


def test_draws_are_ordered_as_counts_are(found):
    for name, course in found.course.items():
        assert np.isfinite(course).all(), name
        assert (course >= -1e-6).all(), name
    assert (found.course["cd4_naive"] <= found.course["cd4"] * (1 + 1e-9)).all()
    assert (found.course["cd3"] <= found.course["lymphocytes"] * (1 + 1e-9)).all()


def test_chances_of_a_higher_aim_are_not_higher(found):
    reached = {name: np.isfinite(day) for name, day in found.milestones.items()}
    assert not np.any(reached["cd4_200_month6"] & ~reached["cd4_200"])


def test_a_summary_is_plain_json_and_tells_of_every_day_with_counts(found):
    one = summary(found)
    assert json.loads(json.dumps(one, allow_nan=False)) == one
    assert [update["counts"] for update in one["updates"]] == [1, 2]


names = sampled_from(sorted(COUNTED))


@given(rows=lists(names, min_size=1, max_size=6), days=lists(floats(0, 700), min_size=6, max_size=6))
def test_departures_have_a_covariance_whatever_is_counted(rows, days):
    day = np.array(days[: len(rows)])
    found = Fluctuation().covariance(rows, day, rows, day)
    assert found == pytest.approx(found.T)
    assert np.linalg.eigvalsh(found).min() > -1e-9


class Line:
    """A patient whose courses are straight in its scores."""

    slopes = np.random.default_rng(7).normal(size=(6, 10))

    def levels(self, places, count):
        return (places.z @ self.slopes.T)[:, :count]

    def whole(self, places):
        return self.levels(places, 6), places.z @ np.ones(10)


def test_more_counts_never_widen_a_well_specified_forecast_on_average():
    rng, covariance, line = np.random.default_rng(11), 0.3 * np.eye(6), Line()
    widths = []
    for patient in range(15):
        truth = rng.standard_normal(10)
        value = line.slopes @ truth + np.sqrt(0.3) * rng.standard_normal(6)
        start = Places(rng.standard_normal((2000, 10)), np.zeros((2000, 0)))
        seen = Readings(value, np.zeros(6, dtype=bool), covariance)
        plan = Plan(least=200, members=1000)
        widths.append([spread(stage) for stage in assimilate(line, start, seen, patient, plan)])
    mean = np.mean(widths, axis=0)
    # A straight line's own widths fall from the first reading on; 2 % is the error of 15 x 200 members.
    assert (np.diff(mean) < 0.02 * mean[:-1]).all()
    assert mean[-1] < 0.8 * np.sqrt(10)


def spread(stage):
    middle = stage.weight @ stage.crowd.course
    return np.sqrt(stage.weight @ (stage.crowd.course - middle) ** 2)
