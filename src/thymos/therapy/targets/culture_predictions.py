"""What the model says where the T arm has a published number.

Lots of the two trials (4 products from mobilised blood, 2 from cord blood) are predicted pooled: the mean of
the typical donors on the log or logit scale, weighted by the number of products. Reference: `htlp_abstract`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from thymos.therapy.campaign import simulate_campaign
from thymos.therapy.culture import Floats, Lots, simulate_culture, typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS

PRODUCTS = {"mobilised-blood": 4, "cord-blood": 2}
CLINICAL = PROTOCOLS["dl4-7d"]
DOSE = 5e5  # cell/kg, the highest dose given (C003)
STRONG_DL4 = 50.0  # ug/mL, saturating, as cells that carry Delta-4 are

# Lots of the grid: cord blood, cytokines held, all but the named ones on their plateau.
HELD = {"medium.cytokine_depletion=off": 1.0}
IL3 = {"cytokines.il3_context=assay": 1.0}
GRID: dict[str, dict[str, float]] = {
    "plateau": {},
    "no il7": {"il7": 0.0},
    "il7 1.5": {"il7": 1.5},
    "no scf": {"scf": 0.0},
    "scf half": {"scf": 4.83},
    "no flt3l": {"flt3l": 0.0},
    "flt3l half": {"flt3l": 0.76},
    "il3 plateau": {"il3": 64.0} | IL3,
    "no il3": {"il3": 0.0} | IL3,
    "il3 half": {"il3": 0.233} | IL3,
}


def predictions(changes: Mapping[str, float]) -> dict[str, float]:
    """Every target of the typical donor under changed values, by full name; not those on spread."""
    return _pooled(changes) | _grid(changes) | _long(changes) | _nk(changes)


def _own(source: str, changes: Mapping[str, float]) -> dict[str, Floats | float]:
    other = {"mobilised-blood": "cord_blood.", "cord-blood": "mobilised_blood."}[source]
    return {name: x for name, x in changes.items() if not name.startswith(other)}


def pool(of: Mapping[str, float], there: Callable[[float], float], back: Callable[[float], float]) -> float:
    """Mean over sources on the scale `there`, weighted by products."""
    total = sum(PRODUCTS.values())
    return back(sum(n * there(of[source]) for source, n in PRODUCTS.items()) / total)


def logit(percent: float) -> float:
    """Log odds of a percentage."""
    return float(np.log(percent / (100 - percent)))


def percent(log_odds: float) -> float:
    """Percentage of log odds."""
    return float(100 / (1 + np.exp(-log_odds)))


def _pooled(changes: Mapping[str, float]) -> dict[str, float]:
    lots = {source: typical_lots(CLINICAL, source, _own(source, changes)) for source in PRODUCTS}

    def at_harvest(name: str) -> dict[str, float]:
        return {source: float(lot.harvest[name][0]) for source, lot in lots.items()}

    def on_log(values: dict[str, float]) -> float:
        return pool(values, np.log, np.exp)

    negative = {source: _cd34neg_cd1aneg(lot) for source, lot in lots.items()}
    carried = {source: _cd3_per_kg(lot) for source, lot in lots.items()}
    return {
        "fold": on_log(at_harvest("fold")),
        "cd7_percent": pool(at_harvest("cd7_percent"), logit, percent),
        "cd7_per_cd34": on_log(at_harvest("cd7_per_cd34")),
        "cd34neg_percent": pool(negative, logit, percent),
        "undecided_percent": on_log(at_harvest("cd34_cd7neg_percent")),
        "cd5_percent": pool(at_harvest("cd5_percent"), logit, percent),
        "g0_day3": float(lots["mobilised-blood"].readouts["g0_percent"][0, 3]),
        "cd3_per_kg": on_log(carried),
    }


def _cd34neg_cd1aneg(lot: Lots) -> float:
    """CD34-CD1a- share of CD7+ cells [percent]."""
    return float(100 * lot.harvest["cd34neg_cd7_share"][0] - lot.harvest["cd1a_percent"][0])


def _cd3_per_kg(lot: Lots) -> float:
    h = lot.harvest
    return float(DOSE * h["cd3_cells"][0] / h["cd7_cells"][0])


def _grid(changes: Mapping[str, float]) -> dict[str, float]:
    rows = [HELD | row for row in GRID.values()]
    base = CLINICAL.covariates() | dict.fromkeys(IL3, 0.0) | HELD
    varied = {name: np.array([row.get(name, base[name]) for row in rows]) for row in rows for name in row}
    lots = typical_lots(CLINICAL, "cord-blood", _own("cord-blood", changes) | varied)
    y, neg, pos = (
        dict(zip(GRID, lots.harvest[name], strict=True))
        for name in ("cd7_per_cd34", "cd7_cd5neg_cells", "cd7_cd5pos_cells")
    )

    def way(dose: str, none: str, most: str) -> float:
        return float((y[dose] - y[none]) / (y[most] - y[none]))

    floors = {}
    for name, most in {"il7": "plateau", "scf": "plateau", "il3": "il3 plateau"}.items():
        floors[f"{name}_floor_neg"] = float(neg[f"no {name}"] / neg[most])
        floors[f"{name}_floor_pos"] = float(pos[f"no {name}"] / pos[most])
    return floors | {
        "flt3l_floor": float(y["no flt3l"] / y["plateau"]),
        "scf_half": way("scf half", "no scf", "plateau"),
        "flt3l_half": way("flt3l half", "no flt3l", "plateau"),
        "il3_half": way("il3 half", "no il3", "il3 plateau"),
        "il7_flat": float(y["il7 1.5"] / y["plateau"]),
    }


def _nk(changes: Mapping[str, float]) -> dict[str, float]:
    # The published process starts from cord blood.
    made = typical_lots(PROTOCOLS["nk-21d"], "cord-blood", _own("cord-blood", changes))
    cells, last = made.readouts["nk_cells"][0], made.harvest
    return {
        "nk_percent": float(last["nk_percent"][0]),
        "nk_cd3": float(last["cd3_percent"][0]),
        "nk_cd16": float(last["cd16_percent"][0]),
        "nk_kir": float(last["kir_percent"][0]),
        "nk_rate": float(np.log(cells[-1] / cells[-4]) / 3),
    }


def _long(changes: Mapping[str, float]) -> dict[str, float]:
    # Cord-blood cells for 21 days without TNF, given room, as on a stroma that is split and fed.
    protocol = replace(CLINICAL, days=21.0, tnf=0.0, seeding_density=1.0)
    varied = {"dl4": np.array([0.0, STRONG_DL4])}
    lots = typical_lots(protocol, "cord-blood", _own("cord-blood", changes) | varied)
    none, strong = np.log(lots.harvest["fold"])
    return {"notch_gap": float((none - strong) / protocol.days)}


def spread(parts: Iterable[Mapping[str, Floats]]) -> dict[str, float]:
    """SD between lots at harvest, parts (one for each source) taken together."""
    listed = list(parts)
    fold = np.concatenate([part["fold"] for part in listed])
    purity = np.concatenate([part["cd7_percent"] for part in listed])
    return {"fold_sd": float(np.log(fold).std()), "purity_sd": float(np.log(purity / (100 - purity)).std())}


def spread_predictions(n: int, seed: int) -> dict[str, float]:
    """SD between lots, `n` for each published product; what is not known stands still."""
    return spread(simulate_culture(CLINICAL, s, n * k, seed, draws=0).harvest for s, k in PRODUCTS.items())


def donor_predictions(donors: int, runs: int, seed: int) -> dict[str, float]:
    """Spread of the CD7+ yield of cord blood between typical donors, and between runs of one donor."""
    made = simulate_campaign(CLINICAL, "cord-blood", donors * runs, donors, seed, draws=0)
    ln = np.log(made.lots.harvest["cd7_per_cd34"]).reshape(donors, runs)
    within = ln.var(axis=1, ddof=1).mean()
    between = max(ln.mean(axis=1).var(ddof=1) - within / runs, 0.0)
    return {"yield_between": float(np.sqrt(between)), "yield_within": float(np.sqrt(within))}
