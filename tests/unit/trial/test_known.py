"""What a patient file says of one patient is so for everyone like it; the rest is drawn as on the platform."""

import numpy as np
import pytest

from thymos.io.patient_file import parse_patient
from thymos.lang.errors import StudyError
from thymos.therapy.sampling import Block
from thymos.trial.known import study_for
from thymos.trial.population import population

KNOWN = """\
age: "{age} year"
diagnosis: {diagnosis}
sex: male
cmv: {{recipient: negative, donor: positive}}
infection_at_transplant: true
"""


def like(diagnosis, age, more=""):
    patient = parse_patient(KNOWN.format(diagnosis=diagnosis, age=age) + more, "patient.yaml")
    return population(study_for(patient), 1, Block(0, 0, 50))


@pytest.mark.parametrize(
    ("diagnosis", "age"), [("aml", 30), ("mds", 5), ("all", 70), ("ada", 0.4), ("il2rg-jak3", 1.5)]
)
def test_what_is_known_is_so_for_everyone(diagnosis, age):
    found = like(diagnosis, age)
    assert set(found.diagnosis) == {diagnosis}
    assert np.ptp(found.covariates["age"]) == 0
    assert not found.people.female.any()
    assert not found.people.cmv_recipient.any()
    assert found.people.cmv_donor.all()
    assert found.people.infected.all()
    assert len(set(found.covariates["weight"])) > 40  # not known, so drawn


def test_a_diagnosis_that_its_platform_does_not_have_is_one_message():
    with pytest.raises(StudyError, match=r"\[population.diagnosis\]: expected one of il2rg-jak3"):
        like("aml", 1, "platform: scid-haplo\n")
