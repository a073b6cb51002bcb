"""Cohorts without product: what is altered in a study, and how draws and patients are laid out."""

import numpy as np
import pytest

from thymos.lang.errors import StudyError
from thymos.lang.streams import stream
from thymos.trial.cohort import altered, cohort
from thymos.trial.run import load_study

DAYS = (30.0, 100.0)
STUDY = load_study("scid-haplo")


@pytest.fixture(scope="module")
def made():
    return cohort(STUDY, 3, 4, 7, DAYS)


def test_a_field_is_altered_and_the_rest_stays():
    other = altered(STUDY, {"population.age": {"kind": "fixed", "value": "1 year"}, "conditioning.atg": None})
    assert other.population.age.root.value == 1.0
    assert other.conditioning.atg is None
    assert other.graft == STUDY.graft
    assert other.basis == ()  # what the shipped study said of its sources no longer holds


def test_a_field_that_is_not_there_is_refused():
    with pytest.raises(StudyError, match=r"population\.donor\.age\.mean: expected a field of the study"):
        altered(STUDY, {"population.donor.age.mean": 1})


def test_outputs_are_draw_patient_day(made):
    assert made.outputs["cd4"].shape == (3, 4, 2)
    assert made.covariate("age").shape == (3, 4)
    assert made.failed == 0


def test_lymphocytes_are_the_sum_of_their_parts(made):
    parts = [made.outputs[name] for name in ("cd3", "cd19", "nk")]
    np.testing.assert_allclose(made.outputs["lymphocytes"], sum(parts))


def test_no_product_reaches_anyone(made):
    assert (made.outputs["infused_t"] == 0).all()


def test_the_same_seed_gives_the_same_patients_for_any_number_of_workers(made):
    again = cohort(STUDY, 3, 4, 7, DAYS, workers=2)
    assert (again.outputs["cd4"] == made.outputs["cd4"]).all()


def test_patients_of_a_draw_share_what_is_not_known():
    """With many draws of one patient each, what is typical differs from patient to patient."""
    name = "periphery.conversion"  # uncertain, and the same in all patients
    together = cohort(STUDY, 2, 3, 7, DAYS).people.parameters[name].reshape(2, 3)
    alone = cohort(STUDY, 6, 1, 7, DAYS).people.parameters[name]
    assert (together == together[:, :1]).all()
    assert len(np.unique(alone)) == 6


def test_given_covariates_and_values_win():
    given = cohort(STUDY, 2, 2, 7, DAYS, fixed={"marrow.lag": 40.0}, covariates={"chimerism": 0.0})
    assert np.ptp(given.outputs["cd19"]) == 0  # no donor marrow, no B cells of the donor
    assert (given.outputs["cd19"] == 0).all()


def test_counts_scatter_around_the_truth_and_stop_at_the_limit():
    made = cohort(STUDY, 200, 1, 7, (100.0,))
    counted = made.counted("cd4", stream(1, "test.cohort"))
    true = made.outputs["cd4"]
    above = true > 100
    ratio = np.log(counted[above] / true[above])
    assert abs(ratio.mean()) < 0.05  # an assay that is right on average, 200 patients
    assert 0.03 < ratio.std() < 0.3
    assert counted.min() >= 1.0 or true.min() < 1.0
