"""Diversity of twins in a trial."""

from dataclasses import replace

import numpy as np
import pytest

from thymos.io.study_file import override
from thymos.therapy.measured_repertoire import MEASURES
from thymos.trial.diversity import DAYS, Diversity, measured, orders_of, pairs_of
from thymos.trial.pool import Threads
from thymos.trial.run import load_study


@pytest.fixture(scope="module")
def study():
    return override(load_study("scid-haplo"), patients=12, draws=4)


@pytest.fixture(scope="module")
def diversity(study):
    ticks = []
    with Threads(1) as pool:
        found = Diversity(study, pool, ticks.append)
    assert sum(ticks) == pairs_of(study) == 12
    return found


@pytest.mark.parametrize(
    ("patients", "draws", "pairs"), [(1000, 100, 200), (10**6, 100, 200), (12, 4, 12), (7, 7, 7)]
)
def test_the_pairs_do_not_grow_with_the_trial(patients, draws, pairs):
    assert pairs_of(override(load_study("scid-haplo"), patients=patients, draws=draws)) == pairs


def test_the_cut_into_orders_changes_no_bit(study):
    (whole,) = orders_of(study)
    parts = [replace(whole, first=i, draws=(i,)) for i in whole.draws]
    together, apart = measured(whole), [measured(part) for part in parts]
    for arm, found in together.items():
        for name, values in found.items():
            joined = np.concatenate([part[arm][name] for part in apart])
            assert np.array_equal(values, joined, equal_nan=True), (arm, name)


def test_only_the_treated_have_receptors_of_infused_progenitors(diversity):
    assert not np.nan_to_num(diversity.by_arm["twin"]["infused"]).any()
    assert np.nanmin(diversity.by_arm["protcell"]["infused"]) > 0


def test_every_measure_has_its_range(diversity):
    for found in diversity.by_arm.values():
        for name, values in found.items():
            here = values[np.isfinite(values)]
            shares = not MEASURES[name].ratio and name != "families"
            assert (here >= 0).all(), name
            assert (here <= (1 + 1e-9 if shares else 24 if name == "families" else np.inf)).all(), name


def test_a_spectratype_is_read_on_one_day(diversity):
    read = np.isfinite(diversity.by_arm["twin"]["families"]).any(axis=0)
    assert [day for day, one in zip(DAYS, read, strict=True) if one] == [100]


def test_summary_and_table_say_the_same(diversity):
    summary, table = diversity.summary(), diversity.table()
    rows = dict(
        zip(zip(table["arm"], table["measure"], table["day"], strict=True), table["q50"], strict=True)
    )
    for arm, found in summary["arms"].items():
        for name, by_day in found.items():
            for day, value in by_day.items():
                assert rows.get((arm, name, float(day))) == value["median"]


def test_a_ratio_is_that_of_the_pairs(diversity):
    one, other = (diversity.by_arm[arm]["receptors"][:, 2] for arm in ("protcell", "twin"))
    by_hand = np.exp(np.nanmean(np.log(one / other)))  # nobody counts after death
    assert diversity.summary()["difference"]["receptors"]["100"]["median"] == pytest.approx(by_hand, rel=1e-9)
