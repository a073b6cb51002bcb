"""Another treatment from now on: what may be asked, and what it becomes."""

import numpy as np
import pytest

from thymos.lang.errors import StudyError
from thymos.trial.likes import Treatment
from thymos.trial.what_if import WhatIf, asked

HAD = Treatment(dose=5e5, day=9.0)


def test_an_infusion_to_come_follows_those_that_were_given():
    found = WhatIf(((1e6, 70.0),)).of(HAD, today=60.0)
    assert found == Treatment(5e5, 9.0, 1e6, 70.0)


def test_an_infusion_to_come_replaces_one_that_was_planned():
    found = WhatIf(((1e6, 70.0), (2e6, 90.0))).of(Treatment(dose=5e5, day=65.0), today=60.0)
    assert found == Treatment(1e6, 70.0, 2e6, 90.0)


def test_steroids_stop_when_they_are_given():
    on = Treatment(steroid_start=20.0)
    assert WhatIf(steroid_stop=70.0).of(on, today=60.0).steroid_end == 70.0
    with pytest.raises(StudyError, match="steroids that are given on day 70, got none"):
        WhatIf(steroid_stop=70.0).of(HAD, today=60.0)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (WhatIf(((1e6, 50.0),)), "a day from 60 on, the day of the last count, got 50"),
        (WhatIf(((1e6, 70.0), (1e6, 80.0))), "at most 2 infusions, those already given among them, got 3"),
        (WhatIf(((-1.0, 70.0),)), "0 cell/kg or more, got -1"),
        (WhatIf(((np.inf, 70.0),)), "0 cell/kg or more, got inf"),
        (WhatIf(steroid_stop=10.0), "a day from 60 on, the day of the last count, got 10"),
    ],
)
def test_what_cannot_be_asked_says_why(what, message):
    with pytest.raises(StudyError, match=message):
        what.of(HAD, today=60.0)


def test_options_ask_for_nothing_a_dose_or_a_stop():
    assert asked(None, None, None, None, None) is None
    assert asked(1e6, 70.0, None, None, None) == WhatIf(((1e6, 70.0),))
    assert asked(None, None, None, None, 80.0) == WhatIf((), 80.0)
    with pytest.raises(StudyError, match="option --dose: expected a dose and its day, got a dose alone"):
        asked(1e6, None, None, None, None)
    with pytest.raises(StudyError, match=r"option --second-dose.*got a day alone"):
        asked(1e6, 70.0, None, 90.0, None)
