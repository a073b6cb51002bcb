"""What must come out of the culture without being put in."""

from dataclasses import replace

import numpy as np
import pytest

from thymos.therapy.culture import culture_program, lot_models, typical_lots
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import fill, nominal

CLINICAL = CultureProtocol()
MOBILISED = "mobilised-blood"
ROOMY = {"seeding_density": 1.0}


def harvest(protocol=CLINICAL, **changes):
    return typical_lots(protocol, MOBILISED, {k.replace("__", "."): x for k, x in changes.items()}).harvest


def test_without_dl4_the_number_is_right_and_the_cells_are_wrong():
    found = harvest(dl4=np.array([0.0, 0.5, 1.0, 2.0, 5.0]))
    assert found["cd7_percent"][0] == pytest.approx(0, abs=0.01)
    assert np.all(np.diff(found["cd7_percent"]) > 0)
    assert np.all(np.diff(found["myeloid_percent"]) < 0)
    assert 1 < found["fold"][0] / found["fold"][-1] < 1.6


@pytest.mark.parametrize(("day", "left"), [(10.0, 1.0), (14.0, 0.95)])
def test_dl4_kept_beyond_the_target_day_costs_cells_and_purity(day, left):
    kept = harvest(replace(CLINICAL, days=day))
    withdrawn = harvest(replace(CLINICAL, days=day, withdrawal_day=7.0))
    assert kept["cd7_per_cd34"] < left * withdrawn["cd7_per_cd34"]
    assert kept["cd7_percent"] < withdrawn["cd7_percent"]
    assert kept["cd7_percent"] < harvest()["cd7_percent"]


def test_strong_dl4_for_three_weeks_leaves_a_small_part_of_the_cells():
    long = replace(CLINICAL, days=21.0, tnf=0.0, seeding_density=1.0)
    none, strong = typical_lots(long, "cord-blood", {"dl4": np.array([0.0, 50.0])}).harvest["fold"]
    assert 1 / 60 < strong / none < 1 / 10


def test_without_the_cost_of_notch_more_cd7_cells_keep_coming():
    free = {"notch.notch_cost=none": 1.0}
    days = [7.0, 10.0, 14.0, 21.0]
    found = [
        harvest(replace(CLINICAL, days=day, seeding_density=1.0), **free)["cd7_per_cd34"][0] for day in days
    ]
    assert np.all(np.diff(found) > 0)


def test_without_il7_the_yield_is_36_to_45_percent_and_low_doses_suffice():
    found = harvest(il7=np.array([0.0, 1.5, 6.0, 24.0, 96.0, 384.0]))["cd7_per_cd34"]
    assert 0.35 < found[0] / found[-1] < 0.46
    assert np.all(found[1:] > 0.9 * found[-1])


def test_two_missing_cytokines_multiply_in_yield():
    doses = {"il7": np.array([100.0, 0.0, 100.0, 0.0]), "scf": np.array([100.0, 100.0, 0.0, 0.0])}
    both, no_il7, no_scf, none = harvest(**doses, **ROOMY)["cd7_per_cd34"]
    assert none / both == pytest.approx((no_il7 / both) * (no_scf / both), rel=0.1)


@pytest.mark.parametrize("name", ["scf", "il7"])
def test_more_than_the_recipe_of_a_cytokine_changes_nothing(name):
    recipe, twice = harvest(**{name: np.array([100.0, 200.0])})["cd7_per_cd34"]
    assert twice == pytest.approx(recipe, rel=0.02)


@pytest.mark.parametrize(("name", "dose"), [("scf", 5.0), ("il7", 0.3)])
def test_a_cytokine_that_runs_low_costs_cells(name, dose):
    recipe, low = harvest(**{name: np.array([100.0, dose])})["cd7_per_cd34"]
    assert low < 0.9 * recipe


def test_hungry_cells_use_the_recipe_up_when_they_consume_much():
    greedy = {"medium.uptake": np.array([2e-6, 5e-4])}
    usual, spent = harvest(**greedy)["cd7_per_cd34"]
    fed = harvest(replace(CLINICAL, feed_days=(3.0, 5.0), feed_share=1.0), **greedy)["cd7_per_cd34"][1]
    assert spent < 0.8 * usual
    assert fed > spent


def test_t_cells_carried_over_are_diluted_by_the_growth_of_the_product():
    found = harvest(progenitors__growth=np.linspace(0.3, 0.6, 5))
    ratio = found["cd3_cells"] / found["cd7_cells"]
    per_cd34 = found["cd3_cells"] / 1e7
    assert ratio == pytest.approx(per_cd34 / (found["fold"] * found["cd7_percent"] / 100), rel=1e-6)
    assert np.all(np.diff(ratio) < 0)


def test_a_quiescent_graft_expands_later_and_then_as_fast():
    program = culture_program(MOBILISED)
    shares = {"mobilised_blood.quiescent_share": np.array([0.1, 0.9])}
    table = fill(program, 2, CLINICAL.covariates(), nominal(lot_models(MOBILISED), 2), ROOMY, shares)
    fold = program.solve(table, [2.0, 5.0, 7.0]).outputs[:, :, program.output_index("fold")]
    assert fold[1, 0] < 0.8 * fold[0, 0]
    late = np.log(fold[:, 2] / fold[:, 1])
    assert late[1] == pytest.approx(late[0], rel=0.05)
