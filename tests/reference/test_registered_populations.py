"""Registered populations give back the published tables that they are made of, and are set beside others."""

import csv
from pathlib import Path

import numpy as np
import pytest

from thymos.evidence.datasets.body_weight import body_weight, standard_score
from thymos.evidence.datasets.cmv_seroprevalence import cmv_seroprevalence
from thymos.io.study_schema import Population
from thymos.lang.streams import stream
from thymos.trial.registries import leukaemia, scid
from thymos.trial.traits import drawn

MANY = 100_000
NOISE = 4 * np.sqrt(0.25 / MANY)  # four standard errors of a share among so many
SHARED = Path(__file__).parents[3] / "shared" / "data"


def people(**section):
    return drawn(Population.model_validate(section), MANY, lambda name: stream(8, f"population.{name}", 0, 0))


@pytest.fixture(scope="module")
def leukaemias():
    return people(registry="leukaemia")


@pytest.fixture(scope="module")
def infants():
    return people(registry="scid")


# What the papers print; percentages of 100,000 draws must lie within four standard errors of them.


def test_diseases_are_as_the_cibmtr_counted_them(leukaemias):
    # 4784 AML, 1752 ALL and 1831 MDS, 2008-2013.
    for name, share in (("aml", 0.5718), ("all", 0.2094), ("mds", 0.2188)):
        assert np.mean(leukaemias.diagnosis == name) == pytest.approx(share, abs=NOISE)


@pytest.mark.parametrize(
    ("disease", "low", "high", "count", "total"),
    [
        ("all", 0, 10, 1128, 5215),
        ("all", 40, 50, 665, 5215),
        ("all", 60, 80, 144, 5215),
        ("aml", 0, 15, 417, 3542),
        ("aml", 15, 40, 1137, 3542),
        ("aml", 40, 80, 1988, 3542),
    ],
)
def test_ages_of_a_disease_are_as_published(leukaemias, disease, low, high, count, total):
    age = leukaemias.age[leukaemias.diagnosis == disease]
    noise = 4 * np.sqrt(0.25 / len(age))
    assert np.mean((age >= low) & (age < high)) == pytest.approx(count / total, abs=noise)


def test_half_of_the_adults_with_mds_are_older_than_53(leukaemias):
    age = leukaemias.age[leukaemias.diagnosis == "mds"]
    assert np.median(age[age >= 18]) == pytest.approx(53, abs=1.0)  # bands of five years, even within
    # 161 children with MDS for 556 with AML.
    child = {name: np.sum((leukaemias.diagnosis == name) & (leukaemias.age < 18)) for name in ("mds", "aml")}
    assert child["mds"] / child["aml"] == pytest.approx(161 / 556, abs=0.03)


def test_status_depends_on_disease_and_age_as_published(leukaemias):
    p = leukaemias
    child = (p.diagnosis == "aml") & (p.age < 15)
    assert np.mean(p.disease_status[child] == "early") == pytest.approx(163 / 408, abs=0.02)
    older = (p.diagnosis == "aml") & (p.age >= 40)
    assert np.mean(p.disease_status[older] == "advanced") == pytest.approx(774 / 1918, abs=0.015)
    young = (p.diagnosis == "all") & (p.age < 10)
    assert np.mean(p.disease_status[young] == "advanced") == pytest.approx(187 / 1128, abs=0.02)
    assert not np.any(p.disease_status[p.diagnosis == "mds"] == "intermediate")


def test_donors_and_sex_are_as_published(leukaemias):
    p = leukaemias
    mds = p.donor[p.diagnosis == "mds"]
    assert np.mean(mds == "matched-sibling") == pytest.approx(176 / 701, abs=0.015)
    assert np.mean(p.female[p.diagnosis == "all"]) == pytest.approx(2009 / 5215, abs=0.015)


def test_donors_of_positive_patients_are_more_often_positive(leukaemias):
    p = leukaemias
    assert np.mean(p.cmv_donor[p.cmv_recipient > 0]) == pytest.approx(1688 / 2828, abs=0.01)
    assert np.mean(p.cmv_donor[p.cmv_recipient == 0]) == pytest.approx(697 / 2258, abs=0.01)


def test_genotypes_are_as_the_pidtc_counted_them(infants):
    # Of 82 % that the model knows: IL2RG 30 and JAK3 5, RAG1 17, RAG2 4 and DCLRE1C 7, ADA 12, IL7R 7.
    for name, percent in (("il2rg-jak3", 35), ("rag-artemis", 28), ("ada", 12), ("il7r", 7)):
        assert np.mean(infants.diagnosis == name) == pytest.approx(percent / 82, abs=NOISE)


def test_only_boys_have_the_x_linked_gene(infants):
    girls = infants.female[infants.diagnosis == "il2rg-jak3"]
    assert girls.mean() == pytest.approx(2.5 / 35, abs=0.01)
    assert infants.female[infants.diagnosis == "ada"].mean() == pytest.approx(0.5, abs=0.02)
    # A European series, not used for the table, has 64 % boys among 175 with a mismatched related donor.
    assert 1 - infants.female.mean() == pytest.approx(112 / 175, abs=2 * np.sqrt(0.25 / 175))


def test_infection_is_that_which_survival_tells(infants):
    # 90 % alive of all, 81 % of the infected, 95 % of the others: 36 % were infected.
    assert infants.infected.mean() == pytest.approx(5 / 14, abs=NOISE)
    early = infants.age < 3.5 / 12
    assert infants.infected[early].mean() < infants.infected[~early].mean() - 0.05


@pytest.mark.parametrize(
    ("age", "female", "p5", "p50", "p95"),
    [
        # World Health Organization, day 365; CDC, month 120.5; survey of 2021-2023, 50-59 years.
        (1.0, False, None, 9.65, None),
        (120.5 / 12, False, 24.944, 32.088, 46.158),
        (55.0, True, 53.1, 78.5, 121.4),
        (55.0, False, 61.0, 87.8, 138.7),
    ],
)
def test_weights_have_the_published_percentiles(age, female, p5, p50, p95):
    for z, published in ((-1.6449, p5), (0.0, p50), (1.6449, p95)):
        if published is not None:
            assert body_weight(age, female, z) == pytest.approx(published, rel=1e-3)


def test_a_standard_score_gives_back_its_weight():
    age, z = np.linspace(0, 80, 200), np.linspace(-2.9, 2.9, 200)
    for sex in (False, True):
        assert standard_score(age, sex, body_weight(age, sex, z)) == pytest.approx(z)


def test_antibodies_against_cmv_are_as_surveys_found_them():
    assert cmv_seroprevalence([9, 85], [False, True]) == pytest.approx([0.363, 0.908])
    assert cmv_seroprevalence([39, 39], [False, True]) == pytest.approx([0.50, 0.615])


def test_the_growth_of_the_model_is_compared_with_the_references():
    """Over two years blood volume grows with the model's own curve; it is slow in infancy, by up to a quarter."""
    from types import SimpleNamespace

    from thymos.biology.recipient.body import Body
    from thymos.therapy.sampling import values_of

    p = SimpleNamespace(**{n.split(".")[1]: v.value for n, v in values_of((Body(),)).items()})
    age = np.array([0.25, 0.5, 1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 30, 50])
    middle = [(body_weight(a, False, 0) + body_weight(a, True, 0)) / 2 for a in (age, age + 2)]
    curve = [np.array([float(Body().reference_weight(p, a)) for a in ages]) for ages in (age, age + 2)]
    ratio = (curve[1] / curve[0]) / (middle[1] / middle[0])
    assert ratio.min() > 0.78
    assert ratio.max() < 1.13
    assert np.abs(ratio[age >= 2] - 1).max() < 0.13


# ---- beside data that are not carried


@pytest.fixture(scope="module")
def registry_rows():
    path = SHARED / "semicomprisks" / "CIBMTR.csv"
    if not path.exists():
        pytest.skip("the rows of the CIBMTR (GPL) are not beside the checkout")
    with path.open() as file:
        rows = [r for r in csv.DictReader(file) if r["dType"] != "CML"]  # no model of CML
    levels = {
        "ageP": ("LessThan10", "10to19", "20to29", "30to39", "40to49", "50to59", "60plus"),
        "sexP": ("F", "M"),
        "dType": ("AML", "ALL", "MDS"),
        "dStatus": ("Early", "Int", "Adv"),
        "donorGrp": ("HLA_Id_Sib", "8_8", "7_8"),
    }
    counts = np.zeros([len(x) for x in levels.values()])
    for row in rows:
        counts[tuple(x.index(row[name]) for name, x in levels.items())] += 1
    return counts / counts.sum()


@pytest.fixture(scope="module")
def registered():
    p = leukaemia.joint().p
    return np.add.reduceat(p, [0, 2, 5, 7, 9, 11, 13], axis=0) / p.sum()  # decades, 60 and older together


def variation(a, b):
    """Total variation distance: the share of patients that would have to be moved."""
    return np.abs(a - b).sum() / 2


AGE, SEX, DISEASE, STATUS, DONOR = range(5)


def over(p, *axes):
    return p.sum(axis=tuple(i for i in range(5) if i not in axes))


# Found on 2026-11-26 over 8126 first transplants of 1999-2011 with AML, ALL or MDS; two samples of that size from one
# distribution differ by 0.07 over all 378 cells and by 0.01 over a pair of traits.
DIFFERENCES = {
    (SEX,): 0.00,
    (AGE,): 0.11,
    (DISEASE,): 0.08,
    (STATUS,): 0.11,
    (DONOR,): 0.07,
    (AGE, DISEASE): 0.15,
    (DISEASE, STATUS): 0.13,
    (DISEASE, DONOR): 0.15,
    (AGE, DONOR): 0.16,
    (AGE, SEX, DISEASE, STATUS, DONOR): 0.27,
}


@pytest.mark.parametrize("axes", DIFFERENCES, ids=str)
def test_the_difference_from_the_registry_rows_is_the_stated_one(registry_rows, registered, axes):
    found = variation(over(registry_rows, *axes), over(registered, *axes))
    assert found == pytest.approx(DIFFERENCES[axes], abs=0.006)


@pytest.mark.parametrize("pair", [(AGE, DISEASE), (DISEASE, STATUS)], ids=str)
def test_published_dependence_is_nearer_to_the_rows_than_independence(registry_rows, registered, pair):
    seen, joint = over(registry_rows, *pair), over(registered, *pair)
    alone = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    assert variation(seen, joint) < variation(seen, alone)


def test_weights_of_children_with_a_transplant_are_those_of_healthy_children():
    path = SHARED / "uci_bmt_children" / "bone-marrow.csv"
    if not path.exists():
        pytest.skip("the children of the UCI set (licence not confirmed) are not beside the checkout")
    with path.open() as file:
        rows = [r for r in csv.DictReader(file) if r["Rbodymass"] not in ("", "?")]
    z = standard_score(
        [float(r["Recipientage"]) for r in rows],
        [r["Recipientgender"] == "0" for r in rows],
        [float(r["Rbodymass"]) for r in rows],
    )
    assert len(z) == 185
    # Standard error of the median of 185 standard normals: 0.09.
    assert np.median(z) == pytest.approx(0, abs=0.2)
    assert np.percentile(z, [25, 75]) == pytest.approx([-0.67, 0.67], abs=0.25)


def test_scid_is_a_whole_population():
    assert scid.joint().p.sum() == pytest.approx(1)
    assert leukaemia.joint().p.sum() == pytest.approx(1)
