"""The right-hand side of the culture, programmed a second time from its description, in the description's symbols."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from thymos.lang.trace import trace
from thymos.therapy.culture import SOURCES, culture_models, lot_models
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import nominal

CYTOKINES = ("SCF", "IL7", "TPO", "Flt3L", "TNF", "IL3", "IL15")
CLOCK = ("open", "on1", "on2", "on3", "on4", "locked")


MARKS = [(age, cd5) for age in ("early", "late") for cd5 in ("neg", "pos")]
NK = ("progenitor", "immature", "cd16", "kir")


def smooth(x):
    """max(0, x) with the model's rounded corner."""
    return (x + np.hypot(x, 1e-3)) / 2


def described(y, p, graft):
    """Time derivatives by state name: y states, p parameters by printed name."""
    c = {i: y[f"medium.cytokine[{i}]"] for i in CYTOKINES}
    n, v = y["notch.activity"], y["medium.volume"]
    q = [y[f"progenitors.quiescent[{j}]"] for j in "123"]
    s, m, b = y["progenitors.stem"], y["progenitors.myeloid"], y["progenitors.b_cells"]
    t3, dead, cd1a = y["progenitors.carried_t"], y["progenitors.dead"], y["progenitors.cd1a"]
    cells = {(a, d): np.array([y[f"progenitors.{a}[{d},{k}]"] for k in CLOCK]) for a, d in MARKS}
    nk = np.array([y[f"progenitors.nk[{k}]"] for k in NK])
    live = sum(q) + s + m + b + t3 + cd1a + sum(x.sum() for x in cells.values()) + nk.sum()
    rate = {name.split(".", 1)[-1]: x for name, x in p.items() if "=" not in name}
    of = {name: x for name, x in p.items()}

    # Notch: Hill function of the effective coating, K_N from the activity on the clinical coating.
    n_c, h, a_v = rate["clinical_activity"], rate["steepness"], rate["integrin_gain"]
    k_n = (1 + a_v) * rate["clinical_coating"] * ((1 - n_c) / n_c) ** (1 / h)
    z = ((1 + a_v * p["integrin_ligand"]) * p["ligand_access"] * p["dl4"] / k_n) ** h
    goal = z / (1 + z) * y["notch.offered"]
    k = rate["fall"] + (rate["rise"] - rate["fall"]) / (1 + np.exp((n - goal) / rate["turn"]))
    n_b = n / (n + (1 - n) * rate["b_block"] ** -h)
    worn = 1 / (1 + np.exp((rate["cost_exposure"] - y["notch.exposure"]) / rate["cost_width"]))
    cost = rate["cost"] * n * worn

    # Cytokines: missing ones add in rate; TNF acts through two receptors.
    tau1, tau2 = (c["TNF"] / (c["TNF"] + rate[f"tnfr{k}_half"]) for k in (1, 2))
    h15 = c["IL15"] / (c["IL15"] + rate["il15_half"])

    def lack(i, suffix=""):
        key = i.lower()
        return rate[f"{key}_lack{suffix}"] * (1 - c[i] / (c[i] + rate[f"{key}_half"]))

    hunger = {
        "s": lack("SCF") + lack("TPO") + lack("Flt3L"),
        "neg": lack("SCF") + lack("IL7") + lack("Flt3L"),
        "pos": lack("SCF", "_cd5") + lack("IL7", "_cd5") + lack("Flt3L"),
    }

    # Growth: net growth plus the death that TNF leaves is the division rate.
    d, g, growth = of["progenitors.death"], rate["protection"], rate["growth"]
    room = smooth(1 - live / v / rate["capacity"])
    net = {"s": growth, "early": growth, "late": growth * rate["late_growth"]}
    divide, die = {}, {}
    for kind in ("s", *MARKS):
        r = net[kind if kind == "s" else kind[0]] + d / (1 + g)
        lost = hunger[kind if kind == "s" else kind[1]]
        divide[kind] = r**2 / (r + lost) * room
        die[kind] = d / (1 + g * tau2) + lost**2 / (r + lost) + cost
    kept = n * (1 + rate["locked_need"]) / (n + rate["locked_need"])
    starved = rate["locked_starvation"] * (1 - kept)

    # Fates of cycling CD34+CD7- cells, and the clock.
    a1, a2 = rate["tnf_need"], rate["cd34_loss_gain"]
    f_t = rate["specification"] * n * (1 + a1 * tau2) / (1 + a1)
    f_m = rate["myeloid_odds"] * rate["specification"] * n_c / (1 - n_c) * (1 - n)
    f_b = rate["b_branch"] * (1 - n) * (1 - n_b)
    pace = (1 + a2 * tau1) / (1 + a2)
    lose, gain5 = rate["cd34_loss"] * pace, rate["cd5_gain"] * pace
    leave = 3 / rate["quiescence_time"]
    to_nk = of["natural_killers.commitment"] * (1 - n) * h15
    change = {
        "notch.offered": 0.0,
        "notch.activity": k * (goal - n),
        "notch.exposure": n,
        "natural_killers.notch_under_il15": n * h15,
        "medium.second_stage": 0.0,
    }
    change["commitment.generations"] = divide["early", "neg"] / np.log(2)
    added = rate["dilution"] * (smooth(live / v * p["held_volume"] - 1) - smooth(-1))
    change["medium.volume"] = added * v
    stage = y["medium.second_stage"]
    for i in CYTOKINES:
        key = i.lower()
        fresh = (1 - stage) * p[key] + stage * p[f"nk_{key}"]
        used = rate["uptake"] * live / v * c[i] / (c[i] + rate["uptake_half"])
        change[f"medium.cytokine[{i}]"] = added * (fresh - c[i]) - used
    for j, x in enumerate(q):
        change[f"progenitors.quiescent[{j + 1}]"] = leave * ((q[j - 1] if j else 0.0) - x)
    change["progenitors.stem"] = leave * q[2] + (divide["s"] - die["s"] - f_t - f_m - f_b) * s
    dying = die["s"] * s + d * (m + b) + of["progenitors.cd3_death"] * t3
    born_nk = 0.0
    for (a, mark), x in cells.items():
        step = 4 * divide[a, mark] / np.log(2) / rate["lock_generations"]
        out = np.array([2 * rate["opening"] * n, step, step, step, step, 0.0]) * x
        split = np.array([divide[a, mark]] * 5 + [divide[a, mark] * kept])
        loss = np.array([die[a, mark]] * 5 + [die[a, mark] + starved])
        flow = (split - loss) * x - out + np.concatenate([[0.0], out[:-1]])
        if (a, mark) == ("early", "neg"):
            flow[0] += f_t * s
        flow += lose * cells["early", mark] * (1 if a == "late" else -1)
        flow += gain5 * cells[a, "neg"] * (1 if mark == "pos" else -1)
        flow[:5] -= to_nk * x[:5]
        born_nk += to_nk * x[:5].sum()
        if (a, mark) == ("late", "pos"):
            flow[5] -= rate["cd1a_gain"] * x[5]
            ripe = rate["cd1a_gain"] * x[5]
        dying += (loss * x).sum()
        change |= {f"progenitors.{a}[{mark},{name}]": flow[i] for i, name in enumerate(CLOCK)}
    late = ("late", "pos")
    change["progenitors.cd1a"] = ripe + (divide[late] * kept - die[late] - starved) * cd1a
    dying += (die[late] + starved) * cd1a
    r_k, d_k = of["natural_killers.division"] * h15 * room, of["natural_killers.death"]
    mature = rate["maturation"] * (1 + rate["notch_gain"] * n)
    on = np.array([rate["cd56_gain"], mature, mature, 0.0]) * nk
    grown = (r_k - d_k) * nk - on + np.concatenate([[born_nk], on[:-1]])
    change |= {f"progenitors.nk[{name}]": grown[i] for i, name in enumerate(NK)}
    dying += d_k * nk.sum()
    either = (c["SCF"] + c["Flt3L"]) / (rate["scf_half"] + c["SCF"] + c["Flt3L"])
    fed = 1 - rate["bystander_need"] * (1 - either)
    r_m, r_b = growth * rate["myeloid_growth"] + d, growth + d
    change["progenitors.myeloid"] = f_m * s + (r_m * fed * room - d) * m
    change["progenitors.b_cells"] = f_b * s + (r_b * fed * room - d) * b
    change["progenitors.carried_t"] = (rate["cd3_division"] - rate["cd3_death"]) * t3
    change["progenitors.dead"] = dying - rate["clearance"] * dead
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
    y |= {"medium.volume": rng.uniform(1, 500), "medium.second_stage": rng.random()}
    p["held_volume"] = 1e-6 * rng.random()
    expected = described(y, p, source)
    columns = [p.get(q.name, 0.0) for q in system.parameters]
    found = rhs([y[q.name] for q in system.states], columns)
    for info, value in zip(system.states, found, strict=True):
        scale = 1e-9 * (abs(y[info.name]) + abs(expected[info.name]) + 1)
        assert value == pytest.approx(expected[info.name], rel=1e-7, abs=scale), info.name
