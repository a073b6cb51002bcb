"""The plate of a simulated assay: places, names, and what does not fit."""

import pytest

from thymos.assay.cytotoxicity import Effector, Target
from thymos.assay.virtual_plate import Layout, Sample, simulate_plate
from thymos.lang.errors import DataError


def test_controls_come_first_and_each_condition_has_its_wells():
    layout = Layout(ratios=(10.0, 1.0), hours=(2.0, 4.0), replicates=3, controls=4)
    plate = simulate_plate([Sample("NK", Effector()), Sample("T", Effector(0.5), Target("Raji"))], layout, 1)
    assert [w.well for w in plate.wells[:13]] == [*(f"A{i}" for i in range(1, 13)), "B1"]
    assert len(plate.of_kind("spontaneous")) == len(plate.of_kind("maximum")) == 2 * 2 * 4
    assert len(plate.of_kind("sample")) == 2 * 2 * 2 * 3
    assert {(c.effector, c.target) for c in plate.curves()} == {("NK", "K562"), ("T", "Raji")}


def test_a_larger_assay_goes_on_a_larger_plate_and_a_too_large_one_on_none():
    wide = Layout(ratios=tuple(float(r) for r in range(1, 31)))
    assert (
        simulate_plate([Sample("NK", Effector())], wide, 1).wells[-1].well == "E6"
    )  # 102 wells, 24 in a row
    with pytest.raises(DataError, match="at most 384 wells, got 462"):
        simulate_plate([Sample(f"NK{i}", Effector()) for i in range(5)], wide, 1)


@pytest.mark.parametrize(
    "layout",
    [{"ratios": (10.0, 0.0)}, {"hours": (-1.0,)}, {"targets": 0.0}, {"replicates": 0}, {"controls": 0}],
)
def test_conditions_that_cannot_be_are_refused(layout):
    with pytest.raises(DataError, match="virtual plate: expected ratios, hours and targets above 0"):
        Layout(**layout)
