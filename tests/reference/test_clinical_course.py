"""The course of events: closed forms, competing risks against statsmodels, and what the shrink factor does."""

import numpy as np
import pytest

from thymos.biology.risk.clinical_course import CHANCES, Course, course, crossing, gvhd_fatality

N = 40_000
TIMES = np.linspace(0, 730, 74)
PARAMETERS = {
    "mortality.gvhd_fatality_recovered": 0.12,
    "mortality.gvhd_fatality_not_recovered": 0.74,
    "mortality.gvhd_death_delay": 60.0,
    "mortality.infection_fatality": 0.1,
    "mortality.infection_death_delay": 20.0,
    "mortality.relapse_survival": 200.0,
    "immune_state.shrink": 0.5,
}


def simulated(seed: int = 0, **hazards: float) -> Course:
    """N patients with constant hazards [1/day]."""
    rng = np.random.default_rng(seed)
    rates = {"relapse_hazard": 0.0, "infection_hazard": 0.0, "mortality_hazard": 0.0, **hazards}
    return course(
        TIMES,
        {name: np.tile(rate * TIMES, (N, 1)) for name, rate in rates.items()},
        np.full(N, np.nan),
        np.zeros(N, bool),
        np.zeros(N, bool),
        np.ones(N),
        {name: np.full(N, value) for name, value in PARAMETERS.items()},
        {name: rng.random(N) for name in CHANCES},
    )


def test_a_constant_hazard_gives_an_exponential_time() -> None:
    found = simulated(mortality_hazard=2e-3)
    for day in (100, 365, 730):
        assert np.mean(found.death <= day) == pytest.approx(1 - np.exp(-2e-3 * day), abs=0.008)


def test_two_risks_share_as_their_hazards() -> None:
    found = simulated(mortality_hazard=1e-3, relapse_hazard=3e-3)
    total = 1 - np.exp(-4e-3 * 365)
    assert np.mean(found.relapse <= 365) == pytest.approx(total * 3 / 4, abs=0.008)
    assert np.mean(found.nrm <= 365) == pytest.approx(total / 4, abs=0.008)


def test_incidences_of_competing_causes_never_add_up_to_more_than_1() -> None:
    found = simulated(mortality_hazard=5e-3, relapse_hazard=5e-3, infection_hazard=2e-2)
    for day in (30, 365, 730):
        assert np.mean(found.relapse <= day) + np.mean(found.nrm <= day) <= 1


def test_nothing_is_observed_after_death() -> None:
    found = simulated(mortality_hazard=5e-3, relapse_hazard=5e-3, infection_hazard=2e-2)
    for event in ("agvhd_2_4", "relapse", "serious_infection"):
        day = getattr(found, event)
        assert (day[np.isfinite(day)] <= found.death[np.isfinite(day)]).all()
    assert (found.nrm[np.isfinite(found.nrm)] == found.death[np.isfinite(found.nrm)]).all()


def test_cumulative_incidence_agrees_with_aalen_johansen() -> None:
    from statsmodels.duration.survfunc import CumIncidenceRight

    found = simulated(mortality_hazard=1e-3, relapse_hazard=2e-3)
    end = 730.0
    first = np.minimum(np.minimum(found.relapse, found.nrm), end)
    status = np.where(found.relapse <= end, 1, np.where(found.nrm <= end, 2, 0))
    theirs = CumIncidenceRight(first, status)
    for cause, days in ((0, found.relapse), (1, found.nrm)):
        at = np.searchsorted(theirs.times, 365.0, side="right") - 1
        assert theirs.cinc[cause][at] == pytest.approx(np.mean(days <= 365), abs=1e-9)


def test_a_threshold_that_is_never_reached_never_happens() -> None:
    hazard = np.array([[0.0, 1.0, 2.0], [0.0, 0.5, 0.6]])
    days = crossing(np.array([0.0, 10.0, 20.0]), hazard, np.array([1.5, 0.7]))
    assert days[0] == 15
    assert np.isinf(days[1])


@pytest.mark.parametrize(("shrink", "gap"), [(0.0, 0.0), (0.5, 0.31), (1.0, 0.62)])
def test_the_shrink_factor_scales_the_gap_in_fatality(shrink: float, gap: float) -> None:
    p = {name: np.full(2, value) for name, value in PARAMETERS.items()} | {
        "immune_state.shrink": np.full(2, shrink)
    }
    recovered, not_recovered = gvhd_fatality(p, np.array([True, False]))
    assert not_recovered - recovered == pytest.approx(gap)
