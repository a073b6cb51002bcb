"""What is not known, as inputs: values within their papers, switches as choices, joint draws together."""

import numpy as np
import pytest

from thymos.io.study_schema import Study
from thymos.therapy.posterior import Posterior
from thymos.trial.run import load_study
from thymos.trial.uncertain import draws, learnt_about, settings, uncertain

NICHES = "thymic_capacity.niche_number"


@pytest.fixture(scope="module")
def study():
    return load_study("scid-haplo")


def test_a_switch_is_an_input_with_choices_of_equal_weight(study):
    (niches,) = [one for one in uncertain(study) if one.name == NICHES]
    assert (niches.kind, niches.columns) == ("switch", (f"{NICHES}=fixed",))
    assert niches.at(np.array([0.0, 0.49, 0.51, 1.0]))[f"{NICHES}=fixed"].tolist() == [0, 0, 1, 1]


def test_a_switch_that_the_study_names_is_no_longer_an_input(study):
    pinned = Study.model_validate(study.model_dump(mode="json") | {"switches": {"niche_number": "fixed"}})
    assert NICHES not in {one.name for one in uncertain(pinned)}
    assert settings(pinned)[f"{NICHES}=fixed"] == 1.0


def test_a_value_stays_within_its_range_and_has_its_median(study):
    (homing,) = [one for one in uncertain(study) if one.name == "homing.homing_fraction"]
    found = homing.at(np.array([1e-9, 0.5, 1 - 1e-9]))[homing.name]
    assert found == pytest.approx(
        [1e-4, 1e-3, 1e-2], rel=0.01
    )  # recipient.md, section 10: 1e-3, 1e-4 to 1e-2


def test_joint_draws_stay_together_and_what_they_do_not_hold_is_drawn_alone(study):
    x = np.linspace(0.5, 2.0, 16)
    learnt = Posterior({"homing.homing_fraction": x, f"{NICHES}=fixed": (x > 1).astype(float)})
    found = draws(uncertain(study), 48, 1, learnt)
    assert np.array_equal(found["homing.homing_fraction"] > 1, found[f"{NICHES}=fixed"] == 1)
    assert sorted(found["homing.homing_fraction"].tolist()) == sorted(np.tile(x, 3).tolist())
    alone = draws(uncertain(study), 48, 1)
    assert np.array_equal(found["marrow.lag"], alone["marrow.lag"])


def test_a_study_that_names_a_switch_does_not_take_it_from_data(study, monkeypatch):
    learnt = Posterior({f"{NICHES}=fixed": np.ones(4), "marrow.lag": np.full(4, 40.0), "other.x": np.ones(4)})
    monkeypatch.setattr("thymos.trial.population.posterior", lambda: learnt)
    pinned = Study.model_validate(
        study.model_dump(mode="json") | {"switches": {"niche_number": "proportional"}}
    )
    assert set(learnt_about(pinned, uncertain(pinned)).values) == {"marrow.lag"}
    assert set(learnt_about(study, uncertain(study)).values) == {"marrow.lag", f"{NICHES}=fixed"}
