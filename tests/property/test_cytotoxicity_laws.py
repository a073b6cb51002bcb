"""Laws of killing for all inputs, as culture.md states them, and of the virtual plate."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis.strategies import floats, integers

from thymos.assay.cytotoxicity import Cytotoxicity, Effector, Target
from thymos.assay.specific_lysis import specific_lysis
from thymos.assay.virtual_plate import Layout, Sample, simulate_plate
from thymos.io.plate_file import parse_plate, plate_text

ASSAY = Cytotoxicity()
shares, ratios, times = floats(0, 1), floats(0, 1e4), floats(0, 1e3)
effectors = {"u": floats(0, 2), "mature": shares, "car": shares, "gain": floats(1, 50), "antigen": shares}


def killing(u, mature, car, gain, antigen):
    return Effector(u, mature, car, gain), Target("line", 1.0, antigen)


@given(**effectors, ratio=ratios, hours=times)
def test_lysis_is_a_share_and_never_below_the_spontaneous(u, mature, car, gain, antigen, ratio, hours):
    who, whom = killing(u, mature, car, gain, antigen)
    assert 0 <= ASSAY.specific_lysis(who, whom, ratio, hours) <= 1
    assert ASSAY.spontaneous(hours) <= ASSAY.lysis(who, whom, ratio, hours) <= 1


@given(**effectors, ratio=ratios, hours=times, more=floats(1, 100))
def test_more_effectors_or_time_never_kill_less(u, mature, car, gain, antigen, ratio, hours, more):
    who, whom = killing(u, mature, car, gain, antigen)
    least = ASSAY.specific_lysis(who, whom, ratio, hours) - 1e-12
    assert ASSAY.specific_lysis(who, whom, ratio * more, hours) >= least
    assert ASSAY.specific_lysis(who, whom, ratio, hours * more) >= least


@given(**effectors, ratio=ratios, hours=times, less=shares)
def test_weaker_or_less_mature_killers_never_kill_more(u, mature, car, gain, antigen, ratio, hours, less):
    who, whom = killing(u, mature, car, gain, antigen)
    most = ASSAY.specific_lysis(who, whom, ratio, hours) + 1e-12
    for weaker in (
        Effector(u * less, mature, car, gain),
        Effector(u, mature * less, car, gain),
        Effector(u, mature, car * less, gain),
    ):
        assert ASSAY.specific_lysis(weaker, whom, ratio, hours) <= most


@given(**effectors, hours=times)
def test_no_effectors_leave_the_spontaneous_release(u, mature, car, gain, antigen, hours):
    who, whom = killing(u, mature, car, gain, antigen)
    assert ASSAY.lysis(who, whom, 0.0, hours) == ASSAY.spontaneous(hours)
    assert ASSAY.specific_lysis(who, whom, 0.0, hours) == 0


@given(seed=integers(0, 2**32), plate=integers(1, 99))
def test_a_plate_is_the_same_for_the_same_seed_and_survives_its_file(seed, plate):
    samples = (Sample("NK", Effector()), Sample("CAR-NK", Effector(car_share=0.5, car_gain=5)))
    made = simulate_plate(samples, Layout(ratios=(10.0, 1.0)), seed, plate)
    assert made == simulate_plate(samples, Layout(ratios=(10.0, 1.0)), seed, plate)
    read = parse_plate(plate_text(made, "one\ntwo"), "plate.csv")
    assert [(w.well, w.kind, w.ratio, w.signal) for w in read.wells] == [
        (w.well, w.kind, w.ratio, w.signal) for w in made.wells
    ]
    assert len({w.well for w in made.wells}) == len(made.wells)
    assert read.simulated
    assert not parse_plate(plate_text(replace(made, simulated=False)), "plate.csv").simulated


def test_another_seed_or_plate_meets_another_chance():
    first, other, later = (
        simulate_plate([Sample("NK", Effector())], Layout(), seed, plate)
        for seed, plate in ((0, 1), (1, 1), (0, 2))
    )
    signals = [[w.signal for w in p.wells] for p in (first, other, later)]
    assert signals[0] != signals[1] != signals[2] != signals[0]


def test_plates_scatter_around_the_expected_lysis_with_the_spread_that_is_declared():
    # 200 plates: the mean of the hazard's logarithm lies within 4 standard errors, its spread within 4 of its own.
    layout = Layout(ratios=(2.5,), replicates=12, controls=24)
    found = [
        specific_lysis(simulate_plate([Sample("NK", Effector())], layout, 3, n).curves()[0])[0].percent / 100
        for n in range(1, 201)
    ]
    hazard = np.log(-np.log1p(-np.array(found)))
    expected = float(ASSAY.specific_lysis(Effector(), Target(), 2.5, 4.0))
    declared = np.sqrt(np.log1p(ASSAY.values["plate_cv"] ** 2))
    assert abs(hazard.mean() - np.log(-np.log1p(-expected))) < 4 * declared / np.sqrt(200)
    wells = ASSAY.values["well_cv"]
    assert (
        declared * (1 - 4 / np.sqrt(400)) < hazard.std() < np.hypot(declared, wells) * (1 + 4 / np.sqrt(400))
    )
