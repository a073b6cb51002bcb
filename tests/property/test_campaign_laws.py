"""Laws of a campaign: the same bits however it is cut, and orders that cannot be otherwise."""

from dataclasses import replace

import numpy as np
import pytest

from thymos.biology.product.specification import DEFAULTS, Limit, Specification, read_specification
from thymos.lang.errors import StudyError
from thymos.therapy import campaign
from thymos.therapy.campaign import simulate_campaign
from thymos.therapy.culture import simulate_culture
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.manufacturing import CAUSES, absent
from thymos.therapy.vector_protocol import VectorProtocol
from thymos.trial.campaign_plan import Plan, attributes_of, units_of
from thymos.trial.campaign_summary import campaign_summary

CLINICAL = CultureProtocol(seeded_cd34=2e6)
CORD = "cord-blood"


@pytest.fixture(scope="module")
def made():
    return simulate_campaign(CLINICAL, CORD, 60, 17, seed=2, draws=6)


@pytest.fixture(scope="module")
def limits():
    return read_specification(DEFAULTS["t"], units_of(CORD))


def test_the_same_bits_for_any_number_of_workers_and_any_cut(made, monkeypatch):
    monkeypatch.setattr(campaign, "TOGETHER", 37)
    again = simulate_campaign(CLINICAL, CORD, 60, 17, seed=2, draws=6, workers=3)
    for name, values in made.lots.readouts.items():
        assert np.array_equal(values, again.lots.readouts[name], equal_nan=True), name


def test_lots_are_shared_among_donors_as_evenly_as_they_go(made):
    lots = np.bincount(made.donor)
    assert len(lots) == 6 * 17
    assert set(lots) == {3, 4}
    assert (np.bincount(made.draw) == 60).all()
    assert (made.run[np.unique(made.donor, return_index=True)[1]] == 0).all()


def test_what_belongs_to_the_donor_is_the_same_in_all_its_lots(made):
    sample = made.lots.sample
    for name in ("cord_blood.cd3_share", "progenitors.specification", "cord_blood.collected_cd34"):
        first = np.unique(made.donor, return_index=True)[1]
        assert (sample[name] == sample[name][first][made.donor]).all()
    for name in ("harvest.recovery", "dl4", "scf", "seeded_cd34", "harvest_day", "progenitors.growth"):
        assert len(np.unique(sample[name])) == len(made.draw), name


def test_one_lot_of_each_donor_without_noise_is_a_culture():
    """The donors of a campaign are those of `thymos culture` at the same seed."""
    culture = simulate_culture(CLINICAL, CORD, 20, seed=9, draws=2)
    lots = simulate_campaign(CLINICAL, CORD, 10, 10, seed=9, draws=2, fixed=absent(CAUSES))
    np.testing.assert_allclose(lots.attributes.fold, culture.attributes.fold, rtol=1e-5)


def test_a_vector_leaves_lots_and_donors_as_they_are_and_its_copies_may_be_limited(made):
    vector = VectorProtocol(day=1.0, moi=5.0)
    fixed = {"transgene.toxicity": 1e-12}
    marked = simulate_campaign(CLINICAL, CORD, 60, 17, seed=2, draws=6, fixed=fixed, vector=vector)
    np.testing.assert_allclose(marked.attributes.fold, made.attributes.fold, rtol=1e-4)
    assert (marked.lots.harvest["vcn"] > 0.1).all()
    assert "vcn" in units_of(CORD, vector=True)
    assert "vcn" not in units_of(CORD)
    found = campaign_summary(
        marked, Specification((Limit("vcn", "at most", 0.0, "copy/cell", "assumed"),)), Plan(), 1
    )
    assert found["out_of_specification"]["p"] == 1.0


def test_a_cause_left_out_moves_no_other(made):
    without = simulate_campaign(CLINICAL, CORD, 60, 17, seed=2, draws=6, fixed=absent(["coating"]))
    assert (without.lots.sample["dl4"] == CLINICAL.dl4).all()
    assert (without.lots.sample["seeded_cd34"] == made.lots.sample["seeded_cd34"]).all()


def test_more_weight_and_tighter_limits_never_serve_more(made, limits):
    light = campaign_summary(made, limits, Plan(), seed=1)
    p = [point["p"] for point in light["dose_curve"]]
    assert p == sorted(p, reverse=True)
    heavy = campaign_summary(made, limits, Plan(weight=30.0), seed=1)
    tight = Specification(
        tuple(replace(x, limit=80.0) if x.attribute == "cd7_percent" else x for x in limits.limits)
    )
    strict = campaign_summary(made, tight, Plan(), seed=1)
    assert heavy["can_be_given"]["p"] <= light["can_be_given"]["p"]
    assert strict["out_of_specification"]["p"] >= light["out_of_specification"]["p"]
    for other in (heavy, strict):
        for key in ("any_donor", "shared_lots"):
            assert (other["needed"][key]["lots"] or np.inf) >= (light["needed"][key]["lots"] or np.inf)
    assert heavy["needed"]["starting_cells"]["per_lot"] > light["needed"]["starting_cells"]["per_lot"]


def test_out_of_specification_is_at_least_its_worst_part_and_at_most_their_sum(made, limits):
    found = campaign_summary(made, limits, Plan(), seed=1)
    parts = [limit["out"]["p"] for limit in found["specification"]]
    assert max(parts) <= found["out_of_specification"]["p"] <= sum(parts)


def test_a_lot_that_failed_cannot_be_given(made, limits):
    readouts = {name: values.copy() for name, values in made.lots.readouts.items()}
    for values in readouts.values():
        values[::2] = np.nan
    broken = replace(made, lots=replace(made.lots, readouts=readouts))
    assert not limits.met(attributes_of(broken, Plan()))[::2].any()
    found = campaign_summary(broken, limits, Plan(), seed=1)
    assert found["can_be_given"]["p"] < 0.6
    assert found["can_be_given"]["n"] == len(made.draw)


def test_a_limit_at_its_value_is_met():
    values = np.array([69.9, 70.0, np.nan])
    assert Limit("viability", "at least", 70.0, "percent", "assumed").met(values).tolist() == [
        False,
        True,
        False,
    ]
    assert Limit("viability", "at most", 70.0, "percent", "assumed").met(values).tolist() == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"donors": 61}, r"campaign.donors: expected between 1 and 60"),
        ({"donors": 0}, r"campaign.donors: expected between 1 and 60"),
        (
            {"fixed": {"manufacturing.coating": -0.1}},
            r"manufacturing.coating: expected a spread of 0 or more",
        ),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(words, message):
    with pytest.raises(StudyError, match=message):
        simulate_campaign(CLINICAL, CORD, **{"lots": 60, "donors": 17, "seed": 1, **words})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"dose": 0.0}, r"campaign.dose: expected a number above 0, at most 1e\+12, got 0"),
        ({"weight": np.inf}, r"campaign.weight: expected a number above 0, at most 1000, got inf"),
        ({"patients": 0}, r"campaign.patients: expected 1 to 1000, got 0"),
        ({"assurance": 1.0}, r"campaign.assurance: expected a share above 0 and below 1"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(words, message):
    with pytest.raises(StudyError, match=message):
        Plan(**words)


def test_another_cause_is_refused():
    with pytest.raises(StudyError, match="one of rest, coating, counting, potency, harvest_time, got moon"):
        absent(["moon"])
