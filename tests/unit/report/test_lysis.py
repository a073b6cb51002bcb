"""What a killing curve says in words: open ends, missing values, a law that does not fit."""

import pytest

from thymos.report.lysis import estimate, misfit


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (4.0, 3.0, 5.0, "4 (3–5)"),
        (4.0, 3.0, None, "4 (above 3)"),
        (4.0, None, 5.0, "4 (below 5)"),
        (4.0, None, None, "not identified"),
        (None, 3.0, None, "above 3"),
        (None, None, None, "not identified"),
    ],
)
def test_an_interval_says_which_end_is_open(value, low, high, said):
    assert estimate({"value": value, "low": low, "high": high}) == said


def test_a_law_that_does_not_fit_is_said_not_to():
    assert misfit({"lack_of_fit_p": None}) is None
    assert misfit({"lack_of_fit_p": 0.3}) is None
    assert "does not fit these wells (p = 0.004)" in misfit({"lack_of_fit_p": 0.004})
    assert "p < 0.0001" in misfit({"lack_of_fit_p": 1e-9})
