"""The benefit of an infusion comes out of the model, and fails to where the assumptions say so."""

from functools import cache
from itertools import product

import numpy as np
import pytest

from thymos.trial import infusion_pairs
from thymos.trial.baselines import typical_values
from thymos.trial.infusion import Infusion
from thymos.trial.infusion_assumption import BASE, assumption_named
from thymos.trial.infusion_pairs import InfusionPairs
from thymos.trial.infusion_value import VALUES
from thymos.trial.patient import study_of

# A lot without mature T cells: those that are carried over live in the patient without any thymus.
CLEAN = {"mobilised_blood.cd3_share": 0.0}
GRID = [Infusion(z, d, n) for z in (1e5, 1e7) for d in (4.0, 14.0) for n in (1, 2)]


@cache
def pairs(
    age: float = 8.0,
    diagnosis: str = "aml",
    size: int = 16,
    draws: int = 4,
    workers: int = 1,
    fixed: tuple[tuple[str, float], ...] = (),
    typical: bool = False,
    **options: float | str,
) -> InfusionPairs:
    study = study_of(age, diagnosis, 8.0, 5e5)
    rows = {name: row.value for name, row in typical_values(study).items()} if typical else {}
    known = rows | CLEAN | dict(fixed)
    return InfusionPairs(study, 1, size, draws, workers, fixed=known, **options)  # type: ignore[arg-type]  # names of its parameters


def middle_gain(found: infusion_pairs.Compared, name: str = "cd4") -> np.ndarray:
    return np.median(found.gain(name), axis=1)


@pytest.mark.parametrize("switch", ["as-known", "niche_number=fixed", "stroma_repair=infused", "high-atg"])
def test_without_homing_nothing_is_gained_anywhere(switch: str) -> None:
    found = pairs(fixed=(("homing.homing_fraction", 0.0),)).compare(GRID, assumption_named(switch))
    for name in VALUES:
        assert np.array_equal(found.treated[name], found.twin[name])
    assert np.isinf(found.cap).all()


def test_no_dose_gains_nothing_on_any_day_at_any_age_under_any_atg() -> None:
    settings = product((0.0, 60.0), (1, 2), (1.0, 60.0), (0.0, 12.0))
    nothing = [Infusion(0.0, day, doses, age=age, atg=atg) for day, doses, age, atg in settings]
    found = pairs().compare(nothing)
    for name in VALUES:
        assert np.array_equal(found.treated[name], found.twin[name])


def test_an_infusion_after_day_100_does_nothing_until_then() -> None:
    found = pairs().compare([Infusion(1e7, 101.0)])
    assert np.array_equal(found.treated["cd4"], found.twin["cd4"])
    assert not np.array_equal(found.treated["trec"], found.twin["trec"])


def test_more_cells_never_do_less_where_an_infused_cell_makes_as_many_as_one_of_the_marrow() -> None:
    """Else cells with fewer divisions left take niches from those with more, and too many do a little harm."""
    doses = np.geomspace(1e3, 1e9, 9)
    made = pairs(fixed=(("thymus.missed_divisions", 0.0), ("thymus.infused_niche_time", 1.0)))
    found = made.compare([Infusion(float(z), 8.0) for z in doses])
    # The solver's own error, relative to the count itself: `trial.simulation` measured 2e-3 at most.
    slack = 2e-3 * found.treated["cd4"][1:]
    assert (np.diff(found.treated["cd4"], axis=0) >= -slack).all()


def test_below_the_cap_the_gain_is_in_proportion_and_far_above_it_saturates() -> None:
    made = pairs(age=40.0, typical=True, size=8, draws=1)
    cap = float(np.median(made.compare([Infusion(1.0, 8.0)]).cap[0]))
    gain = middle_gain(made.compare([Infusion(x * cap, 8.0) for x in (0.01, 0.02, 100.0, 1000.0)]), "trec")
    assert gain[1] / gain[0] == pytest.approx(2, rel=0.1)
    # Refilling: niches empty with 13 days while the rest in blood, lost at 1 a day, lasts ln 10 days longer.
    assert gain[3] / gain[2] < 1 + np.log(10) / 13 / (1 + np.log(100) / 13) + 0.05


def test_a_second_dose_doubles_a_small_one_and_adds_hardly_anything_where_the_first_filled_the_niches() -> (
    None
):
    made = pairs(typical=True, size=8, draws=1)
    small, twice, flood, again = (
        middle_gain(made.compare([Infusion(z, 8.0, n, gap=1.0)]))[0]
        for z, n in ((1e3, 1), (1e3, 2), (1e9, 1), (1e9, 2))
    )
    assert twice / small == pytest.approx(2, rel=0.15)
    assert again / flood < 1.15


def test_at_sixty_hardly_anything_is_gained_where_niches_shrink_and_far_more_where_they_stay() -> None:
    made = pairs(age=60.0, typical=True, size=8, draws=1)
    shrunk, stays = (
        middle_gain(made.compare([Infusion(5e6, 8.0)], assumption_named(f"niche_number={c}")))[0]
        for c in ("proportional", "fixed")
    )
    assert 0 <= shrunk < 2
    assert stays > 10 * shrunk


def test_atg_that_kills_faster_than_blood_clears_takes_the_effect_away() -> None:
    kill = (("serotherapy.atg_kill_max", 200.0), ("serotherapy.atg_kill_half", 0.01))
    made = pairs(typical=True, size=8, draws=1, fixed=kill)
    with_atg, without = middle_gain(made.compare([Infusion(1e6, 8.0, atg=c) for c in (20.0, 0.0)]), "trec")
    assert with_atg < 0.05 * without


def test_a_calcineurin_inhibitor_never_helps_below_the_cap() -> None:
    made = pairs(typical=True, size=8, draws=1)
    plain, under = (
        middle_gain(made.compare([Infusion(1e4, 8.0)], a), "trec") for a in (BASE, assumption_named("cni"))
    )
    assert under < plain


def test_bits_depend_neither_on_workers_nor_on_how_the_work_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    one = pairs(workers=1).compare(GRID)
    monkeypatch.setattr(infusion_pairs, "TOGETHER", 16)
    two = pairs(workers=2).compare(GRID)
    alone = pairs().compare(GRID[3:4])
    for name in VALUES:
        assert np.array_equal(one.treated[name], two.treated[name])
        assert np.array_equal(one.twin[name], two.twin[name])
    assert np.array_equal(one.treated["recovery"][3:4], alone.treated["recovery"])


def test_a_lot_that_is_short_gives_what_it_has() -> None:
    plenty, few = pairs(weight=20.0), pairs(weight=20.0, cells=2e6)
    wanted = [Infusion(1e6, 8.0), Infusion(1e5, 8.0), Infusion(1e5, 8.0, doses=2)]
    a, b = plenty.compare(wanted), few.compare(wanted)
    assert b.short[0].all()
    assert not a.short.any()
    assert b.cells[0] == pytest.approx(2e6)
    # All that there is, as if so much had been wanted; two infusions share it.
    assert np.array_equal(b.treated["cd4"][0], b.treated["cd4"][1])
    assert b.cells[2] == pytest.approx(2e6)
    assert a.cells[2] == pytest.approx(4e6)


def test_another_age_is_the_study_of_that_age_but_for_what_else_goes_with_age() -> None:
    young, old = pairs(age=8.0), pairs(age=20.0)
    moved, there = young.compare([Infusion(1e6, 8.0, age=20.0)]), old.compare([Infusion(1e6, 8.0)])
    assert moved.cells == pytest.approx(there.cells, rel=1e-6)
    # A study draws whether a patient carries CMV by age; along the axis of a surface the same patients keep it.
    same = young.people.covariates["cmv"] == old.people.covariates["cmv"]
    assert same.sum() > 8
    assert moved.treated["trec"][0, same] == pytest.approx(there.treated["trec"][0, same], rel=1e-3)
