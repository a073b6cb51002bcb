"""Laws of the product: nothing is given that is not there, and what comes with it comes in proportion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from thymos.biology.product import dose, lot_attributes

cells, weights, targets = floats(0, 1e12), floats(0.5, 150), floats(0, 1e8)


@given(available=cells, weight=weights, target=targets, ratio=floats(0, 1))
def test_the_dose_is_the_target_or_the_whole_lot(available, weight, target, ratio):
    given_dose = dose(np.array([available]), weight, target, ratio)
    assert given_dose.per_kg == pytest.approx(min(target, available / weight))
    assert given_dose.cells <= available * (1 + 1e-12)
    assert given_dose.short == (available / weight < target)
    assert given_dose.cd3_per_kg == pytest.approx(ratio * given_dose.per_kg)


def test_no_target_means_no_cells_and_no_t_cells():
    nothing = dose(np.array([1e9, 0.0]), 8.0, 0.0, np.array([1e-3, np.nan]))
    assert np.all(nothing.cells == 0)
    assert np.all(nothing.cd3_per_kg == 0)
    assert not nothing.short.any()


@given(recovery=floats(0.01, 1), cd5=floats(0, 1), advantage=floats(1, 6))
def test_harvest_loses_cells_and_keeps_shares(recovery, cd5, advantage):
    ones = np.ones(1)
    readouts = {
        "fold": 14.7 * ones,
        "cd7_percent": 80.0 * ones,
        "cd7_per_cd34": 11.76 * ones,
        "viability": 90.0 * ones,
        "cd7_cells": 1.176e8 * ones,
        "cd3_cells": 9.4e3 * ones,
        "locked_percent": 8.0 * ones,
        "cd5_percent": 100 * cd5 * ones,
    }
    lot = lot_attributes(readouts, recovery * ones, advantage * ones)
    assert lot.cd7_cells == pytest.approx(1.176e8 * recovery)
    assert lot.cd3_per_cd7 == pytest.approx(9.4e3 / 1.176e8)
    assert lot.locked_share == pytest.approx(0.1)
    assert 1 <= lot.competence[0] <= advantage * (1 + 1e-12)


def test_a_lot_without_the_product_has_no_ratio_and_gives_no_dose():
    none = dict.fromkeys(("fold", "viability", "cd3_cells"), np.ones(1))
    absent = ("cd7_percent", "cd7_per_cd34", "cd7_cells", "locked_percent", "cd5_percent")
    none |= dict.fromkeys(absent, np.zeros(1))
    lot = lot_attributes(none, np.ones(1), np.ones(1))
    assert np.isnan(lot.cd3_per_cd7)
    assert np.isnan(lot.locked_share)
    empty = dose(lot.cd7_cells, 8.0, 5e5, lot.cd3_per_cd7)
    assert empty.short
    assert empty.cd3_per_kg == 0
