"""The numbers of a chart from counts and from simulated patients whose courses are written down by hand."""

import json
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.io.patient_counts import Count, PatientCounts, parse_counts
from thymos.io.patient_file import parse_patient
from thymos.trial.chart import chart, chart_days
from thymos.trial.run import load_study

SCID, LEUKAEMIA = load_study("scid-haplo"), load_study("leukaemia-tdepleted")
CHILD = parse_patient(
    'age: "18 month"\ndiagnosis: ada\nproduct: [{dose: "5e5 cell/kg", day: "9 day"}]', "child.yaml"
)
ADULT = parse_patient('age: "46 year"\ndiagnosis: aml', "adult.yaml")
SIMULATED = np.arange(1.0, 102.0)  # 101 patients: quantiles fall on them
LINEAGES = ("cd3", "cd4", "cd8", "cd4_naive", "cd19", "nk", "trec")


def charted(counts, patient=ADULT, study=LEUKAEMIA):
    days = chart_days(counts, study)
    flat = np.repeat(SIMULATED[:, None], len(days), axis=1)
    likes = SimpleNamespace(outputs={name: flat for name in LINEAGES} | {"lymphocytes": 3 * flat})
    return chart(patient, counts, study, days, likes)


def of(*rows):
    return PatientCounts(tuple(Count(*row) for row in rows))


def test_every_day_that_is_read_off_is_simulated():
    days = chart_days(of((33.25, "cd4", 5.0), (-7.0, "cd4", 9.0)), SCID)
    assert {0.0, 14.0, 33.25, 100.0, 365.0} <= set(days.tolist())
    assert (days[0], days[-1]) == (0, 365)
    assert chart_days(of((400.0, "cd4", 5.0)), SCID)[-1] == 730
    assert chart_days(of((1500.0, "cd4", 5.0)), SCID)[-1] == 1500


@pytest.mark.parametrize(
    ("value", "below", "place"),
    [
        (10.9, False, "behind"),
        (11.0, False, "on"),  # the 10th of a hundred
        (91.0, False, "on"),
        (91.1, False, "ahead"),
        (10.0, True, "behind"),  # all that it may be is below the band
        (12.0, True, "on"),
        (500.0, True, "on"),
    ],
)
def test_a_count_is_behind_on_or_ahead_of_the_80_percent_band(value, below, place):
    (row,) = charted(of((60.0, "cd4", value, below)))["counts"]
    assert (row["place"], row["expected"]) == (place, 51.0)


def test_scores_are_those_of_the_age_on_the_day_of_the_count():
    found = charted(of((182.625, "cd4", 700.0)), CHILD, SCID)
    # At 2 years, halfway between the bands of 1.5 and 4 years in log age.
    middle, spread = np.log((1300 * 3400, 700 * 2200)) / 2, np.log((3400 / 1300, 2200 / 700)) / 2 / 1.2815516
    share = np.log(2 / 1.5) / np.log(4 / 1.5)
    score = (np.log(700) - np.interp(share, (0, 1), middle)) / np.interp(share, (0, 1), spread)
    assert found["counts"][0]["z"] == pytest.approx(score, rel=1e-6)
    assert found["counts"][0]["centile"] == pytest.approx(100 * NormalDist().cdf(score), rel=1e-6)


def test_lymphocytes_are_the_sum_of_their_parts_and_have_no_reference():
    found = charted(of((60.0, "lymphocytes", 200.0), (60.0, "trec", 1.0)))
    assert [row["expected"] for row in found["counts"]] == [3 * 51.0, 51.0]
    assert {row["z"] for row in found["counts"]} == {None}


def test_alarms_are_for_scid_and_shares_for_everyone():
    adult, child = charted(of((60.0, "cd4", 5.0))), charted(of((60.0, "cd4", 5.0)), CHILD, SCID)
    assert [row["key"] for row in child["alarms"]] == ["cd3_300", "cd8_50"]
    assert [row["like"]["p"] for row in child["alarms"]] == [1.0, pytest.approx(49 / 101)]
    assert adult["alarms"] == []
    assert adult["milestones"][0]["like"]["reached"]["p"] == pytest.approx(51 / 101)
    assert adult["milestones"][1]["like"]["reached"]["p"] == 0
    assert adult["milestones"][1]["like"]["day"] == {"median": None, "low": None, "high": None}


def test_counts_from_before_transplant_are_told_and_not_compared():
    found = charted(of((-7.0, "cd4", 900.0), (30.0, "cd4", 5.0)))
    assert found["counts"][0]["place"] is None
    assert found["counts"][0]["centile"] is not None
    assert found["notes"] == ["counts from before transplant stand in the table alone: 1"]


def test_the_result_is_plain_json_and_names_who_measured():
    found = charted(of((30.0, "cd4", 5.0)), CHILD, SCID)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["reference"]["by"] == ["Shearer et al. 2003 (children)", "Chng et al. 2004 (adults)"]
    assert {"shearer2003", "chng2004", "heimall2017", "vanroessel2020"} == {
        s["key"] for s in found["sources"]
    }


@settings(max_examples=8)  # a chart takes a tenth of a second
@given(st.permutations(range(4)), st.sampled_from([("{}", "cells/uL"), ("{}e-3", "G/L"), ("{}", "10*6/L")]))
def test_neither_order_nor_unit_moves_the_chart(order, how):
    number, unit = how
    lines = [f"{day},{name},{number.format(x)},{unit}" for day, name, x in
             ((30, "CD3", 40), (30, "CD4", 20), (60, "CD4", 70), (90, "CD4", 90))]  # fmt: skip
    plain = parse_counts(
        "day,lineage,count,unit\n30,CD3,40,/uL\n30,CD4,20,/uL\n60,CD4,70,/uL\n90,CD4,90,/uL", "a"
    )
    other = parse_counts("day,lineage,count,unit\n" + "\n".join(lines[i] for i in order), "b")
    assert charted(other) == charted(plain)


@settings(max_examples=8)
@given(st.floats(0.5, 200), st.floats(1.0, 3.0))
def test_a_higher_limit_never_puts_a_patient_behind(limit, factor):
    low, high = (charted(of((60.0, "cd4", x, True)))["counts"][0]["place"] for x in (limit, factor * limit))
    assert (low, high) != ("on", "behind")
