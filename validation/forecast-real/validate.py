"""Forecasts for twenty adults with growing data, beside three plain ones.

    python validation/forecast-real/validate.py [--seed 61] [--workers 2] [--likes 4000]

Writes result.json and picture.png beside this file.  Skips with status 77 where the data are not there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from thymos.inference.last_value import LastValue
from thymos.inference.mixed_spline import MixedSpline
from thymos.inference.series import Series
from thymos.inference.verdict import at_most, between
from thymos.io.atomic import write_text
from thymos.lang.streams import stream
from thymos.trial.cohort import cohort

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from early_patients import patients, transplant  # noqa: E402  # found only once the folder above is searched
from forecast_table import Gathered, classes, draw, markdown  # noqa: E402
from forecaster import forecaster  # noqa: E402

GIVEN = (4, 7, 10, 14, 18, 22)
DAYS = np.arange(0.0, 36.0)
DRAWS = 1000
LIMIT = np.log(1.0)  # ln(cell/uL), the last digit of the counts
OWN = "thymos forecast"
# The ages are not in the table; this is the middle of what is assumed.
TOLD = {
    "age": "38 year", "diagnosis": "aml", "platform": "leukaemia-tdepleted", "serotherapy": {},
    "conditioning": {"intensity": "MAC", "total_body_irradiation": True,
                     "calcineurin_inhibitor": {"from_day": "-4 day", "to_day": "35 day"}},
}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=61)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--likes", type=int, default=4000)
    options = parser.parse_args()
    seen = patients()
    series = [Series(p.day, np.log(np.maximum(p.lymphocytes, 1.0))) for p in seen]
    curve = population(seen, options)
    gathered, refused = Gathered(LIMIT), []
    for i, one in enumerate(series):
        others = series[:i] + series[i + 1 :]
        last, spline = LastValue.learnt(others, classes()), MixedSpline.fitted(others)
        given = [day for day in GIVEN if (one.day <= day).sum() >= 2 and (one.day > day).any()]
        own = forecasts(seen[i], one, given, options) if forecaster() and given else {}
        refused += [[seen[i].id, day] for day in given if forecaster() and day not in own]
        for day in given if not forecaster() else own:
            known, target = one.until(day), one.after(day)
            rng = stream(options.seed, "validation.forecast", i, day)
            made = ({OWN: own[day]} if own else {}) | {
                "population curve": curve[:, target.day.astype(int)],
                "last value": last.forecast(known, target.day, DRAWS, rng),
                "mixed-effects spline": spline.forecast(known, target.day, DRAWS, rng),
            }
            for method, draws in made.items():
                gathered.add(method, draws, target.log, target.day - known.day[-1], day)
    report(gathered, refused, options)


def population(seen, options):
    """Logarithms of counts of simulated patients of whom nothing is known (draw, day)."""
    made = cohort(transplant(seen), DRAWS, 1, options.seed, DAYS, options.workers)
    counted = made.counted("lymphocytes", stream(options.seed, "validation.population curve"))[:, 0]
    return np.log(np.maximum(counted[np.isfinite(counted).all(axis=1)], 1.0))


def forecasts(patient, series, given, options):
    """Draws of `thymos forecast` by day; engraftment is told on the days on which it has been seen."""
    found = {}
    before = [day for day in given if not patient.engraftment <= day]
    for days, engrafted in ((before, None), ([d for d in given if d not in before], patient.engraftment)):
        graft = {"cd3_dose": "5e4 cell/kg"} | (
            {} if engrafted is None else {"engraftment_day": f"{engrafted} day"}
        )
        if days:
            found |= forecaster()(TOLD | {"graft": graft}, "lymphocytes", series, days, options)
    return found


def report(gathered, refused, options):
    own = OWN if OWN in gathered.parts else "population curve"
    crps = {method: gathered.scored(method).crps for method in gathered.parts}
    total = gathered.scored(own)
    verdicts = [
        at_most("CRPS over that of the population curve", crps[own] / crps["population curve"], 0.90),
        at_most("CRPS over that of the last value", crps[own] / crps["last value"], 1.00),
        at_most("CRPS over that of the spline", crps[own] / crps["mixed-effects spline"], 1.20),
        between("95 % intervals hold", total.inside95, 0.85, 0.99),
        between("80 % intervals hold", total.inside80, 0.65, 0.92),
    ]
    rows = gathered.table()
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "judged": own,
        "refused": len(refused),
        "table": rows,
        "draws": DRAWS,
        "likes": options.likes,
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(rows, HERE / "picture.png", "Twenty real patients")
    print(markdown(rows))
    print(json.dumps(result["verdicts"], indent=1))


if __name__ == "__main__":
    main()
