"""A stored run that looks like a real one and comes from no model: enough to test reports and commands."""

import math
from pathlib import Path

import numpy as np
import pytest

from thymos.io.columns import CURVES, INCIDENCE, Column
from thymos.io.manifest import Identity
from thymos.io.run_folder import RunFolder
from thymos.io.run_store import RunWriter
from thymos.io.study_file import read_study, study_hash, study_text
from thymos.io.summary_schema import EVENTS, LINEAGES, Summary

STUDIES = Path(__file__).parents[2] / "src" / "thymos" / "trial" / "studies"
DAYS = np.unique(np.concatenate([np.arange(0, 120, 5), np.arange(120, 740, 20)])).astype(float)
LEVEL = {"cd3": 2100.0, "cd4": 1300.0, "cd8": 650.0, "cd19": 700.0, "nk": 260.0, "trec": 55.0}
HALF = {"cd3": 150, "cd4": 140, "cd8": 170, "cd19": 160, "nk": 22, "trec": 190}
RATE = {
    "agvhd_2_4": (0.22, 45),
    "agvhd_3_4": (0.07, 45),
    "relapse": (0.0, 200),
    "serious_infection": (0.36, 90),
    "nrm": (0.13, 150),
    "overall_survival": (0.13, 150),
}
BENEFIT = {"twin": 0.0, "protcell": 1.0}
LOTS = (
    Column("lot", "int", "", "number of the lot"),
    Column("fold", "float", "1", "live cells at harvest per CD34+ cell seeded"),
    Column("cd7_percent", "float", "%", "CD7+CD3- cells among live cells"),
    Column("cd7_per_cd34", "float", "1", "CD7+CD3- cells at harvest per CD34+ cell seeded"),
    Column("cd3_per_kg", "float", "cell/kg", "CD3+ cells that come with the dose"),
    Column("dose_per_kg", "float", "cell/kg", "CD7+CD3- cells given"),
)
PATIENTS = (
    Column("patient", "int", "", "number of the virtual patient, the same in both arms"),
    Column("arm", "text", "", "name of the arm"),
    Column("age", "float", "year", "age at transplant"),
    Column("status", "text", "", "ok, or why the equations could not be solved"),
)


def counts(arm: str, lineage: str, day: float) -> dict[str, float]:
    """Quantiles of a made-up log-normal population."""
    half = HALF[lineage] * (1 - 0.2 * BENEFIT[arm] * (lineage not in ("nk", "cd19")))
    middle = LEVEL[lineage] * day**3 / (day**3 + half**3) + 0.4
    z = {"q025": -1.96, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q975": 1.96}
    return {name: middle * math.exp(0.75 * score) for name, score in z.items()}


def incidence(arm: str, event: str, day: float, n: int) -> dict[str, float]:
    """A made-up cumulative incidence with a normal interval."""
    top, half = RATE[event]
    p = top * (1 - 0.25 * BENEFIT[arm]) * (1 - 0.5 ** (day / half))
    p = 1 - p if event == "overall_survival" else p
    half_width = 1.96 * math.sqrt(p * (1 - p) / n)
    return {"p": p, "low": max(0, p - half_width), "high": min(1, p + half_width)}


def quantity(median: float, low: float, high: float, unit: str) -> dict[str, object]:
    return {"median": median, "low": low, "high": high, "unit": unit}


def proportion(p: float, n: int) -> dict[str, object]:
    half_width = 1.96 * math.sqrt(p * (1 - p) / n)
    return {"p": p, "low": max(0, p - half_width), "high": min(1, p + half_width), "n": n}


def arm_summary(name: str, title: str, dose: float, n: int) -> dict[str, object]:
    benefit = BENEFIT[name]
    return {
        "name": name,
        "title": title,
        "dose": quantity(dose, dose, dose, "cell/kg"),
        "cd4_ir_day100": proportion(0.55 + 0.12 * benefit, n),
        "day_cd4_200": {
            **quantity(118 - 16 * benefit, 61, 262, "day"),
            "reached": proportion(0.93, n),
        },
        "counts": {
            lineage: {
                str(day): quantity(
                    *(counts(name, lineage, day)[q] for q in ("q50", "q025", "q975")), "cell/uL"
                )
                for day in (30, 60, 100, 180, 365, 730)
            }
            for lineage in LINEAGES[:5]
        },
        "trec_month6": quantity(*(counts(name, "trec", 183)[q] for q in ("q50", "q025", "q975")), "copy/uL"),
        "outcomes": {
            event: {str(day): {**incidence(name, event, day, n), "n": n} for day in (100, 365, 730)}
            for event in EVENTS
        },
    }


ASSUMED = [
    (
        "homing_fraction",
        "share of infused progenitors that home to an empty thymus",
        1e-4,
        1e-2,
        "1",
        0.02,
        0.24,
        "assumed",
    ),
    ("amplification", "exported T cells per seeding event", 3e4, 3e5, "1", 0.05, 0.19, "borrowed"),
    (
        "niche_number",
        "do niches follow thymic output or stay fixed?",
        "proportional",
        "fixed",
        "",
        0.12,
        0.17,
        "assumed",
    ),
    ("lag", "delay of the graft's own thymus-seeding progenitors", 30.0, 90.0, "day", 0.08, 0.16, "assumed"),
    ("k_atg", "how fast active ATG kills infused progenitors", 0.1, 2.0, "1/day", 0.15, 0.085, "assumed"),
    ("blood_share", "share of T cells that are in blood", 0.01, 0.03, "1", 0.10, 0.13, "measured"),
    ("r_min", "homing left after irradiation", 0.05, 0.5, "1", 0.118, 0.121, "borrowed"),
]


def summary(n: int) -> dict[str, object]:
    arms = [
        arm_summary("twin", "transplant alone", 0.0, n),
        arm_summary("protcell", "transplant and ProTcell", 5e5, n),
    ]
    differences = {
        "cd4_ir_day100": (0.12, 0.04, 0.21, "1"),
        "day_cd4_200": (-16.0, -31.0, -3.0, "day"),
        "cd4_day100": (95.0, 12.0, 310.0, "cell/uL"),
        "cd4_day180": (140.0, -5.0, 420.0, "cell/uL"),
        "trec_month6": (6.1, -0.4, 19.0, "copy/uL"),
        "agvhd_2_4_day100": (-0.041, -0.09, 0.012, "1"),
        "serious_infection_day365": (-0.083, -0.15, -0.02, "1"),
        "nrm_day365": (-0.027, -0.06, 0.004, "1"),
        "overall_survival_day730": (0.032, -0.006, 0.07, "1"),
    }
    bands = {
        "cd3": (2500, 3600, 5500), "cd4": (1020, 2070, 3600), "cd8": (500, 1000, 2000),
        "cd19": (500, 1100, 2200), "nk": (100, 300, 900),
    }  # fmt: skip
    return {
        "study": "scid-haplo",
        "title": "ProTcell after T-depleted haploidentical transplant in severe combined immunodeficiency",
        "version": "0.1.0",
        "seed": 7,
        "patients": n,
        "draws": 100,
        "lot": {
            "fold": quantity(14.4, 9.1, 19.7, "1"),
            "cd7_percent": quantity(79.2, 51.0, 95.3, "%"),
            "cd7_per_cd34": quantity(11.4, 5.2, 17.9, "1"),
            "cd3_per_kg": quantity(38.0, 4.0, 290.0, "cell/kg"),
            "dose_per_kg": quantity(5e5, 5e5, 5e5, "cell/kg"),
        },
        "arms": arms,
        "compared": {"arm": "protcell", "against": "twin"},
        "difference": {k: quantity(*v) for k, v in differences.items()},
        "registered_size": {
            "n": 12,
            "design": "single-arm",
            "endpoint": "cd4_ir_day100",
            "reference_rate": 0.547,
            "critical_value": 10,
            "alpha": 0.05,
            "reference": "vanroessel2020",
            "power": proportion(0.27, 2000),
            "untreated": proportion(0.12, 2000),
            "type_one_error": 0.042,
            "replicates": 2000,
        },
        "failed": {"n": 1, "of": 2 * n, "by_status": {"step_too_small": 1}},
        "assumptions": [
            {
                "name": name, "text": text, "kind": "parameter" if unit else "switch",
                "from": low, "to": high,
                "unit": unit, "endpoint": "cd4_ir_day100", "effect_unit": "1",
                "effect_low": a, "effect_high": b,
                "direction": "raises" if b > a else "lowers", "grade": grade, "source": "assumed",
            }
            for name, text, low, high, unit, a, b, grade in ASSUMED
        ],
        "sources": [
            {"key": "denny1992", "text": "Denny (1992) JAMA 267: lymphocytes of healthy children."},
            {"key": "vanroessel2020", "text": "van Roessel (2020) Cytotherapy 22:503."},
            {"key": "nct03879876", "text": "ClinicalTrials.gov record NCT03879876."},
        ],
        "assumed": [
            {"name": "thymus.homing_fraction", "value": 1e-3, "unit": "1", "where": "no human datum"},
            {"name": "thymus.niche_number", "value": "proportional", "unit": "", "where": ""},
        ],
        "reference_band": {
            "source": "Denny 1992 (JAMA), healthy children 12 to 23 months, 5th to 95th percentile",
            "lineages": {
                name: [{"day": d, "low": low, "median": mid, "high": high} for d in (0.0, 365.0, 730.0)]
                for name, (low, mid, high) in bands.items()
            },
        },
        "seconds": 4.2,
    }  # fmt: skip


def curve_rows() -> dict[str, list[object]]:
    rows = [
        {"arm": arm, "lineage": lineage, "day": day, **counts(arm, lineage, day)}
        for arm in BENEFIT
        for lineage in LINEAGES
        for day in DAYS
    ]
    return {c.name: [row[c.name] for row in rows] for c in CURVES}


def incidence_rows(n: int) -> dict[str, list[object]]:
    rows = [
        {"arm": arm, "event": event, "day": day, **incidence(arm, event, day, n)}
        for arm in BENEFIT
        for event in EVENTS
        for day in DAYS
    ]
    return {c.name: [row[c.name] for row in rows] for c in INCIDENCE}


def lot_rows(n: int) -> dict[str, object]:
    rng = np.random.default_rng(1)
    fold, cd7 = 14.4 * np.exp(0.2 * rng.normal(size=n)), 100 / (1 + np.exp(-1.35 - 0.75 * rng.normal(size=n)))
    return {
        "lot": np.arange(n),
        "fold": fold,
        "cd7_percent": cd7,
        "cd7_per_cd34": fold * cd7 / 100,
        "cd3_per_kg": 38 * np.exp(1.1 * rng.normal(size=n)),
        "dose_per_kg": np.full(n, 5e5),
    }


def write_fake_run(path: Path, n: int = 1000) -> RunFolder:
    """A complete run of made-up numbers at `path`, through the real store."""
    study = read_study(STUDIES / "scid-haplo.yaml")
    identity = Identity(study_hash(study), "0" * 64, "1" * 64, "0.1.0", 7, n, 100, 2)
    tables = {"lots": LOTS, "patients": PATIENTS, "curves": CURVES, "incidence": INCIDENCE}
    checked = Summary.model_validate(summary(n)).model_dump(mode="json", by_alias=True)
    with RunWriter(path, identity, (study.name, study_text(study)), tables) as writer:
        for block in writer.missing():
            ids = np.arange(block * n // 2, (block + 1) * n // 2)
            twice = np.repeat(ids, 2)
            arms, ages = ["twin", "protcell"] * len(ids), 0.1 + (twice % 20) / 12
            patients = {"patient": twice, "arm": arms, "age": ages, "status": ["ok"] * len(twice)}
            writer.write_block(block, {"patients": patients, "lots": lot_rows(n // 2)})
        writer.gather()
        return writer.complete(checked, {"curves": curve_rows(), "incidence": incidence_rows(n)})


@pytest.fixture(scope="session")
def fake_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return write_fake_run(tmp_path_factory.mktemp("runs") / "scid-haplo")
