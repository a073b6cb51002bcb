"""Published cohorts that no fit has seen: median counts and median days, beside simulated cohorts of the same size.

    python validation/held-out-cohorts/validate.py [--seed 11] [--workers 2]

Writes result.json and picture.png beside this file. Under a minute on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from thymos.evidence.datasets.recovery import NORMAL, recovery
from thymos.evidence.datasets.reference_ranges import reference_band
from thymos.inference.scores import scores
from thymos.inference.verdict import at_least, at_most
from thymos.io.atomic import write_text
from thymos.trial.cohort import altered, cohort
from thymos.trial.run import load_study

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from transplants import CNI, adult_ages, rabbit_atg, skewed_ages, t_cells  # noqa: E402  # found only once the folder above is searched

DRAWS = 100
END = 730.0
SHOWN_ONLY = ("V014", "V015", "V005", "V006", "V007")
"""Probably the same patients as others; and figures that were at hand when the recipient's form was chosen."""
CHILDREN_CORD = {
    "conditioning.intensity": "MAC",
    "conditioning.calcineurin_inhibitor": CNI,
    # Assumed: one unit, by kg richer in T cells than two units are for an adult.
    "graft.cd3_dose": t_cells(6e6),
    # Assumed: 10 mg/kg shortly before transplant; one abstract names ATG without dose and days, the other does not.
    "conditioning.atg": rabbit_atg(-6, -3),
}
COHORTS = {
    "children-cord-atg": ("adult-cord-blood", CHILDREN_CORD | {"population.age": skewed_ages(5.6, 0.1, 18)}),
    "children-cord": ("adult-cord-blood", CHILDREN_CORD | {"population.age": skewed_ages(4, 0.1, 15)}),
    "adults-cord": ("adult-cord-blood", {
        "conditioning.intensity": "MAC", "conditioning.calcineurin_inhibitor": CNI,
        "population.age": adult_ages(48, 13, 22, 70),
    }),
    # Assumed: adults of a referral centre, no ATG, a target T-cell dose around 1e5/kg.
    "adults-depleted-sibling": ("leukaemia-tdepleted", {
        "population.age": adult_ages(36, 12, 10, 60), "graft.cd3_dose": t_cells(1e5, cv=1.0),
        "conditioning.atg": None, "conditioning.calcineurin_inhibitor": CNI,
    }),
}  # fmt: skip


def simulated(name, n, seed, workers):
    template, changes = COHORTS[name]
    days = np.concatenate([np.arange(2.0, 120.0, 2.0), np.arange(120.0, END + 1, 5.0)])
    return cohort(altered(load_study(template), changes), DRAWS, n, seed, days, workers)


def statistic(row, made):
    """The published statistic in each simulated cohort (draw,)."""
    course = made.outputs[row.lineage]
    if row.kind == "count":
        return np.nanmedian(course[:, :, int(np.argmin(np.abs(made.days - row.day)))], axis=1)
    limit = row.threshold if row.threshold != NORMAL else lowest(row.lineage, made)
    above = course > limit
    first = np.where(above.any(axis=-1), made.days[np.argmax(above, axis=-1)], END)
    return np.median(first, axis=1)


def lowest(lineage, made):
    """5th percentile of health at each patient's age on each day (draw, patient, day)."""
    band = reference_band("NK" if lineage == "nk" else lineage.upper())
    return band.percentile(5.0, made.covariate("age")[:, :, None] + made.days / 365.25)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rows, made, failed = recovery("count", "time"), {}, 0
    for name, n in dict.fromkeys((r.cohort, next(x.n for x in rows if x.cohort == r.cohort)) for r in rows):
        made[name] = simulated(name, n, options.seed, options.workers)
        failed += made[name].failed
    found = {row.id: statistic(row, made[row.cohort]) for row in rows}
    total = scored([row for row in rows if row.id not in SHOWN_ONLY], found)
    verdicts = [
        at_most("geometric mean fold error", total.fold_error, 2.0),
        at_least("share within two-fold", total.within_two_fold, 0.70),
        at_least("80 % intervals hold", total.inside80, 0.60),
        at_least("95 % intervals hold", total.inside95, 0.85),
    ]
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "scores": vars(total),
        "scores with politikos2020": vars(
            scored([row for row in rows if row.id not in SHOWN_ONLY[:2]], found)
        ),
        "failed patients": failed,
        "figures": [line(row, found[row.id]) for row in rows],
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(rows, found, HERE / "picture.png")
    print(json.dumps(result, indent=1))


def scored(rows, found):
    draws = np.log(np.column_stack([found[row.id] for row in rows]))
    return scores(draws, np.log([row.value for row in rows]))


def line(row, draws):
    low95, low80, middle, high80, high95 = np.quantile(draws, [0.025, 0.1, 0.5, 0.9, 0.975])
    return {
        "id": row.id, "cohort": row.cohort, "n": row.n, "what": label(row), "source": row.source,
        "published": row.value, "predicted": float(middle), "interval80": [float(low80), float(high80)],
        "interval95": [float(low95), float(high95)], "judged": row.id not in SHOWN_ONLY,
    }  # fmt: skip


def label(row):
    name = row.lineage.upper() if row.lineage != "lymphocytes" else row.lineage
    if row.kind == "count":
        return f"{name} on day {row.day:g} [/uL]"
    return f"day of {name} > {'normal' if row.threshold == NORMAL else format(row.threshold, 'g')}"


def draw(rows, found, path):
    """Published against predicted, a row for each figure."""
    from thymos.report.canvas import drawing, save
    from thymos.report.palette import TREATED, TWIN

    with drawing(8.5, 5.4) as figure:
        axes = figure.subplots()
        for i, row in enumerate(rows):
            low95, low80, middle, high80, high95 = np.quantile(found[row.id], [0.025, 0.1, 0.5, 0.9, 0.975])
            axes.plot([low95, high95], [i, i], color=TREATED[0].colour, lw=1, alpha=0.6)
            axes.plot([low80, high80], [i, i], color=TREATED[0].colour, lw=4, alpha=0.6)
            axes.plot(
                middle, i, "o", color=TREATED[0].colour, label="predicted, 80 and 95 %" if i == 0 else None
            )
            axes.plot(row.value, i, TWIN.marker, color=TWIN.colour, label="published" if i == 0 else None)
        axes.set_xscale("log")
        axes.set_yticks(range(len(rows)), [f"{row.cohort}: {label(row)}" for row in rows], fontsize=8)
        axes.invert_yaxis()
        axes.set_xlabel("count [cells/uL], or day after transplant")
        axes.set_title("Cohorts that no fit has seen")
        axes.legend(frameon=False, fontsize=8)
        save(figure, path, "Published medians of held-out cohorts beside simulated ones")


if __name__ == "__main__":
    main()
