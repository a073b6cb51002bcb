"""Whatever bytes are handed in as a study, the answer is a study or a `StudyError`, never another failure."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from thymos.io.distribution import Distribution
from thymos.io.quantity import Age, Quantity
from thymos.io.study_file import parse_study, study_hash, study_text
from thymos.lang.errors import StudyError

GOOD = (
    Path(__file__).parents[2] / "src" / "thymos" / "trial" / "studies" / "scid-haplo.yaml"
).read_text(encoding="utf-8")  # fmt: skip
PIECES = (
    "&a ",
    "*a",
    "!!x ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "- ",
    "\n",
    "\t",
    "'",
    '"',
    "|",
    ">",
    "%",
    "null",
    "-1",
    "1e400",
)


@given(st.text(max_size=300))
def test_any_text(text):
    try:
        parse_study(text, "x")
    except StudyError as problem:
        assert problem.where.startswith("x")  # noqa: PT017 (no failure is expected, one kind is allowed)


@given(st.data())
def test_a_shipped_study_with_something_put_in_or_cut_out(data):
    at = data.draw(st.integers(0, len(GOOD)))
    cut = data.draw(st.integers(0, 30))
    piece = data.draw(st.sampled_from(PIECES) | st.text(max_size=5))
    try:
        study = parse_study(GOOD[:at] + piece + GOOD[at + cut :], "x")
    except StudyError as problem:
        assert problem.wanted  # noqa: PT017
        assert problem.got  # noqa: PT017
    else:
        assert study_hash(parse_study(study_text(study), "y")) == study_hash(study)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_quantity_comes_back_the_same_float(value):
    field = Quantity("cell/kg")
    assert field.read(field.write(value)) == value


@given(st.floats(0, 120), st.floats(0, 120))
def test_limits_of_a_distribution_are_in_order_or_refused(low, high):
    raw = {"kind": "uniform", "low": f"{low!r} year", "high": f"{high!r} year"}
    try:
        found = Distribution[Age].model_validate(raw)
    except ValueError:
        assert low > high
    else:
        assert found.highest() == high
