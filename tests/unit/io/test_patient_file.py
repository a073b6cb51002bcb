"""A patient file: covariates with their units, and nothing that says who the patient is."""

import pytest

from thymos.io.patient_file import json_schema, parse_patient, read_patient
from thymos.lang.errors import StudyError

FULL = """
label: P-07
age: "5 month"
weight: "6.8 kg"
sex: female
diagnosis: il2rg-jak3
platform: scid-haplo
transplant: 2026-01-31
graft: {source: mobilised-blood, depletion: cd34-selection, cd34_dose: "12000000 cell/kg", cd3_dose: "1e4 cell/kg",
        engraftment_day: "2 week"}
conditioning: {intensity: RIC}
serotherapy: {atg: {dose: "10 mg/kg", first_day: "-9 day", last_day: "-6 day"}}
cmv: {recipient: negative, donor: positive}
gvhd: {grade: II, onset_day: "34 day"}
steroids: [{from_day: "34 day", to_day: "60 day"}]
product: [{dose: "0.5e6 cell/kg", day: "8 day"}, {dose: "0.5e6 cell/kg", day: "36 day"}]
"""
BACKWARDS = '{dose: "9 mg/kg", first_day: "-1 day", last_day: "-9 day"}'
DOSE = '{dose: "1 cell/kg", day: "9 day"}'
SHORT = 'age: "14 year"\ndiagnosis: aml\n'


def message(text):
    with pytest.raises(StudyError) as problem:
        parse_patient(text, "patient.yaml")
    return str(problem.value)


def test_quantities_are_brought_to_one_unit():
    patient = parse_patient(FULL, "patient.yaml")
    assert patient.age == pytest.approx(5 * 30.4375 / 365.25)
    assert (patient.graft.cd34_dose, patient.graft.engraftment_day) == (12e6, 14.0)
    assert [infusion.day for infusion in patient.product] == [8.0, 36.0]
    assert patient.serotherapy.atg.first_day == -9.0


def test_age_and_diagnosis_are_enough():
    patient = parse_patient(SHORT, "patient.yaml")
    assert (patient.product, patient.transplant, patient.label) == ((), None, "patient")


def test_the_day_of_transplant_is_held_and_never_stored():
    patient = parse_patient(FULL, "patient.yaml")
    assert patient.transplant.isoformat() == "2026-01-31"
    assert "2026" not in patient.model_dump_json() + repr(patient)


def test_an_age_above_89_is_pooled():
    oldest = parse_patient('age: "96 year"\ndiagnosis: mds\n', "patient.yaml")
    assert (oldest.age, oldest.pooled) == (90.0, True)
    assert not parse_patient('age: "89 year"\ndiagnosis: mds\n', "patient.yaml").pooled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "patient.yaml: expected a patient file, got an empty file"),
        ("- a", "expected a block of keys"),
        ("diagnosis: aml", "[age]: expected the field `age`, got nothing"),
        (SHORT.replace("14 year", "14"), '[age]: expected a quantity that converts to year, got 14 without a unit'),
        (SHORT + "graft: {cd34dose: 3}", "line 3 [graft.cd34dose]"),
        (SHORT + "wieght: 3", "Try: did you mean weight?"),
        (SHORT + "sex: f", "[sex]: expected 'female' or 'male', got 'f'"),
        (SHORT + 'weight: "70 year"', "[weight]: expected a unit that converts to kg"),
        (SHORT + "transplant: 31.01.2026", "[transplant]: expected a date as 2026-01-31"),
        (SHORT + "transplant: 20260131", "[transplant]: expected a date as 2026-01-31"),
        (SHORT + 'steroids: [{from_day: "9 day", to_day: "3 day"}]', "expected from_day <= to_day"),
        (SHORT + f"serotherapy: {{atg: {BACKWARDS}}}", "first_day <= last_day"),
        (SHORT + 'product: [{dose: "1 cell/kg", day: "9 day"}, {dose: "1 cell/kg", day: "8 day"}]', "that rise"),
        (SHORT + f"product: [{', '.join(3 * [DOSE])}]", "[product]: expected at most two doses, got 3"),
        (SHORT + "name: someone", "[name]: expected no personal data, got a name ('name')"),
        (SHORT + "mrn: 4711", "expected no personal data, got a record number ('mrn')"),
        (SHORT + "birth_date: 2012-01-01", "expected no personal data, got a birth date"),
        (SHORT + "graft: {donor_name: x}", "expected no personal data, got a name"),
        (SHORT + "label: P1234567", "expected no personal data, got what looks like a record number"),
        (SHORT + "label: a@b.org", "expected no personal data, got what looks like an e-mail address"),
        (SHORT + "label: Jo Doe", "[label]: expected text of the form"),
    ],
)  # fmt: skip
def test_a_fault_is_one_message_with_line_and_field(text, said):
    assert said in message(text)


def test_the_schema_is_for_an_editor_and_names_every_field():
    schema = json_schema()
    assert schema["required"] == ["age", "diagnosis"]
    assert schema["additionalProperties"] is False
    assert {"age", "graft", "serotherapy", "steroids", "product", "transplant"} <= set(schema["properties"])


def test_a_file_that_is_not_there_names_its_neighbour(tmp_path):
    (tmp_path / "child.yaml").write_text(SHORT)
    with pytest.raises(StudyError, match=r"(?s)expected a patient file.*did you mean child\.yaml"):
        read_patient(tmp_path / "chld.yaml")
