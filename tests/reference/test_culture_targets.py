"""The calibrated culture against what was published of it."""

import numpy as np
import pytest

from thymos.biology.product import dose, expected_cd3_per_kg
from thymos.inference.calibrate import Free, fit
from thymos.therapy.culture import SOURCES, simulate_culture, typical_lots
from thymos.therapy.targets.culture import SPREAD_TARGETS, TARGETS, free_parameters
from thymos.therapy.targets.culture_fit import (
    SEED,
    SPREADING,
    SpreadOfDonors,
    spread_prior,
)
from thymos.therapy.targets.culture_predictions import CLINICAL, DOSE, predictions, spread_predictions
from thymos.therapy.targets.plan import plan


@pytest.fixture(scope="module")
def predicted():
    return predictions({})


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_every_target_of_the_typical_donor_is_met(target, predicted):
    assert target.met(predicted[target.name]), f"{target.name}: {predicted[target.name]:.4g}"


@pytest.mark.parametrize(
    "name",
    [
        "il7_floor_neg",
        "il7_floor_pos",
        "scf_floor_neg",
        "scf_floor_pos",
        "il3_floor_neg",
        "il3_floor_pos",
        "flt3l_floor",
    ],
)
def test_the_yield_without_a_cytokine_is_its_published_floor(name, predicted):
    published = {t.name: t.published for t in TARGETS}[name]
    assert predicted[name] == pytest.approx(published, rel=0.02)


@pytest.mark.parametrize("name", ["scf_half", "flt3l_half", "il3_half"])
def test_half_of_the_yield_comes_at_the_published_dose(name, predicted):
    assert predicted[name] == pytest.approx(0.5, abs=0.02)


def test_lots_differ_as_published_ones_do():
    found = spread_predictions(1700, seed=11)
    for target in SPREAD_TARGETS:
        assert target.met(found[target.name]), f"{target.name}: {found[target.name]:.4g}"
    assert found["fold_sd"] == pytest.approx(0.293, abs=0.02)


def test_the_published_ranges_lie_within_the_predicted_intervals():
    lots = simulate_culture(CLINICAL, "mobilised-blood", 2000, seed=5, draws=100)
    assert not lots.status.any()
    for name, (low, high) in {"fold": (8.8, 18.5), "cd7_percent": (54.6, 98.9)}.items():
        below, above = np.percentile(lots.harvest[name], [2.5, 97.5])
        assert below < low
        assert above > 0.99 * high


@pytest.mark.parametrize("source", SOURCES)
def test_cd3_per_kg_is_the_closed_formula(source):
    lots = simulate_culture(CLINICAL, source, 200, seed=3, draws=20)
    s, h = lots.sample, lots.harvest
    graft = source.replace("-", "_")
    expected = expected_cd3_per_kg(
        s[f"{graft}.cd3_share"] / s[f"{graft}.purity"],
        s["progenitors.cd3_division"] - s["progenitors.cd3_death"],
        CLINICAL.days,
        DOSE,
        h["fold"],
        h["cd7_percent"] / 100,
    )
    given = dose(np.inf, 8.0, DOSE, lots.attributes.cd3_per_cd7)
    assert given.cd3_per_kg == pytest.approx(expected, rel=1e-4)


def test_the_same_seed_gives_the_same_lots_on_any_number_of_workers():
    one, two = (simulate_culture(CLINICAL, "cord-blood", 1200, seed=0, workers=w) for w in (1, 2))
    other = simulate_culture(CLINICAL, "cord-blood", 1200, seed=1)
    assert np.array_equal(one.harvest["fold"], two.harvest["fold"])
    assert not np.array_equal(one.harvest["fold"], other.harvest["fold"])


def test_changes_of_a_value_move_the_typical_lot():
    plain, faster = (typical_lots(CLINICAL, "cord-blood", {"progenitors.growth": x}) for x in (0.4, 0.5))
    assert faster.harvest["fold"] > plain.harvest["fold"]


@pytest.mark.slow
def test_the_calibrated_values_are_those_of_the_fit():
    found = fit(
        plan("culture").residuals, [Free(n, *p) for n, p in plan("culture").prior().items()], SEED, starts=4
    )
    for name, row in free_parameters().items():
        assert row.grade == "calibrated"
        assert found.values[name] == pytest.approx(row.value, rel=0.01), name


@pytest.mark.slow
def test_the_spread_of_donors_is_that_of_the_fit():
    priors = [Free(n, *p) for n, p in spread_prior().items()]
    found = fit(SpreadOfDonors(400, SEED).residuals, priors, SEED, starts=1)
    for name in SPREADING:
        cv = np.sqrt(np.expm1(found.values[name] ** 2))
        assert cv == pytest.approx(free_parameters()[name].variability.cv, rel=0.02), name
