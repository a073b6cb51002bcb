"""The worth of a label in simulated patients, found a second time without any regression."""

import numpy as np
import pytest

from thymos.inference.worth import worth
from thymos.trial.headlines import QUANTITIES
from thymos.trial.measurements import DAYS, OUTPUTS, READINGS, measured
from thymos.trial.pairs import Pairs
from thymos.trial.run import load_study
from thymos.trial.same_patients import Twins
from thymos.trial.uncertain import draws, uncertain

PATIENTS, DRAWS, NEAR = 6, 3000, 50


@pytest.mark.slow
def test_the_spread_among_draws_with_nearly_the_same_data_is_what_the_regression_leaves():
    study = load_study("scid-haplo")
    values = draws(uncertain(study), DRAWS, 11)
    gain = Twins(study, 11, 120.0, 2).on_average(values, QUANTITIES[:1], 8)
    arm = measured(Pairs(study, 11, DAYS, OUTPUTS, 2), values, "treated", PATIENTS)
    seen = arm.value[:, :, READINGS.index(("label", 100.0))].mean(axis=1)

    found = worth(gain, [seen[:, None]], 11)
    ordered = gain[np.argsort(seen, kind="stable"), 0].reshape(-1, NEAR)
    left = ordered.var(axis=1, ddof=1).mean()
    by_neighbours = 1 - np.sqrt(left / gain.var(ddof=1))
    assert found.cut[0] == pytest.approx(by_neighbours, abs=0.02)
    assert found.cut[0] > 0.1
