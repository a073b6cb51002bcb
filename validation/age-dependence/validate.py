"""Age and recovery: statements from the literature, beside simulated patients of those ages.

    python validation/age-dependence/validate.py [--seed 41] [--workers 2]

Writes result.json and picture.png beside this file, under two minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.stats import spearmanr

from thymos.biology.recipient.body import Body
from thymos.evidence.datasets.recovery import recovery
from thymos.evidence.values import values
from thymos.inference.verdict import Verdict, at_least
from thymos.io.atomic import write_text
from thymos.therapy.targets.recipient_cohorts import NOBODY
from thymos.trial.cohort import altered, cohort
from thymos.trial.run import load_study

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from transplants import CNI, ages_between, rabbit_atg, t_cells  # noqa: E402  # found only once the folder above is searched

DRAWS, PATIENTS = 60, 60
DAYS = np.concatenate([np.arange(10.0, 380, 10), np.arange(400.0, 1100, 20)])
HOLDS = 0.80
# Assumed: an unmanipulated graft of mobilised blood, and a usual unit of cord blood.
REPLETE = {
    "graft.depletion": "none", "conditioning.atg": None, "conditioning.intensity": "RIC",
    "conditioning.calcineurin_inhibitor": CNI, "graft.cd3_dose": t_cells(2.5e8, cv=0.5),
}  # fmt: skip
CORD = {
    "conditioning.intensity": "MAC", "population.age": ages_between(1, 17),
    "graft.cd3_dose": t_cells(6e6), "conditioning.atg": rabbit_atg(-6, -3),
}  # fmt: skip


def aged(years, spread=0.1):
    """Ages around one [year]."""
    return {"population.age": ages_between(years * (1 - spread), years * (1 + spread))}


# Children with SCID are transplanted without conditioning in the series of V050 and V051.
SCID = {"conditioning.intensity": "none", "graft.donor_chimerism": {"kind": "fixed", "value": 0.05}}
GROUPS = {
    "SCID, 2 weeks": ("scid-haplo", SCID | aged(0.04, 0.5)),
    "SCID, 6 months": ("scid-haplo", SCID | aged(0.5)),
    "adults of 40, unmanipulated": ("leukaemia-tdepleted", REPLETE | aged(40.0)),
    "adults of 65, unmanipulated": ("leukaemia-tdepleted", REPLETE | aged(65.0)),
    "children of 8, T-depleted": ("leukaemia-tdepleted", aged(8.0)),
    "adults of 40, T-depleted": ("leukaemia-tdepleted", aged(40.0)),
    "children, cord": ("adult-cord-blood", CORD),
}


class Groups:
    """Simulated groups; every median is (day, draw)."""

    def __init__(self, seed, workers):
        self.seed, self.workers = seed, workers
        self.made = {name: self.simulated(*setting) for name, setting in GROUPS.items()}

    def simulated(self, template, changes):
        study = altered(load_study(template), changes)
        return cohort(study, DRAWS, PATIENTS, self.seed, DAYS, self.workers)

    def median(self, name, lineage, *days):
        course = self.made[name].outputs[lineage]
        return np.stack([np.nanmedian(course[:, :, int(np.argmin(np.abs(DAYS - d)))], axis=1) for d in days])

    def more(self, high, low, lineages, days):
        return np.all(
            [self.median(high, x, *days) > self.median(low, x, *days) for x in lineages], axis=(0, 1)
        )

    # ---- the statements, (draw,)

    def v050(self):
        young, old = (
            np.nanmedian(self.made[n].outputs["trec"], axis=1) for n in ("SCID, 2 weeks", "SCID, 6 months")
        )
        day = [DAYS[np.argmax(x, axis=1)] for x in (young, old)]
        return (day[0] < 365) & (day[1] > day[0]) & (young.max(axis=1) > old.max(axis=1))

    def v051(self):
        return self.more("SCID, 2 weeks", "SCID, 6 months", ("cd3", "cd4_naive"), (365, 730, 1080))

    def v052(self):
        rise = {}
        for age in (40, 65):
            first, *later = self.median(f"adults of {age}, unmanipulated", "trec", 100, 365, 730)
            rise[age] = np.stack(later) / first
        return (rise[40] > 1).all(axis=0) & (rise[65] < 1.5).all(axis=0)

    def v053(self):
        return self.more(
            "children of 8, T-depleted", "adults of 40, T-depleted", ("cd3", "cd4", "cd8"), (180, 365)
        )

    def v054(self):
        made = self.made["children, cord"]
        cd4 = made.outputs["cd4"][:, :, int(np.argmin(np.abs(DAYS - 365)))]
        return np.array(
            [spearmanr(a, c).statistic < 0 for a, c in zip(made.covariate("age"), cd4, strict=True)]
        )


def healthy(seed, workers):
    """Median T cells of healthy people by age [cell/uL]; every draw holds people of all ages."""
    ages = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 2.0, 5.0, 10.0, 30.0])
    each = 5
    made = cohort(
        load_study("scid-haplo"), DRAWS, each * len(ages), seed, [1.0], workers,
        covariates=health(np.tile(ages, DRAWS * each)),
    )  # fmt: skip
    cd3 = made.outputs["cd3"][:, :, 0].reshape(DRAWS * each, len(ages))
    return ages, np.nanmedian(cd3, axis=0)


def health(age):
    """Covariates of people who were never transplanted."""
    body = Body()
    p = SimpleNamespace(**{d.name: values((Body,))[f"body.{d.name}"].value for d in body.parameters()})
    return NOBODY | {"healthy": 1.0, "age": age, "weight": np.asarray(body.reference_weight(p, age))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    groups = Groups(options.seed, options.workers)
    texts = {row.id: row for row in recovery("order")}
    share = {
        name: float(getattr(groups, name.lower())().mean())
        for name in ("V050", "V051", "V052", "V053", "V054")
    }
    ages, cd3 = healthy(options.seed, options.workers)
    rise, fall = float(cd3.max() / cd3[0]), float(cd3.max() / cd3[-1])
    verdicts = [
        Verdict(texts[name].text, x, x >= HOLDS, f"in at least {HOLDS:.0%} of the draws")
        for name, x in share.items()
    ]
    good = 1.2 <= rise <= 1.7 and 2 <= fall <= 4.5
    verdicts.append(Verdict(texts["V055"].text, rise, good, "rise 1.2 to 1.7, fall 2 to 4.5"))
    verdicts.append(at_least("of the six, met", sum(v.met for v in verdicts), 5))
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "healthy": {"age": ages.tolist(), "cd3": cd3.tolist(), "rise": rise, "fall": fall},
        "medians": {
            name: {x: {str(d): round(float(np.median(groups.median(name, x, d))), 2) for d in (100, 180, 365, 730)}
                   for x in ("cd3", "cd4", "cd4_naive", "trec")}
            for name in GROUPS
        },
        "failed patients": sum(made.failed for made in groups.made.values()),
    }  # fmt: skip
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(groups, ages, cd3, HERE / "picture.png")
    print(json.dumps(result, indent=1))


def draw(groups, ages, cd3, path):
    """TREC and naive CD4 by age group, and healthy T cells by age."""
    from thymos.report.canvas import drawing, save
    from thymos.report.palette import TREATED, TWIN

    lines = {
        "SCID, 2 weeks": (TWIN, "-"), "SCID, 6 months": (TWIN, "--"), "children of 8, T-depleted": (TREATED[0], "-"),
        "adults of 40, T-depleted": (TREATED[0], "--"), "adults of 40, unmanipulated": (TREATED[1], "-"),
        "adults of 65, unmanipulated": (TREATED[1], "--"),
    }  # fmt: skip
    with drawing(10, 3.8) as figure:
        trec, naive, health_ = figure.subplots(1, 3)
        for axes, lineage, unit in ((trec, "trec", "copies/uL"), (naive, "cd4_naive", "cells/uL")):
            for name, (style, line) in lines.items():
                axes.plot(
                    DAYS,
                    np.median(groups.median(name, lineage, *DAYS), axis=1),
                    line,
                    color=style.colour,
                    label=name,
                )
            axes.set(yscale="log", xlabel="day after transplant", ylabel=f"median [{unit}]")
        trec.set(title="TREC in blood", ylim=(1e-3, 1e3))
        naive.set(title="Naive CD4", ylim=(0.1, 4000))
        naive.legend(frameon=False, fontsize=7, loc="lower right")
        health_.plot(ages, cd3, "o-", color=TREATED[0].colour)
        health_.set(
            xscale="log",
            title="Healthy T cells",
            xlabel="age [year]",
            ylabel="CD3 [cells/uL]",
            ylim=(0, None),
        )
        save(figure, path, "Recovery by age")


if __name__ == "__main__":
    main()
