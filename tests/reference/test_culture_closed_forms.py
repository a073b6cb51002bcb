"""Parts of the culture whose course has a closed form."""

import numpy as np
import pytest

from thymos.therapy.culture import culture_program, lot_models
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import fill, nominal

MOBILISED = "mobilised-blood"
STILL = {
    "progenitors.growth": 1e-30,
    "progenitors.death": 0.0,
    "notch.cost": 0.0,
    **{f"cytokines.{name}_lack": 0.0 for name in ("scf", "il7", "tpo", "flt3l")},
    **{f"cytokines.{name}": 0.0 for name in ("scf_lack_cd5", "il7_lack_cd5", "bystander_need")},
    "progenitors.locked_starvation": 0.0,
    "progenitors.locked_need": 1e-9,
}


def solve(times, **changes):
    program = culture_program(MOBILISED)
    changed = {name.replace("__", "."): x for name, x in changes.items()}
    table = fill(program, 1, CultureProtocol().covariates(), nominal(lot_models(MOBILISED), 1), changed)
    solution = program.solve(table, times, rtol=1e-8, atol=1e-8)
    return {q.name: solution.outputs[0, :, i] for i, q in enumerate(program.outputs)}


@pytest.mark.parametrize("mean", [0.5, 1.2, 3.0])
def test_cells_leave_g0_after_three_steps_of_the_declared_mean_time(mean):
    times = np.linspace(0, 30, 301)
    undecided = {"progenitors.specification": 1e-30, "progenitors.b_branch": 0.0, **STILL}
    found = solve(
        times, mobilised_blood__quiescence_time=mean, mobilised_blood__quiescent_share=0.6, **undecided
    )
    x = 3 * times / mean
    assert found["g0_percent"] == pytest.approx(60 * np.exp(-x) * (1 + x + x**2 / 2), abs=1e-4)
    assert np.trapezoid(found["g0_percent"], times) / 60 == pytest.approx(mean, rel=0.01)
    assert found["cd34_cd7neg_percent"] == pytest.approx(
        found["cd34_cd7neg_percent"][0] * np.ones(301), rel=1e-6
    )


def test_the_first_of_two_alleles_opens_at_twice_the_rate_of_one():
    times, rate = np.linspace(0, 7, 15), 0.15
    at_once = {
        "mobilised_blood.quiescent_share": 1e-9,
        "mobilised_blood.cd3_share": 0.0,
        "notch.clinical_activity": 0.9999,
        "notch.rise": 1e5,
        "progenitors.specification": 1e4,
        "progenitors.myeloid_odds": 1e-9,
        "commitment.opening": rate,
    }
    found = solve(times, **at_once, **STILL)
    assert found["bcl11b_percent"][1:] / 100 == pytest.approx(1 - np.exp(-2 * rate * times[1:]), abs=2e-3)


def test_carried_over_t_cells_grow_and_die_exponentially():
    times = np.linspace(0, 7, 8)
    cells = solve(times, progenitors__cd3_division=0.05, progenitors__cd3_death=0.15)["cd3_cells"]
    assert cells == pytest.approx(cells[0] * np.exp(-0.1 * times), rel=1e-6)


def test_cells_that_only_die_fall_exponentially_and_stay_in_the_vessel():
    times = np.linspace(0, 7, 8)
    dying = STILL | {
        "progenitors.death": 0.2,
        "progenitors.protection": 0.0,
        "progenitors.growth": -0.2 + 1e-14,
    }
    dying |= {"progenitors.clearance": 0.0, "mobilised_blood.cd3_share": 0.0, "progenitors.late_growth": 1.0}
    # Cells in G0 do not die: none are seeded in G0 here.
    found = solve(times, **dying, progenitors__myeloid_growth=1.0, mobilised_blood__quiescent_share=1e-12)
    assert found["fold"] == pytest.approx(np.exp(-0.2 * times), rel=1e-6)
