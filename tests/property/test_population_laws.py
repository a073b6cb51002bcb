"""Virtual patients: the same for any cut of the work, twins in every arm, and only those whom the study takes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thymos.io.study_file import parse_study, study_text
from thymos.io.study_schema import Population
from thymos.lang.errors import StudyError
from thymos.lang.streams import stream
from thymos.therapy.sampling import Block
from thymos.trial.population import joined, population
from thymos.trial.registries import REGISTRIES, registry_of
from thymos.trial.run import load_study, shipped
from thymos.trial.simulation import Simulation
from thymos.trial.traits import drawn

BY_SHARES = Path(__file__).parents[1] / "unit" / "io"
STUDIES = (*shipped(), BY_SHARES / "scid-by-shares.yaml", BY_SHARES / "leukaemia-by-shares.yaml")


@pytest.fixture(params=STUDIES, ids=lambda s: Path(str(s)).stem)
def study(request):
    return load_study(str(request.param))


def same(a, b):
    for name in a.covariates:
        np.testing.assert_array_equal(a.covariates[name], b.covariates[name], err_msg=name)
    np.testing.assert_array_equal(a.diagnosis, b.diagnosis)
    np.testing.assert_array_equal(a.people.donor, b.people.donor)
    np.testing.assert_array_equal(a.risk, b.risk)


def test_a_block_is_the_same_alone_and_among_others(study):
    blocks = [Block(0, 0, 30), Block(0, 1, 30), Block(1, 0, 30)]
    for block in blocks:
        same(population(study, 5, block), population(study, 5, block))
    first, again = (population(study, 5, blocks[i]) for i in (0, 2))
    assert not np.array_equal(first.covariates["age"], again.covariates["age"])
    assert joined([population(study, 5, b) for b in blocks]).size == 90


def test_a_study_read_back_from_its_text_has_the_same_patients(study):
    same(
        population(study, 2, Block(0, 0, 40)),
        population(parse_study(study_text(study), "x"), 2, Block(0, 0, 40)),
    )


def test_every_covariate_is_a_number_and_possible(study):
    found = population(study, 1, Block(0, 0, 2000))
    for name, x in found.covariates.items():
        assert np.isfinite(x[np.isfinite(x)]).all(), name
        assert not np.isnan(x).any(), name
    assert (found.covariates["weight"] > 1.5).all()
    assert set(np.unique(found.covariates["cmv"])) <= {0.0, 1.0}
    assert found.risk.mean() == pytest.approx(
        1, abs=0.06
    )  # published survival is that of the whole population


def test_arms_have_twins(study):
    simulation = Simulation(study, 3, [Block(0, 0, 8)], 0)
    tables = simulation.tables()["patients"]
    arms = np.asarray(tables["arm"])
    for name in ("age", "weight", "sex", "diagnosis", "disease_status", "donor", "infected", "cmv_donor"):
        x = np.asarray(tables[name])
        np.testing.assert_array_equal(x[arms == study.arms[0].name], x[arms == study.arms[-1].name])


AGES = st.tuples(st.integers(0, 60), st.integers(1, 20))


@settings(max_examples=20, deadline=None)
@given(
    ages=AGES, diagnosis=st.sets(st.sampled_from(("aml", "all", "mds")), min_size=1), seed=st.integers(0, 9)
)
def test_nobody_is_taken_whom_the_study_does_not_take(ages, diagnosis, seed):
    low, high = ages[0], ages[0] + ages[1]
    who = Population.model_validate(
        {
            "registry": "leukaemia",
            "eligible": {
                "age": {"low": f"{low} year", "high": f"{high} year"},
                "diagnosis": sorted(diagnosis),
                "status": ["early"],
                "donor": ["matched-unrelated"],
            },
        }
    )
    try:
        registry_of(who)
    except StudyError:
        assert diagnosis == {"all"} or low >= 60  # no such patients were published
        return
    found = drawn(who, 500, lambda name: stream(seed, name))
    assert ((found.age >= low) & (found.age <= high)).all()
    assert set(found.diagnosis) <= diagnosis
    assert set(found.disease_status) == {"early"}
    assert set(found.donor) == {"matched-unrelated"}


@pytest.mark.parametrize("name", REGISTRIES)
def test_an_age_that_the_study_gives_stands_and_the_rest_depends_on_it(name):
    age = {"leukaemia": ("5 year", "60 year"), "scid": ("0.1 year", "1.5 year")}[name]
    young, old = (
        drawn(
            Population.model_validate({"registry": name, "age": a}),
            4000,
            lambda decision: stream(1, decision),
        )
        for a in age
    )
    assert np.ptp(young.age) == np.ptp(old.age) == 0
    if name == "leukaemia":
        assert np.mean(young.diagnosis == "all") > np.mean(old.diagnosis == "all") + 0.3
        assert young.cmv_recipient.mean() < old.cmv_recipient.mean() - 0.2
    else:
        assert young.infected.mean() < old.infected.mean() - 0.1


def test_what_is_given_beside_a_registry_replaces_it():
    who = Population.model_validate(
        {
            "registry": "leukaemia",
            "diagnosis": {"mds": 1.0},
            "female": 1.0,
            "cmv_positive": 0.0,
            "infection_at_transplant": 1.0,
            "donor": {"match": {"cord": 1.0}, "cmv_positive": 0.0},
        }
    )
    found = drawn(who, 300, lambda name: stream(1, name))
    assert set(found.diagnosis) == {"mds"}
    assert found.female.all()
    assert found.infected.all()
    assert set(found.donor) == {"cord"}
    assert not found.cmv_recipient.any()
    assert not found.cmv_donor.any()


def test_leukaemia_beyond_remission_is_measurable_disease():
    who = Population.model_validate({"registry": "leukaemia", "residual_disease": 0.0})
    found = drawn(who, 3000, lambda name: stream(1, name))
    beyond = (found.disease_status == "advanced") & (found.diagnosis != "mds")
    np.testing.assert_array_equal(found.residual_disease > 0, beyond)
