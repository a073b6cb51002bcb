"""Any bytes handed in as counts or as a patient give one, or a `ThymosError`; units and order move nothing."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thymos.io.patient_counts import Count, parse_counts
from thymos.io.patient_file import parse_patient
from thymos.lang.errors import DataError, StudyError

HEAD = "day,lineage,count,unit,limit\n"
GOOD = HEAD + "30,CD3+CD4+,<1,cells/uL,\n60,lymphocytes,0.5,10*9/L,\n60,CD3,40,% of lymphocytes,\n"
PATIENT = (
    'age: "14 year"\ndiagnosis: aml\ntransplant: 2026-01-31\nproduct: [{dose: "5e5 cell/kg", day: "8 day"}]\n'
)
SPELLED = {"cd3": "CD3+", "cd4": "CD3+CD4+", "cd8": "cytotoxic T cells", "cd19": "B", "nk": "CD16/56"}
UNITS = {"/uL": 1.0, "10*6/L": 1.0, "10*9/L": 1e3, "K/uL": 1e3, "cells/mL": 1e-3, "10^3/mm3": 1e3}
PIECES = (
    "<",
    ">",
    "%",
    "% of CD3",
    "G/L",
    "nan",
    "1e400",
    "-1",
    "0",
    ",",
    ";",
    "\t",
    '"',
    "#",
    "[",
    "]",
    "µ",
    "day",
)

days = st.floats(-60, 7305).map(lambda day: round(day, 2))
values = st.floats(0.01, 9000)
rows = st.lists(
    st.tuples(days, st.sampled_from(list(SPELLED)), values, st.booleans()),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:2],
)


def mutated(text, at, piece, cut):
    at %= len(text)
    return text[:at] + piece + text[at + cut :]


def written(table, units):
    lines = [
        f"{day!r},{SPELLED[lineage]},{'<' if below else ''}{value / UNITS[unit]!r},{unit},"
        for (day, lineage, value, below), unit in zip(table, units, strict=True)
    ]
    return HEAD + "\n".join(lines)


@given(st.text(max_size=300))
def test_any_text_as_counts(text):
    with contextlib.suppress(DataError):
        assert parse_counts(text, "any").rows


@given(
    st.integers(0, 10_000),
    st.sampled_from(PIECES) | st.text(max_size=8),
    st.integers(0, 12),
    st.integers(0, 10_000),
)
def test_counts_with_something_broken(at, piece, cut, again):
    text = mutated(mutated(GOOD, at, piece, cut), again, piece, cut)
    try:
        found = parse_counts(text, "broken", parse_patient(PATIENT, "p"))
    except DataError:
        return
    assert all(0 < count.value <= 1e5 and -60 <= count.day <= 7305 for count in found.rows)


@given(st.text(max_size=200))
def test_any_text_as_a_patient(text):
    with contextlib.suppress(StudyError):
        parse_patient(text, "any")


@given(st.integers(0, 10_000), st.sampled_from(PIECES) | st.text(max_size=8), st.integers(0, 12))
def test_a_patient_with_something_broken(at, piece, cut):
    with contextlib.suppress(StudyError):
        assert 0 <= parse_patient(mutated(PATIENT, at, piece, cut), "broken").age <= 90


@given(rows, st.data())
def test_a_change_of_units_moves_no_number(table, data):
    units = [data.draw(st.sampled_from(list(UNITS))) for _ in table]
    plain = parse_counts(written(table, ["/uL"] * len(table)), "plain").rows
    other = parse_counts(written(table, units), "other").rows
    assert [(c.day, c.lineage, c.below) for c in plain] == [(c.day, c.lineage, c.below) for c in other]
    assert [c.value for c in other] == pytest.approx([c.value for c in plain], rel=1e-12)


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table, chance):
    shuffled = random.Random(chance.random()).sample(table, len(table))  # noqa: S311  no secret is made of it
    units = ["/uL"] * len(table)
    assert parse_counts(written(table, units), "a") == parse_counts(written(shuffled, units), "b")


@given(days, st.sampled_from(list(SPELLED)), values)
def test_a_censored_value_is_its_limit_and_never_zero(day, lineage, limit):
    (count,) = parse_counts(written([(day, lineage, limit, True)], ["/uL"]), "one").rows
    assert count == Count(day, lineage, limit, below=True, limit=limit)
    (whole,) = parse_counts(written([(day, lineage, limit, False)], ["/uL"]), "one").rows
    assert whole == Count(day, lineage, limit)
