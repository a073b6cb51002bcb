"""Descendants against a culture that holds nothing but the cells they descend from.

Where cells neither crowd nor starve each other, a culture is the sum of two: one of the cells that rested in G0 on
day 0, seeded alone, and one of the others. So what the model calls descendants is counted here without it.
"""

import numpy as np
import pytest

from thymos.therapy.culture import typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS
from thymos.therapy.vector_protocol import VectorProtocol

RESTING = 0.6
ROOM = {"medium.capacity": 1e30, "medium.cytokine_depletion=off": 1.0}
ALONE = {"mobilised_blood.cd3_share": 0.0, "transgene.toxicity": 0.0}


def seeded(cells, resting, vector=None):
    """Lots of the NK arm, in which every class of cells occurs, with so many cells, a share of them in G0."""
    alone = {k: x for k, x in ALONE.items() if vector is not None or not k.startswith("transgene")}
    donor = {"seeded_cd34": cells, "mobilised_blood.quiescent_share": resting}
    only_cycling_take_up = {"transgene.resting_uptake": 0.0} if vector is not None else {}
    changes = ROOM | alone | donor | only_cycling_take_up
    return typical_lots(PROTOCOLS["nk-14d"], "mobilised-blood", changes, vector)


@pytest.fixture(scope="module")
def transduced():
    return seeded(1e7, RESTING, VectorProtocol(0.0))


@pytest.fixture(scope="module")
def resting_alone():
    return seeded(1e7 * RESTING, 1.0 - 1e-12).readouts


@pytest.mark.parametrize(
    ("kind", "counted"), [("", "live_cells"), ("cd7_", "cd7_cells"), ("nk_", "nk_cells")]
)
def test_descendants_of_resting_cells_are_the_cells_of_a_culture_of_resting_cells(
    transduced, resting_alone, kind, counted
):
    copies = transduced.sample["transgene.copies"][0]
    cells = transduced.readouts[counted][0]
    # Resting cells take up nothing here, so what lacks copies descends from them.
    found = cells * (1 - transduced.readouts[f"{kind}vcn"][0] / copies)
    there = cells > 1
    assert there.sum() >= 6
    later = there & (np.arange(len(cells)) > 0)
    assert found[later] == pytest.approx(resting_alone[counted][0, later], rel=2e-4)


def test_the_share_that_the_model_shows_is_the_counted_one(transduced, resting_alone):
    share = resting_alone["cd7_cells"][0, 1:] / transduced.readouts["cd7_cells"][0, 1:]
    assert transduced.readouts["cd7_from_g0_percent"][0, 1:] == pytest.approx(100 * share, rel=2e-4)
