"""The right-hand side of the T arm, programmed a second time from its description, in the description's symbols."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from thymos.lang.trace import trace
from thymos.therapy.culture import SOURCES, culture_models, lot_models
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import nominal

CYTOKINES = ("SCF", "IL7", "TPO", "Flt3L", "TNF", "IL3")
CLOCK = ("open", "on1", "on2", "on3", "on4", "locked")


def described(y, p, graft):
    """Time derivatives by state name: y states, p parameters by printed name."""
    c = {i: y[f"medium.cytokine[{i}]"] for i in CYTOKINES}
    n, v = y["notch.activity"], y["medium.volume"]
    q = [y[f"progenitors.quiescent[{j}]"] for j in "123"]
    s, m, b = y["progenitors.stem"], y["progenitors.myeloid"], y["progenitors.b_cells"]
    t3, dead = y["progenitors.carried_t"], y["progenitors.dead"]
    cells = {a: np.array([y[f"progenitors.{a}[{k}]"] for k in CLOCK]) for a in ("early", "late")}
    live = sum(q) + s + m + b + t3 + cells["early"].sum() + cells["late"].sum()
    rate = {name.split(".", 1)[-1]: x for name, x in p.items() if "=" not in name}

    # Notch: Hill function of the effective coating, K_N from the activity on the clinical coating.
    n_c, h, a_v = rate["clinical_activity"], rate["steepness"], rate["integrin_gain"]
    k_n = (1 + a_v) * rate["clinical_coating"] * ((1 - n_c) / n_c) ** (1 / h)
    z = ((1 + a_v * p["integrin_ligand"]) * p["dl4"] / k_n) ** h
    goal = z / (1 + z) * y["notch.offered"]
    k = rate["fall"] + (rate["rise"] - rate["fall"]) / (1 + np.exp((n - goal) / rate["turn"]))
    n_b = n / (n + (1 - n) * rate["b_block"] ** -h)
    worn = 1 / (1 + np.exp((rate["cost_exposure"] - y["notch.exposure"]) / rate["cost_width"]))
    cost = rate["cost"] * n * worn

    # Cytokines: missing ones add in rate.
    tau = c["TNF"] / (c["TNF"] + rate["tnf_half"])

    def lack(i):
        key = i.lower()
        return rate[f"{key}_lack"] * (1 - c[i] / (c[i] + rate[f"{key}_half"]))

    hunger_s = lack("SCF") + lack("TPO") + lack("Flt3L")
    hunger_t = lack("SCF") + lack("IL7") + lack("Flt3L")

    # Growth: net growth plus the death that TNF leaves is the division rate.
    d, g, growth = rate["death"], rate["protection"], rate["growth"]
    room = ((1 - live / v / rate["capacity"]) + np.hypot(1 - live / v / rate["capacity"], 1e-3)) / 2
    r = {
        "s": growth + d / (1 + g),
        "early": growth + d / (1 + g),
        "late": growth * rate["late_growth"] + d / (1 + g),
    }
    hunger = {"s": hunger_s, "early": hunger_t, "late": hunger_t}
    divide = {x: r[x] ** 2 / (r[x] + hunger[x]) * room for x in r}
    die = {x: d / (1 + g * tau) + hunger[x] ** 2 / (r[x] + hunger[x]) + cost for x in r}

    # Fates of cycling CD34+CD7- cells, and the clock.
    a1, a2 = rate["tnf_need"], rate["cd34_loss_gain"]
    f_t = rate["specification"] * n * (1 + a1 * tau) / (1 + a1)
    f_m = rate["myeloid_odds"] * rate["specification"] * n_c / (1 - n_c) * (1 - n)
    f_b = rate["b_branch"] * (1 - n) * (1 - n_b)
    lose = rate["cd34_loss"] * (1 + a2 * tau) / (1 + a2)
    leave = 3 / rate["quiescence_time"]
    change = {
        "notch.offered": 0.0,
        "notch.activity": k * (goal - n),
        "notch.exposure": n,
        "medium.volume": 0.0,
    }
    change["commitment.generations"] = divide["early"] / np.log(2)
    for i in CYTOKINES:
        change[f"medium.cytokine[{i}]"] = -rate["uptake"] * live / v * c[i] / (c[i] + rate["uptake_half"])
    for j, x in enumerate(q):
        change[f"progenitors.quiescent[{j + 1}]"] = leave * ((q[j - 1] if j else 0.0) - x)
    change["progenitors.stem"] = leave * q[2] + (divide["s"] - die["s"] - f_t - f_m - f_b) * s
    gain = {"early": f_t * s, "late": 0.0}
    for a, x in cells.items():
        step = 4 * divide[a] / np.log(2) / rate["lock_generations"]
        out = np.array([2 * rate["opening"] * n, step, step, step, step, 0.0]) * x
        flow = (divide[a] - die[a]) * x - out + np.concatenate([[gain[a]], out[:-1]])
        flow += lose * cells["early"] * (1 if a == "late" else -1)
        change |= {f"progenitors.{a}[{name}]": flow[i] for i, name in enumerate(CLOCK)}
    r_m, r_b = growth * rate["myeloid_growth"] + d, growth + d
    change["progenitors.myeloid"] = f_m * s + (r_m * room - d) * m
    change["progenitors.b_cells"] = f_b * s + (r_b * room - d) * b
    change["progenitors.carried_t"] = (rate["cd3_division"] - rate["cd3_death"]) * t3
    lost = die["s"] * s + sum(die[a] * cells[a].sum() for a in cells) + d * (m + b) + rate["cd3_death"] * t3
    change["progenitors.dead"] = lost - rate["clearance"] * dead
    return change


@pytest.fixture(scope="module", params=sorted(SOURCES))
def both(request):
    import sympy

    system = trace(culture_models(request.param), request.param)
    symbols = [q.symbol for q in system.states], [q.symbol for q in system.parameters]
    return request.param, system, sympy.lambdify(symbols, list(system.rhs), cse=True)


@settings(max_examples=30)
@given(seed=integers(0, 10**6))
def test_both_programmings_agree_anywhere(both, seed):
    source, system, rhs = both
    rng = np.random.default_rng(seed)
    p = {name: float(x[0]) for name, x in nominal(lot_models(source), 1).items()}
    p |= {name: x for name, x in CultureProtocol().covariates().items() if np.isfinite(x)}
    p = {name: x * rng.uniform(0.8, 1.1) for name, x in p.items()}
    y = {q.name: float(np.exp(rng.uniform(0, 12))) for q in system.states}
    y |= {"notch.offered": 1.0, "notch.activity": rng.random(), "notch.exposure": 20 * rng.random()}
    y |= {f"medium.cytokine[{i}]": float(np.exp(rng.uniform(-6, 6))) for i in CYTOKINES}
    y["medium.volume"] = rng.uniform(1, 500)
    expected = described(y, p, source)
    columns = [p.get(q.name, 0.0) for q in system.parameters]
    found = rhs([y[q.name] for q in system.states], columns)
    for info, value in zip(system.states, found, strict=True):
        scale = 1e-9 * (abs(y[info.name]) + abs(expected[info.name]) + 1)
        assert value == pytest.approx(expected[info.name], rel=1e-7, abs=scale), info.name
