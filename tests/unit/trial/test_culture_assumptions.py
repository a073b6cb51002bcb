"""Which assumptions carry a lot."""

import numpy as np
import pytest

from thymos.therapy.culture import typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS
from thymos.trial.culture_assumptions import culture_ranked

CLINICAL = PROTOCOLS["dl4-7d"]


@pytest.fixture(scope="module")
def ranked():
    return culture_ranked(CLINICAL, "mobilised-blood")


@pytest.fixture(scope="module")
def rows(ranked):
    return {row["name"]: row for row in ranked}


def test_the_effect_of_an_assumption_is_the_lot_with_it_moved_alone(rows):
    row = rows["progenitors.myeloid_odds"]
    ends = np.array([row["from"], row["to"]])
    lots = typical_lots(CLINICAL, "mobilised-blood", {"progenitors.myeloid_odds": ends}).harvest
    for name in ("cd7_per_cd34", "cd7_percent"):
        assert row["effects"][name] == pytest.approx(lots[name], rel=1e-9)


def test_what_a_switch_leaves_out_moves_nothing(rows):
    for name in ("cytokines.tnf_falling_half", "commitment.lock_chance", "natural_killers.division"):
        low, high = rows[name]["effects"]["cd7_percent"]
        assert low == pytest.approx(high, rel=1e-6)
    assert next(iter(rows)) not in ("cytokines.tnf_falling_half", "natural_killers.division")


def test_they_are_ranked_by_the_further_of_two_moves(ranked):
    def moved(row):
        (a, b), (p, q) = row["effects"].values()
        odds = np.log(np.array([p, q]) / (100 - np.array([p, q])))
        return max(abs(np.log(b / a)), abs(odds[1] - odds[0]))

    found = np.array([moved(row) for row in ranked])
    assert np.all(np.diff(found) <= 1e-9)  # equal but for rounding


def test_the_nk_arm_is_ranked_by_its_own_yield_and_purity():
    first = culture_ranked(PROTOCOLS["nk-14d"], "cord-blood")[0]
    assert set(first["effects"]) == {"nk_per_cd34", "nk_percent"}
