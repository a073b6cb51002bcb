"""A protocol changed in words."""

from dataclasses import fields, replace

import pytest

from thymos.lang.errors import StudyError
from thymos.therapy.culture_protocol import NEVER, PROTOCOLS, CultureProtocol
from thymos.therapy.protocol_settings import UNITS, changed

CLINICAL = PROTOCOLS["dl4-7d"]


def test_every_field_of_a_protocol_can_be_set():
    assert set(UNITS) == {field.name for field in fields(CultureProtocol)}


def test_a_setting_is_converted_to_the_unit_of_its_field():
    found = changed(CLINICAL, ["dl4=2000 ng/mL", "tnf = 0 ng/mL", "days=240 hour", "integrin_ligand=0.5"])
    assert found.dl4 == pytest.approx(2.0, rel=1e-12)
    assert found == replace(CLINICAL, dl4=found.dl4, tnf=0.0, days=10.0, integrin_ligand=0.5)


def test_feed_days_stand_one_after_the_other_and_never_is_never():
    found = changed(PROTOCOLS["nk-14d"], ["feed_days=3, 5 day", "nk_day=never"])
    assert found.feed_days == (3.0, 5.0)
    assert found.nk_day == NEVER


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("dl4", r"culture setting: expected NAME = VALUE UNIT, got 'dl4'"),
        ("dll4=2 ug/mL", r"got dll4.*\n.*dl4"),
        ("dl4=2", r"culture.dl4: expected a unit that converts to ug/mL, got no unit.*\n.*dl4=2 ug/mL"),
        ("dl4=2 day", r"culture.dl4: expected a unit that converts to ug/mL, got day"),
        ("dl4=much", r"culture.dl4: expected a number and its unit, ug/mL, got much"),
        ("dl4=1, 2 ug/mL", r"culture.dl4: expected one number"),
        ("tnf=-1 ng/mL", r"culture.tnf: expected a finite number, 0 or more, got -1"),
        ("days=never", r"culture.days: expected a number and its unit, day, got never"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(setting, message):
    with pytest.raises(StudyError, match=message):
        changed(CLINICAL, [setting])


def test_a_name_is_set_once():
    with pytest.raises(StudyError, match=r"culture.tnf: expected one setting, got two"):
        changed(CLINICAL, ["tnf=1 ng/mL", "tnf=2 ng/mL"])
