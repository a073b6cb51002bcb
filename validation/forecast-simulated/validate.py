"""Forecasts for simulated patients, for whom the model is true by construction: calibration, and scores.

    python validation/forecast-simulated/validate.py [--seed 71] [--workers 2] [--patients 200]

Writes result.json and picture.png beside this file.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from thymos.inference.last_value import LastValue
from thymos.inference.mixed_spline import MixedSpline
from thymos.inference.scores import ranks, uniformity
from thymos.inference.series import Series
from thymos.inference.verdict import Verdict, below, between
from thymos.io.atomic import write_text
from thymos.lang.streams import stream
from thymos.trial.cohort import cohort
from thymos.trial.run import load_study

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from forecast_table import Gathered, classes, draw, markdown  # noqa: E402  # found only once the folder above is searched
from forecaster import Crowd, fluctuation  # noqa: E402

STUDIES = ("scid-haplo", "leukaemia-tdepleted", "adult-cord-blood")
GIVEN = (30, 60, 100, 180)
VISITS = np.array([14, 21, 30, 45, 60, 75, 90, 100, 120, 150, 180, 270, 365.0])
HORIZONS = ((1, 30), (31, 90), (91, 180), (181, 10_000))
DRAWS = 400
LIMIT = np.log(1.0)  # ln(cell/uL), the limit of the counting assay
OWN = "thymos forecast"
BASELINES = ("population curve", "last value", "mixed-effects spline")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=71)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--patients", type=int, default=200)
    options = parser.parse_args()
    gathered, rank, worths = Gathered(LIMIT, HORIZONS), [], {}
    for name in STUDIES:
        one_study(name, gathered, rank, worths, options)
    report(gathered, np.array(rank), worths, options)


def one_study(name, gathered, rank, worths, options):
    study = load_study(name)
    own = Crowd(study, VISITS, options.seed + 3, options.workers) if fluctuation() else None
    counted = {
        who: counts(study, options.seed + i, own, options)
        for i, who in enumerate(("patients", "others", "curve"))
    }
    last = LastValue.learnt([Series(VISITS, log) for log in counted["others"]], classes(HORIZONS))
    spline = MixedSpline.fitted([Series(slow(VISITS), log) for log in counted["others"]])
    for i, log in enumerate(counted["patients"]):
        drawn = (
            own.forecasts(log, GIVEN, DRAWS, stream(options.seed, f"validation.crowd.{name}", i))
            if own
            else {}
        )
        for day in GIVEN:
            seen, later = day >= VISITS, day < VISITS
            rng = stream(options.seed, f"validation.forecast.{name}", i, day)
            made = {
                "population curve": counted["curve"][:, later],
                "last value": last.forecast(Series(VISITS[seen], log[seen]), VISITS[later], DRAWS, rng),
                "mixed-effects spline": spline.forecast(
                    Series(slow(VISITS[seen]), log[seen]), slow(VISITS[later]), DRAWS, rng
                ),
            }
            if own:
                made = {OWN: drawn[day]} | made
            for method, draws in made.items():
                gathered.add(method, draws, log[later], VISITS[later] - day, day)
            if own and day == GIVEN[i % len(GIVEN)]:
                # One target a patient, so that ranks are independent; counts at the limit have none.
                target = rng.integers(later.sum())
                if log[later][target] > LIMIT:
                    rank.append(ranks(made[OWN][:99, [target]], log[later][[target]])[0])
    if own:
        worths[name] = [float(x) for x in np.quantile(own.worth, [0.05, 0.5])]


def slow(days):
    """Square root of the day, the clock of the spline: recovery is steep at first and flat later."""
    return np.sqrt(days)


def counts(study, seed, own, options):
    """Logarithms of CD4 as reported on the visit days (patient, visit), each patient with a draw of its own.

    Around its course a patient wanders as the forecast believes that patients do, in a version that has one.
    """
    made, rng = (
        cohort(study, options.patients, 1, seed, VISITS, options.workers),
        stream(seed, "validation.counts"),
    )
    if own is None:
        found = np.log(np.maximum(made.counted("cd4", rng)[:, 0], 1.0))
        return found[np.isfinite(found).all(axis=1)]
    true = made.outputs["cd4"][:, 0]
    return own.patients(np.log(np.maximum(true[np.isfinite(true).all(axis=1)], 1e-6)), rng)


def report(gathered, rank, worths, options):
    own = OWN if OWN in gathered.parts else "population curve"
    total = gathered.scored(own)
    crps = {method: gathered.scored(method).crps for method in gathered.parts}
    # The same target days: those after day 180.
    growing = [
        gathered.scored(own, lambda d, g, day=day: (g == day) & (g + d > GIVEN[-1])).crps
        for day in (GIVEN[-1], GIVEN[0])
    ]
    p = uniformity(rank, 99, bins=10) if len(rank) >= 50 else np.nan
    verdicts = [
        between("80 % intervals hold", total.inside80, 0.76, 0.84),
        between("95 % intervals hold", total.inside95, 0.93, 0.97),
        below("CRPS over the best of the baselines", crps[own] / min(crps[name] for name in BASELINES), 1.0),
        below("CRPS on day 180 over that on day 30, same targets", growing[0] / growing[1], 1.0),
        Verdict("ranks are uniform, p", float(p), bool(p > 0.01), "above 0.01"),
    ]
    rows = gathered.table()
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "judged": own,
        "simulated": True,
        "patients": options.patients,
        "worth, 5th percentile and median": worths,
        "ranks": np.bincount(rank // 10, minlength=10).tolist() if len(rank) else [],
        "table": rows,
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(rows, HERE / "picture.png", "Simulated patients, CD4")
    print(markdown(rows))
    print(json.dumps(result["verdicts"], indent=1))


if __name__ == "__main__":
    main()
