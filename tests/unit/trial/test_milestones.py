"""Milestones in a patient's own counts: twice above, in time; what was below a limit never counts as above."""

import numpy as np
import pytest

from thymos.io.patient_counts import Count, PatientCounts
from thymos.trial.milestones import ALARMS, MILESTONES, own_course, own_state

EARLY, HIGHER, HEALTHY = MILESTONES
CD3, CD8 = ALARMS


def counts(*pairs, lineage="cd4"):
    """Pairs of day and count; a negative count is one below that limit."""
    rows = tuple(Count(float(day), lineage, abs(float(x)), below=x < 0) for day, x in pairs)
    return PatientCounts(rows)


@pytest.mark.parametrize(
    ("pairs", "state"),
    [
        ((), ("no counts", np.inf)),
        (((30, 10), (60, 20)), ("not yet", np.inf)),
        (((30, 10), (60, 60)), ("once", 60)),
        (((30, 10), (60, 60), (90, 70)), ("reached", 60)),
        (((30, 10), (60, 60), (90, 70), (150, 10)), ("reached", 60)),  # a fall later takes nothing away
        (((30, 60), (60, 40), (90, 70)), ("once", 90)),  # not in a row
        (((60, 40), (90, 60), (110, 70)), ("missed", np.inf)),  # confirmed after day 100
        (((60, 50), (90, 50)), ("not yet", np.inf)),  # above, not at
        (((60, -100), (90, -100)), ("not yet", np.inf)),  # below 100 may be above 50: nobody knows
        (((-7, 300), (-2, 300), (30, 5)), ("not yet", np.inf)),  # from before transplant
    ],
)
def test_cd4_above_50_twice_by_day_100(pairs, state):
    assert own_state(EARLY, counts(*pairs), 14.0) == state


def test_the_healthy_milestone_rises_and_falls_with_age():
    seen = counts((100, 600), (180, 650))
    assert own_state(HEALTHY, seen, 40.0)[0] == "reached"
    assert own_state(HEALTHY, seen, 1.0)[0] == "not yet"


def test_the_healthy_milestone_of_the_first_birthday_is_the_published_5th_centile():
    # Shearer gives the 10th and 90th: 1,300 and 3,400 at 1 to 2 years; the lognormal between them has its 5th at 1,134.
    middle, spread = np.log(1300 * 3400) / 2, np.log(3400 / 1300) / 2 / 1.2815516
    assert HEALTHY.levels(np.array([182.625]), 1.0)[0] == pytest.approx(np.exp(middle - 1.6448536 * spread))


def test_of_two_assays_on_one_day_the_lower_counts():
    rows = (
        Count(60.0, "cd4", 40.0, assay="a"),
        Count(60.0, "cd4", 60.0, assay="b"),
        Count(90.0, "cd4", 80.0),
    )
    days, values = own_course(PatientCounts(rows), "cd4")
    assert (days.tolist(), values.tolist()) == ([60, 90], [40, 80])


def test_simulated_patients_are_judged_alike():
    days = np.array([30.0, 60, 90, 120, 150])
    courses = np.array([[10, 60, 70, 80, 90], [10, 20, 60, 70, 80], [10, 20, 30, 210, 220.0]])
    assert EARLY.day(days, courses, 14.0).tolist() == [60, np.inf, np.inf]
    assert HIGHER.day(days, courses, 14.0).tolist() == [np.inf, np.inf, 120]


@pytest.mark.parametrize(
    ("pairs", "state"),
    [
        (((60, 400),), "due"),
        (((60, 400), (95, 250), (180, 900)), "alarm"),
        (((60, 100), (110, 400)), "clear"),
        (((60, 400), (180, 900)), "no count"),
        (((98, -5),), "alarm"),
        ((), "due"),
    ],
)
def test_an_alarm_reads_the_count_nearest_to_day_100(pairs, state):
    assert CD3.state(*own_course(counts(*pairs, lineage="cd3"), "cd3")) == state


def test_alarms_have_levels_of_their_own():
    assert CD8.state(np.array([100.0]), np.array([60.0])) == "clear"
    assert CD8.state(np.array([100.0]), np.array([40.0])) == "alarm"
