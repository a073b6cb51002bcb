"""Patients like one: what is known is shared, what is not differs, and places say who is who."""

import numpy as np
import pytest

from thymos.io.patient_file import parse_patient
from thymos.lang.errors import StudyError
from thymos.therapy.posterior import NOTHING, Posterior
from thymos.therapy.sampling import values_of
from thymos.trial.likes import Alike, Treatment, likes, treatment_of
from thymos.trial.scores import Chance, Scores

INFANT = "age: 0.5 year\ndiagnosis: il2rg-jak3\n"
KNOWN = """
age: 0.5 year
weight: 7 kg
diagnosis: ada
graft: {cd3_dose: 2e4 cell/kg, engraftment_day: 15 day}
conditioning: {intensity: none}
serotherapy: {}
cmv: {recipient: negative, donor: negative}
"""
DAYS = np.array([30.0, 100.0])


def patient(text):
    return parse_patient(text, "patient.yaml")


@pytest.fixture(scope="module")
def some():
    return likes(patient(INFANT), 64, 1, DAYS)


def test_what_is_known_is_shared_and_the_rest_differs():
    alike = Alike(patient(KNOWN))
    made = alike.numbers(alike.places(50, 1))
    shared = {"age": 0.5, "weight": 7, "graft_t_cells": 2e4, "engraftment_day": 15, "cmv": 0, "irradiated": 0}
    for name, value in (shared | {"atg_level": 0, "host_progenitors": 1, "host_block": 0.84}).items():
        assert set(made[name]) == {value}, name
    for name in ("residual_t_cells", "marrow.lag", "thymic_capacity.output_slow"):
        assert len(set(made[name])) == 50, name


def test_a_place_says_who_it_is(some):
    again = Alike(patient(INFANT)).outputs(some.z[10:20], DAYS)
    assert np.array_equal(again["cd4"], some.outputs["cd4"][10:20])


def test_lymphocytes_are_t_b_and_nk_cells(some):
    out = some.outputs
    assert out["lymphocytes"] == pytest.approx(out["cd3"] + out["cd19"] + out["nk"])


def test_the_middle_of_all_scores_is_the_middle_of_what_is_believed():
    alike = Alike(patient(INFANT), learnt=NOTHING)
    at = alike.places(1, 1)
    made = alike.numbers(at * 0)
    row = values_of(alike.models)["marrow.lag"]
    assert made["marrow.lag"][0] == pytest.approx(row.typical(0.5))


def test_what_data_taught_takes_the_place_of_the_row():
    draws = {
        "marrow.lag": np.linspace(40.0, 60.0, 400),
        "thymic_capacity.niche_number=fixed": np.arange(400) % 4 > 0,
    }
    alike = Alike(patient(INFANT), learnt=Posterior({name: x.astype(float) for name, x in draws.items()}))
    z = alike.places(4000, 1)
    z[:, [alike.decisions.index("variability.marrow.lag")]] = 0
    made = alike.numbers(z)
    assert np.quantile(made["marrow.lag"], (0.25, 0.5, 0.75)) == pytest.approx([45, 50, 55], abs=0.7)
    fixed = made["thymic_capacity.niche_number=fixed"]
    assert set(fixed) == {0, 1}
    assert fixed.mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.19 / 4000))


@pytest.mark.parametrize(("grade", "severity"), [("II", None), ("III", 1.0)])
def test_gvhd_comes_on_the_day_that_is_known(grade, severity):
    alike = Alike(patient(INFANT + f"gvhd: {{grade: {grade}, onset_day: 40 day}}"), seen_until=60)
    at = alike.places(16, 1)
    solution = solved(alike, at, np.array([60.0]))
    day = solution.fired[:, alike.program.event_index("gvhd")]
    assert day == pytest.approx(np.full(16, 40.0), abs=0.05)
    given = set(alike.numbers(at)["gvhd_severity"])
    assert given == {1.0} if severity else 1.0 not in given


def test_gvhd_that_has_not_come_comes_later_or_never():
    alike = Alike(patient(INFANT + "gvhd: {grade: none}"), seen_until=60)
    day = solved(alike, alike.places(64, 1), np.array([365.0])).fired[:, alike.program.event_index("gvhd")]
    assert not np.any(day < 60)


def solved(alike, at, days):
    """The engine's own solution, as `outputs` has it made."""
    found = []

    class Watching(type(alike.program)):
        def solve(self, *words, **options):
            found.append(super().solve(*words, **options))
            return found[-1]

    alike.program = Watching(alike.program.signature, alike.program.integrator)
    alike.outputs(at, days)
    return found[-1]


def test_doses_and_steroids_are_those_of_the_file():
    text = (
        INFANT + "product: [{dose: 1e6 cell/kg, day: 8 day}]\nsteroids: [{from_day: -2 day, to_day: 30 day}]"
    )
    assert treatment_of(patient(text)) == Treatment(dose=1e6, day=8.0, steroid_start=0.0, steroid_end=30.0)
    two = INFANT + "steroids: [{from_day: 1 day, to_day: 3 day}, {from_day: 9 day}]"
    with pytest.raises(StudyError, match="at most one course, got 2"):
        treatment_of(patient(two))


def test_gvhd_without_its_day_is_asked_for():
    with pytest.raises(StudyError, match="the day on which grade III began, got none"):
        Alike(patient(INFANT + "gvhd: {grade: III}"))


def test_chance_of_scores_is_that_of_a_stream():
    rng = np.random.default_rng(1)
    scores = Scores(("who",), rng.standard_normal((20_000, 1)))
    chance = Chance(scores, "who")
    who = chance.choice(["a", "b"], size=20_000, p=np.array([0.3, 0.7]))
    assert np.mean(who == "a") == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 20_000))
    assert set(chance.choice(3, size=20_000, p=[0.2, 0.5, 0.3])) == {0, 1, 2}
    assert np.array_equal(chance.standard_normal(20_000), scores.of("who"))
