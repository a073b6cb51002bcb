"""Laws of the DL4 culture that hold for all inputs: conservation, limits, monotone responses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, sampled_from

from thymos.lang import Model, Transition, parameter, state
from thymos.lang.errors import StudyError, UnitError
from thymos.lang.trace import trace
from thymos.therapy.culture import SOURCES, culture_models, typical_lots
from thymos.therapy.culture_protocol import CultureProtocol

CLINICAL = CultureProtocol()
MOBILISED = "mobilised-blood"
STILL = {
    "progenitors.growth": 1e-30,
    "progenitors.death": 0.0,
    "notch.cost": 0.0,
    "progenitors.cd3_division": 0.0,
}
FULL = {
    f"cytokines.{name}": 0.0 for name in ("scf_lack", "il7_lack", "tpo_lack", "flt3l_lack", "bystander_need")
}
FULL |= {f"cytokines.{name}_lack_cd5": 0.0 for name in ("scf", "il7")}
NEEDS_NO_NOTCH = {"progenitors.locked_starvation": 0.0, "progenitors.locked_need": 1e-9}


def run(protocol=CLINICAL, source=MOBILISED, **changes):
    return typical_lots(
        protocol, source, {name.replace("__", "."): x for name, x in changes.items()}
    ).readouts


def all_cells(readouts):
    """Live and dead cells in the vessel."""
    return readouts["live_cells"] * 100 / readouts["viability"]


@pytest.mark.parametrize("source", SOURCES)
@given(
    dl4=floats(0, 50), tnf=floats(0, 200), death=floats(0, 0.5), cd3_death=floats(0, 0.2), nk=integers(0, 9)
)
def test_live_and_dead_cells_are_conserved_without_division_and_clearance(
    source, dl4, tnf, death, cd3_death, nk
):
    changes = STILL | FULL | {"progenitors.death": death, "progenitors.protection": 0.0}
    # Net growth plus death is the division rate: minus the death rate, it is none.
    changes |= {"progenitors.growth": -death * (1 - 1e-12) + 1e-30, "progenitors.clearance": 0.0}
    changes |= {
        "progenitors.late_growth": 1.0,
        "progenitors.myeloid_growth": 1.0,
        "progenitors.cd3_death": cd3_death,
        "natural_killers.division": 0.0,
        "progenitors.wash_recovery": 1.0,
    }
    protocol = replace(CLINICAL, dl4=dl4, tnf=tnf, days=14.0, nk_day=nk)
    total = all_cells(typical_lots(protocol, source, changes).readouts)
    assert total == pytest.approx(total[0, 0] * np.ones_like(total), rel=1e-9)


def test_nothing_moves_the_live_cells_when_nothing_divides_or_dies():
    live = run(**STILL, **FULL, **NEEDS_NO_NOTCH, **{"progenitors.cd3_death": 0.0})["live_cells"]
    assert live == pytest.approx(live[0, 0] * np.ones_like(live), rel=1e-9)


def test_a_rate_in_cells_where_one_per_day_is_due_is_refused():
    class Wrong(Model):
        cells = state("cell", "cells")
        k = parameter("cell", "a rate that forgot its time")

        def transitions(self, x, p, env):
            yield Transition("death", p.k * x.cells, {x.cells: -1})

    with pytest.raises(UnitError, match=r"death.*cell"):
        trace((Wrong(),), "wrong")


def test_every_rate_of_the_culture_fits_its_state():
    for source in SOURCES:
        assert len(trace(culture_models(source), source).states) == 51


@given(dl4=floats(0, 100), more=floats(1e-3, 100), v=floats(0, 0.9))
def test_notch_rises_with_coating_and_with_integrin_ligand(dl4, more, v):
    lots = typical_lots(
        CLINICAL,
        MOBILISED,
        {"dl4": np.array([dl4, dl4 + more, dl4]), "integrin_ligand": np.array([v, v, v + 0.1])},
    )
    plain, coated, helped = lots.harvest["notch"]
    assert 0 <= plain <= 1
    assert coated >= plain - 1e-6
    assert helped >= plain - 1e-6


@pytest.mark.parametrize("model", [0.0, 1.0])
def test_notch_is_none_without_coating_and_full_on_a_dense_one(model):
    switch = {"notch.dl4_model=threshold": np.full(2, model)}
    bare, dense = typical_lots(CLINICAL, MOBILISED, {"dl4": np.array([0.0, 1e6])} | switch).harvest["notch"]
    assert bare == pytest.approx(0, abs=1e-6)
    assert dense == pytest.approx(1, abs=1e-6)


def test_notch_falls_with_its_own_time_after_withdrawal():
    fall = 0.5
    notch = run(replace(CLINICAL, withdrawal_day=3.0), notch__fall=fall)["notch"][0]
    assert notch[3:6] == pytest.approx(notch[3] * np.exp(-fall * np.arange(3)), rel=1e-3)


@given(low=floats(0, 50), more=floats(1e-3, 50), source=sampled_from(sorted(SOURCES)))
def test_purity_and_cd7_yield_rise_with_the_coating(low, more, source):
    found = typical_lots(CLINICAL, source, {"dl4": np.array([low, low + more])}).harvest
    assert np.diff(found["cd7_percent"]) >= -1e-4
    assert np.diff(found["myeloid_percent"]) <= 1e-4


@given(low=floats(0, 100), more=floats(1e-3, 100))
def test_tnf_raises_the_cd7_yield_unless_its_falling_limb_is_assumed(low, more):
    found = typical_lots(CLINICAL, MOBILISED, {"tnf": np.array([low, low + more])}).harvest
    assert np.diff(found["cd7_per_cd34"]) >= -1e-4


def test_with_the_falling_limb_more_tnf_is_not_better():
    changes = {"tnf": np.array([0.0, 0.2, 100.0]), "cytokines.tnf_falling=on": np.ones(3)}
    none, some, much = typical_lots(CLINICAL, MOBILISED, changes).harvest["cd7_per_cd34"]
    assert none < some > much


def test_without_tnf_the_culture_is_the_one_whose_rates_never_knew_it():
    rows = typical_lots(CLINICAL, MOBILISED, {}).sample
    p = {name.split(".")[1]: float(x[0]) for name, x in rows.items()}
    spared = p["death"] - p["death"] / (1 + p["protection"])
    growth = p["growth"] - spared
    plain = {
        "mobilised_blood.tnf_need": 0.0,
        "progenitors.specification": p["specification"] / (1 + p["tnf_need"]),
        "progenitors.myeloid_odds": p["myeloid_odds"] * (1 + p["tnf_need"]),
        "progenitors.cd34_loss": p["cd34_loss"] / (1 + p["cd34_loss_gain"]),
        "progenitors.cd5_gain": p["cd5_gain"] / (1 + p["cd34_loss_gain"]),
        "progenitors.cd34_loss_gain": 0.0,
        "progenitors.protection": 0.0,
        "progenitors.growth": growth,
        "progenitors.late_growth": (p["growth"] * p["late_growth"] - spared) / growth,
        "progenitors.myeloid_growth": p["growth"] * p["myeloid_growth"] / growth,
    }
    without_b = {"progenitors.b_branch": 0.0}
    off = typical_lots(replace(CLINICAL, tnf=0.0), MOBILISED, without_b).harvest
    base = typical_lots(CLINICAL, MOBILISED, plain | without_b).harvest
    for name in ("fold", "cd7_percent", "cd34neg_cd7_share", "viability"):
        assert off[name] == pytest.approx(base[name], rel=1e-4)


def test_the_clock_moves_no_cell_between_the_marker_classes():
    changes = {"commitment.opening": np.array([0.0, 0.15, 5.0]), **NEEDS_NO_NOTCH}
    # A locked cell that needed Notch would be another kind of cell: here it does not.
    found = typical_lots(CLINICAL, MOBILISED, changes | {"progenitors.cd1a_gain": 0.0}).harvest
    for name in ("cd34_cd7_percent", "cd34neg_cd7_percent", "fold"):
        assert found[name] == pytest.approx(found[name][0] * np.ones(3), rel=1e-5)
    assert np.all(np.diff(found["bcl11b_percent"]) > 0)


def test_no_bcl11b_without_opening_and_no_lock_without_the_clock():
    changes = {
        "commitment.opening": np.array([0.0, 0.15]),
        "commitment.lock_generations": np.array([4.0, 1e15]),
    }
    found = typical_lots(CLINICAL, MOBILISED, changes).harvest
    assert found["bcl11b_percent"][0] == 0
    assert found["bcl11b_percent"][1] > 10
    assert found["locked_percent"] == pytest.approx([0, 0], abs=1e-9)


def test_a_stalled_culture_commits_by_the_day_but_not_by_division():
    changes = {**STILL, **FULL, "commitment.commitment=per_day": np.array([0.0, 1.0])}
    by_division, by_day = typical_lots(CLINICAL, MOBILISED, changes).harvest["locked_percent"]
    assert by_division == pytest.approx(0, abs=1e-6)
    assert by_day > 1


def test_with_division_number_the_lock_waits_for_divisions():
    changes = {
        "commitment.commitment=division_number": 1.0,
        "commitment.lock_number": np.array([2.0, 4.0, 6.0]),
    }
    assert np.all(np.diff(typical_lots(CLINICAL, MOBILISED, changes).harvest["locked_percent"]) < 0)


def test_no_carried_over_t_cell_means_no_t_cell():
    assert np.all(run(mobilised_blood__cd3_share=0.0)["cd3_percent"] == 0)


@given(division=floats(0, 0.2), extra=floats(0, 0.2))
def test_carried_over_t_cells_never_rise_when_they_die_at_least_as_fast_as_they_divide(division, extra):
    changes = {"progenitors.cd3_division": division, "progenitors.cd3_death": division + extra}
    cells = typical_lots(CLINICAL, MOBILISED, changes).readouts["cd3_cells"][0]
    assert np.all(np.diff(cells) <= 1e-6 * cells[0])


@pytest.mark.parametrize("source", SOURCES)
@given(number=floats(1e4, 1e10))
def test_results_per_seeded_cell_do_not_depend_on_the_number_seeded(source, number):
    some = typical_lots(CLINICAL, source, {"seeded_cd34": np.array([1e7, number])}).harvest
    for name in ("fold", "cd7_percent", "cd7_per_cd34"):
        assert some[name][1] == pytest.approx(some[name][0], rel=1e-4)


def test_feeding_adds_medium_and_spares_a_crowded_culture():
    crowded = replace(CLINICAL, seeding_density=2e5)
    fed = replace(crowded, feed_days=(3.0, 5.0), feed_share=1.0)
    assert run(fed)["fold"][0, -1] > 1.1 * run(crowded)["fold"][0, -1]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"dl4": -1.0}, "culture.dl4"),
        ({"tnf": float("nan")}, "culture.tnf"),
        ({"integrin_ligand": 1.5}, "culture.integrin_ligand"),
        ({"days": 0.0}, "culture.days"),
        ({"days": 61.0}, "culture.days: expected at most 60 days, got 61"),
        ({"feed_days": (8.0,)}, "culture.feed_days"),
        ({"feed_days": (1.0, 2.0, 3.0, 4.0)}, "culture.feed_days"),
        ({"withdrawal_day": -2.0}, "culture.withdrawal_day"),
        ({"nk_day": -1.0}, "culture.nk_day"),
        ({"nk_density": 0.0}, "culture.nk_density"),
        ({"held_density": 0.0}, "culture.held_density"),
    ],
)
def test_a_protocol_that_cannot_be_is_refused(wrong, named):
    with pytest.raises(StudyError, match=named):
        CultureProtocol(**wrong)


def test_an_unknown_source_is_refused():
    with pytest.raises(StudyError, match=r"graft.source.*mobilised-blood"):
        typical_lots(CLINICAL, "bone-marrow", {})


def test_the_wash_before_the_nk_stage_loses_its_share_of_every_class():
    arm = replace(CLINICAL, days=7.0, nk_day=6.999)
    kept, washed = run(arm, progenitors__wash_recovery=np.array([1.0, 0.6]))["live_cells"][:, -1]
    assert washed / kept == pytest.approx(0.6, rel=1e-3)
    found = typical_lots(arm, MOBILISED, {"progenitors.wash_recovery": np.array([1.0, 0.6])}).harvest
    for name in ("cd7_percent", "viability", "cd5_percent", "density"):
        assert found[name][1] == pytest.approx(found[name][0], rel=1e-3)
