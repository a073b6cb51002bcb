"""Forecasts of simulated patients: ranks, coverage, and what more counts do to the width.

    python validation/forecast-calibration/validate.py [--seed 97] [--workers 2] [--patients 500] [--crowd 100000]

Writes result.json and picture.png beside this file.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import chisquare

from thymos.cli.forecaster import Forecaster
from thymos.inference.forecast import band, surprise
from thymos.io.atomic import write_text
from thymos.io.patient_counts import Count, PatientCounts
from thymos.io.patient_file import parse_patient
from thymos.lang.streams import stream
from thymos.report.canvas import drawing, panels, save
from thymos.trial.likes import COUNTED, Alike
from thymos.trial.prospects import measured
from thymos.trial.shown import Counted, Shown

HERE = Path(__file__).parent
SETTINGS = {
    "infant, SCID": "age: 0.5 year\ndiagnosis: il2rg-jak3",
    "adult, AML": "age: 30 year\ndiagnosis: aml",
}
DESIGN = ((30, "cd4"), (60, "cd4"), (60, "cd19"), (60, "nk"), (90, "cd4"), (90, "trec"))
HORIZONS = np.array([120.0, 180.0, 365.0])
OTHERS = ("cd3", "cd8", "cd4_naive", "cd19", "nk", "trec")
NUMBERS = ("marrow.lag", "thymic_capacity.output_slow", "periphery.memory_cd4_drive")
RANKED = ("CD4 course, day 180", "CD4 course, day 365", "NK course, day 180", *NUMBERS)
DRAWS, BINS = 99, 20


@dataclass(frozen=True)
class Shared(Shown):
    """Shows the first crowd, simulated once, to every patient of a setting."""

    first: tuple = ()

    def whole(self, places):
        return self.first if places.z is FIRST["z"] else super().whole(places)


FIRST = {"z": None}


@dataclass(frozen=True)
class Standing:
    """Places alone."""

    z: np.ndarray


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=97)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--patients", type=int, default=500)
    parser.add_argument("--crowd", type=int, default=100_000)
    options = parser.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(min(options.workers, len(SETTINGS))) as pool:
        rows = [row for found in pool.map(one_setting, SETTINGS, [options] * len(SETTINGS)) for row in found]
    report(rows, options, time.monotonic() - began)


def one_setting(name, options):
    """What came out for each simulated patient of a setting, on one processor."""
    patient = parse_patient(SETTINGS[name], name)
    return [row | {"setting": name} for row in judged_patients(patient, options)]


def judged_patients(patient, options):
    alike, seed = Alike(patient, seen_until=90.0), options.seed
    grid = np.unique([*(day for day, _ in DESIGN), *HORIZONS])
    true = alike.places(options.patients, seed + 1)
    course, made = alike.outputs(true, grid), alike.numbers(true)
    counted = seen(course, grid, seed)
    start = alike.places(options.crowd, seed)
    FIRST["z"] = start
    plain = Shown(alike, Counted.of(counts_of(counted, 0, grid)), grid)
    first = plain.whole(Standing(start))
    for i in range(options.patients):
        counts = counts_of(counted, i, grid)
        mine = Shared(alike, Counted.of(counts), grid, 1, first)
        by = Forecaster(mine, mine.counted, counts, start, seed + 10 + i)
        truth = {name: x[i] for name, x in course.items()}, {name: made[name][i] for name in NUMBERS}
        if i % 50 == 0:
            print(f"{patient.diagnosis}: {i} of {options.patients}", flush=True)
        yield judged(by, truth, {n: x[i] for n, x in counted[0].items()})


def seen(course, grid, seed):
    """Counts as reported, and whether below the limit: by name (patient, day)."""
    names = list(COUNTED)
    n = len(course["cd4"])
    lineage, day = [x for _ in grid for x in names], np.repeat(grid, len(names))
    root = np.linalg.cholesky(
        Counted.of(PatientCounts((Count(1.0, "cd4", 1.0),))).fluctuation.covariance(
            lineage, day, lineage, day
        )
        + 1e-12 * np.eye(len(day))
    )
    normal = stream(seed, "calibration.departures").standard_normal((n, len(day)))
    departure = (normal @ root.T).reshape(n, len(grid), len(names))
    found = measured(grid, course, {x: departure[:, :, k] for k, x in enumerate(names)}, seed + 2)
    return found.reported, found.below


def counts_of(counted, i, grid):
    """The counts that are given of one patient."""
    reported, below = counted
    at = {float(day): k for k, day in enumerate(grid)}
    return PatientCounts(
        tuple(
            Count(float(day), name, float(reported[name][i, at[day]]), bool(below[name][i, at[day]]))
            for day, name in DESIGN
        )
    )


def judged(by, truth, reported):
    """Ranks, hits, widths and surprise of one forecast."""
    course, made = truth
    stages = by.stages()
    grid = by.shown.grid
    drawn = by.draws(stages[-1], len(stages))
    ahead = by.ahead(drawn, drawn.course, tuple(COUNTED), by.today)
    numbers = by.shown.alike.numbers(drawn.places.z)
    at = {day: int(np.searchsorted(grid, day)) for day in (180.0, 365.0)}
    name = list(COUNTED)
    asked = [
        (drawn.course[:, name.index("cd4"), at[180.0]], course["cd4"][at[180.0]]),
        (drawn.course[:, name.index("cd4"), at[365.0]], course["cd4"][at[365.0]]),
        (drawn.course[:, name.index("nk"), at[180.0]], course["nk"][at[180.0]]),
        *((numbers[x], made[x]) for x in NUMBERS),
    ]
    thin = np.linspace(0, len(drawn.places.z) - 1, DRAWS).astype(int)
    hits = {
        x: inside(band(ahead.reported[x]), reported[x][np.searchsorted(grid, HORIZONS)])
        for x in ("cd4", *OTHERS)
    }
    found = surprise(np.array([s.share for s in stages]), by.counted.below)
    return {
        "ranks": [int((draws[thin] < value).sum()) for draws, value in asked],
        "hits": hits,
        "widths": [width(by, stages, k) for k in (1, 4, 6)],
        "p": found.overall,
        "worth": stages[-1].worth,
        "moved": any(s.powers for s in stages),
    }


def inside(tails, value):
    """Whether values (day,) lie within the 80 and the 95 % interval."""
    low95, low80, _, high80, high95 = tails
    return [((low <= value) & (value <= high)).tolist() for low, high in ((low80, high80), (low95, high95))]


def width(by, stages, count):
    """Width of the 80 % interval of ln CD4 reported on day 180, after so many counts."""
    drawn = by.draws(stages[count - 1], count, 1000)
    ahead = by.ahead(drawn, drawn.course, ("cd4",), by.counted.day[count - 1])
    log = np.log(ahead.reported["cd4"][:, int(np.searchsorted(ahead.day, 180.0))])
    low, high = np.quantile(log, (0.1, 0.9))
    return float(high - low)


def report(rows, options, seconds):
    ranks = np.array([row["ranks"] for row in rows])
    p = [chisquare(np.bincount(x * BINS // (DRAWS + 1), minlength=BINS)).pvalue for x in ranks.T]
    cd4 = np.array([row["hits"]["cd4"] for row in rows]).mean(axis=0)  # (interval, horizon)
    others = np.array([[row["hits"][x] for x in OTHERS] for row in rows]).mean(axis=(0, 1, 3))
    widths = np.array([row["widths"] for row in rows]).mean(axis=0)
    outside = float(np.mean([row["p"] < 0.01 for row in rows]))
    verdicts = [verdict("ranks: smallest p of six, times six", min(1.0, 6 * min(p)), 0.01, 1.0, "above 0.01")]
    for share, hits in zip((80, 95), cd4, strict=True):
        for day, x in zip(HORIZONS, hits, strict=True):
            verdicts.append(within(f"{share} % intervals of CD4 hold on day {day:g}", x, share))
    for share, x in zip((80, 95), others, strict=True):
        verdicts.append(within(f"{share} % intervals of the other lineages hold, pooled", x, share))
    verdicts += [
        verdict("width given day 90 over that given day 30", widths[2] / widths[0], 0.0, 1.0, "below 1"),
        verdict("share called outside the model's experience", outside, 0.0, 0.025, "at most 0.025"),
    ]
    result = {
        "verdicts": verdicts,
        "simulated": True,
        "patients": len(rows),
        "crowd": options.crowd,
        "moved": int(sum(row["moved"] for row in rows)),
        "worth": np.quantile([row["worth"] for row in rows], (0.0, 0.05, 0.5, 0.95)).tolist(),
        "p_of_ranks": dict(zip(RANKED, map(float, p), strict=True)),
        "widths": dict(zip(("day 30", "day 60", "day 90"), widths.tolist(), strict=True)),
        "coverage": {
            name: {
                x: np.mean([r["hits"][x] for r in rows if r["setting"] == name], axis=(0, 2)).tolist()
                for x in ("cd4", *OTHERS)
            }
            for name in SETTINGS
        },
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(ranks, cd4)
    print(json.dumps(result, indent=1))
    print(f"{seconds:.0f} s")


def within(asked, found, share):
    slack = 0.04 if share == 80 else 0.02
    low, high = share / 100 - slack, share / 100 + slack
    return verdict(asked, found, low, high, f"{low:g} to {high:g}")


def verdict(asked, found, low, high, limit):
    return {"asked": asked, "found": float(found), "met": bool(low <= found <= high), "limit": limit}


def draw(ranks, cd4):
    """Histograms of ranks with the 99 % band of uniform ones, and coverage by horizon."""
    from scipy.stats import binom

    n = len(ranks)
    low, high = binom.ppf((0.005, 0.995), n, 1 / BINS)
    with drawing(11, 6.4) as page:
        axes = panels(page, len(RANKED) + 1, 4)
        for one, name, x in zip(axes, RANKED, ranks.T, strict=False):
            one.axhspan(low, high, color="#d5dbe1", linewidth=0)
            one.hist(x, bins=np.linspace(0, DRAWS + 1, BINS + 1), color="#0072B2")
            one.set_title(name.replace("_", " "), fontsize=8.5)
            one.set_xlabel("rank among 99 draws")
            one.set_ylabel("patients")
        for share, hits, slack, colour in ((80, cd4[0], 4, "#0072B2"), (95, cd4[1], 2, "#D55E00")):
            axes[-1].axhspan(share - slack, share + slack, color=colour, alpha=0.15, linewidth=0)
            axes[-1].plot(HORIZONS, 100 * hits, "o-", color=colour, label=f"{share} % intervals")
        axes[-1].set_title("reported CD4: share inside", fontsize=8.5)
        axes[-1].set_xlabel("day")
        axes[-1].set_ylabel("%")
        axes[-1].legend(frameon=False, loc="lower left")
        save(page, HERE / "picture.png", "Ranks and coverage of forecasts for simulated patients")


if __name__ == "__main__":
    main()
