"""The single-arm test at the registered size, against exact binomial numbers computed elsewhere (R, clinfun)."""

import numpy as np
import pytest

from thymos.trial.interval import Draws
from thymos.trial.registered_size import critical_value, power


def test_twelve_patients_against_55_percent() -> None:
    # Worked example: reject at 10 or more of 12, true alpha .042, power .558 at .8 and .889 at .9.
    assert critical_value(12, 0.55, 0.05) == 10


@pytest.mark.parametrize(("rate", "exact"), [(0.55, 0.042), (0.8, 0.558), (0.9, 0.889)])
def test_power_over_replicates_is_the_exact_one(rate: float, exact: float) -> None:
    n = 20_000
    responded = np.arange(n) < rate * n
    found = power(responded, responded, Draws.of(np.zeros(n, int)), 12, 0.55, 0.05, seed=3, replicates=20_000)
    assert found["power"]["p"] == pytest.approx(exact, abs=0.011)  # 3 standard errors of the replicates
    assert found["type_one_error"] == pytest.approx(0.042, abs=5e-4)


def test_no_sample_is_too_small_to_be_refused() -> None:
    assert critical_value(2, 0.9, 0.05) == 3  # two of two would not do: never rejects
