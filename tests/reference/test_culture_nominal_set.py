"""The worked example of the design: one set of rates, and the fold and purity that were derived from it."""

import numpy as np
import pytest

from thymos.therapy.culture import culture_program, lot_models
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import fill, nominal

MOBILISED = "mobilised-blood"
# r_S = r_P = 0.475, r_L = 0.45, r_M = 0.52, d = 0.05, f_T = 0.39, f_M = 0.4, m = 0.54 (1/day), written as net growth.
RATES = {
    "mobilised_blood.quiescent_share": 0.6,
    "mobilised_blood.quiescence_time": 1.2,
    "mobilised_blood.cd3_share": 0.0,
    "mobilised_blood.tnf_need": 0.0,
    "notch.rise": 1e4,
    "notch.steepness": 1.0,
    "notch.notch_cost=none": 1.0,
    "medium.capacity": 1e30,
    **{f"cytokines.{name}_lack": 0.0 for name in ("scf", "il7", "tpo", "flt3l")},
    **{f"cytokines.{name}": 0.0 for name in ("scf_lack_cd5", "il7_lack_cd5", "bystander_need")},
    "progenitors.locked_starvation": 0.0,
    "progenitors.locked_need": 1e-9,
    "progenitors.death": 0.05,
    "progenitors.protection": 0.0,
    "progenitors.growth": 0.425,
    "progenitors.late_growth": 0.40 / 0.425,
    "progenitors.myeloid_growth": 0.47 / 0.425,
    "progenitors.specification": 0.39,
    "progenitors.myeloid_odds": 0.4 * 0.1 / (0.39 * 0.9),
    "progenitors.b_branch": 0.0,
    "progenitors.cd34_loss": 0.54,
    "progenitors.cd34_loss_gain": 0.0,
    "notch.clinical_activity": 0.9,
}


@pytest.mark.parametrize(
    ("notch", "fold", "purity"), [(0.9, 14.7, 0.797), (0.5, 16.5, 0.39), (0.2, 17.8, 0.15), (0.0, 18.6, 0.0)]
)
def test_fold_and_purity_are_those_derived_for_each_notch_activity(notch, fold, purity):
    program = culture_program(MOBILISED)
    # With Hill power 1 the coating that gives activity N is K N/(1 - N), and K is 5/9 ug/mL at N = 0.9 on 5 ug/mL.
    protocol = CultureProtocol(tnf=0.0, dl4=5 / 9 * notch / (1 - notch))
    table = fill(program, 1, protocol.covariates(), nominal(lot_models(MOBILISED), 1), RATES)
    last = program.solve(table, [7.0]).outputs[0, -1]
    found = {q.name: x for q, x in zip(program.outputs, last, strict=True)}
    assert found["notch"] == pytest.approx(notch, abs=1e-6)
    assert found["fold"] == pytest.approx(fold, rel=0.02)
    assert found["cd7_percent"] / 100 == pytest.approx(purity, abs=0.01)
    if notch == 0.9:
        assert found["cd34neg_cd7_share"] == pytest.approx(0.85, abs=0.01)


def test_one_percent_of_the_seeded_cells_is_still_quiescent_on_day_3():
    program = culture_program(MOBILISED)
    table = fill(program, 1, CultureProtocol(tnf=0.0).covariates(), nominal(lot_models(MOBILISED), 1), RATES)
    final = program.solve(table, [3.0]).final[0]
    quiescent = sum(final[i] for i, q in enumerate(program.states) if ".quiescent[" in q.name)
    assert quiescent / 1e7 == pytest.approx(0.01, abs=0.005)
    assert np.isfinite(final).all()
