"""What a trial needs of lots whose distribution is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from thymos.trial.campaign_plan import Plan
from thymos.trial.campaign_supply import Supply

SEEDED = 1e6


def supply(cells, draws=1, runs=1, plan=None, met=None, selected=1e7, unit="cell"):
    """Lots in the order of draw, donor and run, `runs` of each donor."""
    lot = np.arange(len(cells))
    campaign = SimpleNamespace(
        draw=lot // (len(cells) // draws),
        donor=lot // runs,
        run=lot % runs,
        selected=np.broadcast_to(np.asarray(selected, dtype=float), cells.shape),
        unit=unit,
        counted_cd34=SEEDED,
    )
    plan = plan or Plan(dose=1e6, weight=10.0, patients=8, assurance=0.9)
    return Supply(campaign, plan, np.ones(len(cells), bool) if met is None else met, cells, seed=1)


@pytest.mark.parametrize("patients", [1, 8])
def test_cells_to_seed_for_log_normal_yields(patients):
    # A lot of s seeded cells holds s e^(m + sd z); all n hold the dose with chance F(s)^n.
    m, sd, n = np.log(8.0), 0.5, 400_000
    cells = SEEDED * np.exp(m + sd * np.random.default_rng(1).standard_normal(n))
    found = supply(cells, plan=Plan(1e6, 10.0, patients, 0.9)).starting_cells()["per_lot"]
    wanted = 1e7 * np.exp(-m - sd * stats.norm.ppf(1 - 0.9 ** (1 / patients)))
    # Standard error of that quantile of n lots, by the density there.
    z = stats.norm.ppf(1 - 0.9 ** (1 / patients))
    tail = 1 - 0.9 ** (1 / patients)
    error = sd * np.sqrt(tail * (1 - tail) / n) / stats.norm.pdf(z)
    assert abs(np.log(found / wanted)) < 4 * error


def test_lots_of_any_donor_are_negative_binomial():
    cells = np.where(np.arange(1000) % 10 < 7, 1.5e7, 0.0)  # seven in ten hold one dose
    found = supply(cells)
    wanted = 8 + stats.nbinom.ppf(0.9, 8, 0.7)
    assert found.any_donor(shared=False)["lots"] == wanted
    assert found.any_donor(shared=True)["lots"] == wanted
    assert supply(2 * cells).any_donor(shared=True)["lots"] < wanted


def test_lots_of_ones_own_donor():
    # Half of all donors always fail: no number of tries is enough, whatever the share of good lots.
    cells = np.repeat(np.where(np.arange(200) % 2, 1.5e7, 0.0), 5)
    found = supply(cells, runs=5).own_donor()
    assert found["lots"] is None
    assert found["chance_at_most"]["median"] == pytest.approx(0.5**8)
    # Lots that succeed or fail whoever the donor is: 1 - (1 - p)^k for each patient.
    rng = np.random.default_rng(4)
    cells = np.where(rng.random(500_000) < 0.7, 1.5e7, 0.0)
    found = supply(cells, runs=5).own_donor()
    k = np.arange(1, 6)
    each = 1 - 0.3**k
    assert found["lots"] == k[each**8 >= 0.9][0]
    # One lot at once, another after each failure, until the last try that the plan allows.
    expected = 8 * sum(0.3**i for i in range(int(found["lots"])))
    assert found["lots_expected"]["median"] == pytest.approx(expected, rel=0.005)


def test_chance_and_knowledge_are_kept_apart():
    """Draws believe in shares that are Beta(6, 2): the interval is theirs, not that of the lots drawn."""
    rng = np.random.default_rng(5)
    p = rng.beta(6, 2, 400)
    held = supply(np.where(rng.random((400, 200)) < p[:, None], 1.5e7, 0.0).ravel(), draws=400)
    share = held.share(held.cells > 0)
    wanted = stats.beta(6, 2).ppf([0.025, 0.975])
    np.testing.assert_allclose([share["low"], share["high"]], wanted, atol=0.03)
    # One draw, or draws that agree: only chance is left, and it shrinks with the number of lots.
    same = supply(np.where(rng.random(80_000) < 0.75, 1.5e7, 0.0), draws=400)
    narrow = same.share(same.cells > 0)
    assert narrow["high"] - narrow["low"] < 0.02


def test_lots_of_one_donor_are_no_independent_trials():
    good = np.repeat(np.random.default_rng(6).random(100) < 0.7, 10)
    alike = supply(np.where(good, 1.5e7, 0.0), runs=10)
    apart = supply(np.where(good, 1.5e7, 0.0), runs=1)
    width = [s.share(s.cells > 0)["high"] - s.share(s.cells > 0)["low"] for s in (alike, apart)]
    assert width[0] == pytest.approx(np.sqrt(10) * width[1], rel=0.1)


def test_collections_add_up():
    cells = np.full(60, 1e7)
    found = supply(cells, selected=3e6).collections(1e7)
    assert found["per_lot"] == 4
    assert found["one_is_enough"]["p"] == 0
    assert supply(cells, selected=1e6, unit="cell/kg").collections(1e7)["per_lot"] == 1
    # Half of the units hold 4e6, half 8e6: two are enough unless both are small, three always.
    units = np.where(np.arange(4000) % 2, 8e6, 4e6)
    for assurance, wanted in ((0.9, 3), (0.7, 2)):
        mixed = supply(np.full(4000, 1e7), selected=units, plan=Plan(1e6, 10.0, 8, assurance))
        assert mixed.collections(1.1e7)["per_lot"] == wanted


def test_a_lot_out_of_specification_serves_nobody():
    cells = np.full(40, 1e9)
    met = np.arange(40) % 2 == 0
    found = supply(cells, met=met)
    assert found.share(found.doses > 0)["p"] == 0.5
    assert found.doses.max() == 8  # as many as there are patients, though the lot holds a hundred doses
