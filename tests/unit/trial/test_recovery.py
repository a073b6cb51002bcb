"""CD4 recovery reads visits: two in a row, within the horizon, before death."""

import numpy as np
import pytest

from thymos.trial.endpoints import CD4_EARLY
from thymos.trial.visits import Visits, interpolate, timetable

PLAN = np.array([30.0, 60, 90, 100, 180])
NEVER = np.inf


def seen(*counts: float) -> Visits:
    value = np.array([counts])
    return Visits(PLAN, PLAN[None] + 1, {"cd4": value}, {"cd4": np.zeros_like(value, bool)})


@pytest.mark.parametrize(
    ("counts", "day"),
    [
        ((10, 20, 60, 70, 300), 91),  # the first of the two
        ((10, 20, 40, 70, 300), NEVER),  # confirmed only after day 100
        ((60, 20, 60, 40, 300), NEVER),  # never two in a row
        ((60, 60, 10, 10, 10), 31),
        ((50, 50, 50, 50, 50), NEVER),  # above, not at
        ((60, np.nan, np.nan, np.nan, np.nan), NEVER),  # death after the first
    ],
)
def test_day_of_recovery(counts: tuple[float, ...], day: float) -> None:
    assert CD4_EARLY.evaluate(seen(*counts))[0] == day


def test_visits_fall_within_their_window_and_never_before_day_1() -> None:
    u = np.random.default_rng(0).random((200, 3))
    days = timetable((1.0, 14.0, 30.0), 3.0, u)
    assert days.min() >= 1
    assert (np.abs(days - [1, 14, 30]) <= 3).all()


def test_counts_between_outputs_follow_the_logarithm() -> None:
    times = np.array([0.0, 10.0, 20.0])
    course = np.array([[1.0, 10.0, 1000.0]])
    assert interpolate(times, course, np.array([[5.0, 15.0, 20.0]]))[0] == pytest.approx(
        [np.sqrt(10), 100, 1000]
    )
