"""Shares of marked cells in the culture against the published ones."""

import numpy as np
import pytest

from thymos.therapy.culture import typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS
from thymos.therapy.vector_protocol import VectorProtocol

CLINICAL = PROTOCOLS["dl4-7d"]


def marked(kind="", **changes):
    found = typical_lots(CLINICAL, "mobilised-blood", changes, VectorProtocol()).harvest
    return found[f"{kind}marked_percent"]


@pytest.mark.parametrize("day", [2.0, 3.0])
def test_t_progenitors_of_cells_that_were_stimulated_first_carry_it_in_80_to_90_percent(day):
    # C085, the T cells grown from CD34+ cells on Dll4 (Bernadin 2019): 80-90 %.
    assert 80 < marked("cd7_", vector_day=day)[0] < 90


def test_no_class_of_cells_is_marked_beyond_what_was_ever_seen_of_it():
    # C086, C087 (Girard-Gagnepain 2014): up to 90 % of cycling cells, up to 30 % of resting ones.
    resting, cycling = marked(
        **{"mobilised_blood.quiescent_share": np.array([1 - 1e-9, 1e-9]), "mobilised_blood.cd3_share": 0.0},
        vector_day=0.0,
    )
    assert 20 < resting < 30
    assert 80 < cycling < 90
