"""What must come out of the NK arm without being put in (section 11 of the culture page), and its laws."""

from dataclasses import replace

import numpy as np
import pytest

from thymos.therapy.culture import typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS

CORD = "cord-blood"
ARM = PROTOCOLS["nk-21d"]
NEVER_LEFT = 1e6  # a day after the harvest: the cells stay on the coating
# Cells that are all locked within hours of their specification.
ALL_LOCKED = {"commitment.opening": 50.0, "commitment.lock_generations": 0.02}


def lots(protocol=ARM, **changes):
    return typical_lots(protocol, CORD, {k.replace("__", "."): x for k, x in changes.items()})


def harvest(protocol=ARM, **changes):
    return {name: float(x[0]) for name, x in lots(protocol, **changes).harvest.items()}


def test_dl4_withdrawn_and_il15_given_before_the_lock_gives_nk_cells_and_no_t_cells():
    found = harvest()
    assert found["nk_percent"] > 80
    assert found["cd7_percent"] < 1
    assert harvest(cord_blood__cd3_share=0.0)["cd3_percent"] == 0


def test_without_il15_nobody_becomes_an_nk_cell():
    assert np.all(lots(replace(ARM, nk_il15=0.0)).readouts["nk_cells"] == 0)


def test_nk_commitment_vanishes_with_what_notch_leaves():
    kept = replace(ARM, withdrawal_day=NEVER_LEFT, nk_day=7.0)
    left = np.array([1e-2, 1e-3])
    cells = lots(kept, notch__clinical_activity=1 - left, notch__rise=1e3).readouts["nk_per_cd34"][:, 9]
    # Two days after IL-15 the share 1 - N of cells has committed: ten times less Notch missing, ten times fewer.
    assert cells[0] / cells[1] == pytest.approx(10, rel=0.1)


def test_dl4_kept_under_il15_gives_few_and_weaker_nk_cells():
    free, kept = harvest(), harvest(replace(ARM, withdrawal_day=NEVER_LEFT))
    assert kept["nk_per_cd34"] < 0.5 * free["nk_per_cd34"]
    assert kept["nk_strength"] < 0.5 * free["nk_strength"]
    assert kept["cd7_percent"] > 10 * free["cd7_percent"]


def test_cells_that_are_locked_give_no_nk_cells_and_die_without_notch():
    open_, locked = harvest(), harvest(**ALL_LOCKED)
    at_switch = lots(**ALL_LOCKED).readouts["locked_percent"][0, 7]
    assert at_switch > 70
    assert locked["nk_per_cd34"] < 0.05 * open_["nk_per_cd34"]
    falling = lots(**ALL_LOCKED).readouts["live_cells"][0, 7:12]
    assert np.all(np.diff(falling) < 0)


def test_the_later_dl4_is_withdrawn_the_less_nk_cells_a_cd7_cell_leaves():
    left = []
    for day in (5.0, 7.0, 10.0, 14.0, 21.0):
        protocol = replace(ARM, nk_day=day, days=day + 10, withdrawal_day=day, seeding_density=1e3)
        made = lots(protocol)
        left.append(made.harvest["nk_per_cd34"][0] / made.readouts["cd7_per_cd34"][0, int(day)])
    assert np.all(np.diff(left) < 0)
    assert left[-1] < 0.7 * left[0]


def test_a_faster_lock_loses_nk_potential():
    slow, usual, fast = lots(commitment__lock_generations=np.array([8.0, 4.0, 1.0])).harvest["nk_per_cd34"]
    assert slow > usual > fast


def test_cells_put_back_on_dl4_gain_cd16_before_kir():
    back = replace(PROTOCOLS["nk-14d"], days=21.0, return_day=14.0)
    free, again = harvest(replace(back, return_day=float("inf"))), harvest(back)
    assert again["cd16_percent"] > 2 * free["cd16_percent"]
    gained = {name: again[name] - free[name] for name in ("cd16_percent", "kir_percent")}
    assert gained["cd16_percent"] > 2 * gained["kir_percent"]


def test_nk_maturation_can_be_switched_off():
    assert harvest(**{"natural_killers__nk_maturation=none": 1.0})["cd16_percent"] == 0


def test_genes_move_as_published_when_the_culture_goes_to_nk():
    nk, t = harvest(), harvest(PROTOCOLS["dl4-7d"])
    up = ("ID2", "EOMES", "TBX21", "PRF1", "GZMB")
    down = ("TCF7", "GATA3", "BCL11B", "NOTCH3", "DTX1")
    assert all(nk[f"expression[{g}]"] > 3 * t[f"expression[{g}]"] for g in up)
    assert all(nk[f"expression[{g}]"] < 0.5 * t[f"expression[{g}]"] for g in down)


def test_genes_move_as_published_in_the_t_arm():
    made = lots(PROTOCOLS["dl4-7d"]).readouts
    for gene in ("TCF7", "GATA3", "BCL11B", "NOTCH3"):
        assert made[f"expression[{gene}]"][0, -1] > 2 * made[f"expression[{gene}]"][0, 0]
    assert made["expression[SPI1]"][0, -1] < made["expression[SPI1]"][0, 0]
    # BCL11B comes after TCF7 and GATA3, which poise its locus.
    early = {g: made[f"expression[{g}]"][0, 3] / made[f"expression[{g}]"][0, -1] for g in ("TCF7", "BCL11B")}
    assert early["TCF7"] > early["BCL11B"]


def test_a_fed_batch_keeps_the_density():
    dense = replace(ARM, held_density=5e5, days=28.0)
    found = lots(dense, natural_killers__division=0.6).readouts["density"][0]
    assert found[-1] == pytest.approx(5e5, rel=0.1)
    assert (
        lots(replace(dense, held_density=float("inf")), natural_killers__division=0.6).harvest["density"][0]
        > 1e6
    )


def test_more_dl4_than_saturates_changes_nothing():
    much, more = typical_lots(PROTOCOLS["dl4-7d"], CORD, {"dl4": np.array([500.0, 5000.0])}).harvest["fold"]
    assert more == pytest.approx(much, rel=1e-3)


def test_tnf_reaches_tnfr2_at_a_lower_dose_than_tnfr1_unless_one_receptor_is_assumed():
    low = replace(PROTOCOLS["dl4-7d"], tnf=0.05)
    two = lots(low).readouts
    assert two["tnf_effect[TNFR2]"][0, 0] > 2 * two["tnf_effect[TNFR1]"][0, 0]
    one = lots(low, **{"cytokines__tnf_receptors=one": 1.0}).readouts
    assert one["tnf_effect[TNFR1]"] == pytest.approx(one["tnf_effect[TNFR2]"])


def test_cd5_comes_before_cd1a_and_both_rise():
    made = lots(replace(PROTOCOLS["dl4-7d"], days=14.0)).readouts
    cd5, cd1a = made["cd5_percent"][0], made["cd1a_percent"][0]
    assert np.all(np.diff(cd5) > 0)
    assert np.all(np.diff(cd1a) > 0)
    assert np.all(cd1a[1:] < cd5[1:])
