"""Which of two transplants is ahead: orders from the literature, beside pairs of simulated cohorts.

    python validation/platform-order/validate.py [--seed 31] [--workers 2]

Writes result.json and picture.png beside this file, under two minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from pathlib import Path

import numpy as np

from thymos.evidence.datasets.recovery import recovery
from thymos.evidence.datasets.reference_ranges import reference_band
from thymos.inference.verdict import at_least, at_most
from thymos.io.atomic import write_text
from thymos.trial.cohort import altered, cohort
from thymos.trial.run import load_study

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from transplants import CNI, adult_ages, rabbit_atg, skewed_ages, t_cells  # noqa: E402  # found only once the folder above is searched

DRAWS, PATIENTS = 60, 60
DAYS = tuple(
    map(
        float,
        (0, 1, 2, 4, 7, 10, 14, 21, 28, 30, 60, 80, 90, 100, 120, 180, 240, 270, 300, 365, 450, 545, 730),
    )
)
HOLDS = 0.80
ADULTS, CHILDREN = adult_ages(45, 12, 18, 70), skewed_ages(5.6, 0.1, 18)
# T cells of the grafts are usual ones, assumed; so is the dose of ATG.
CORD = {"graft.cd3_dose": t_cells(6e6), "conditioning.calcineurin_inhibitor": CNI}
REPLETE = {"graft.depletion": "none", "conditioning.atg": None, "conditioning.calcineurin_inhibitor": CNI}
SETTINGS = {
    "children, cord": ("adult-cord-blood", CORD | {"conditioning.intensity": "MAC", "population.age": CHILDREN}),
    "children, cord, early ATG": ("adult-cord-blood", CORD | {
        "conditioning.intensity": "MAC", "population.age": CHILDREN, "conditioning.atg": rabbit_atg(-9, -5)}),
    "children, cord, late ATG": ("adult-cord-blood", CORD | {
        "conditioning.intensity": "MAC", "population.age": CHILDREN, "conditioning.atg": rabbit_atg(-5, 0)}),
    "children, marrow": ("leukaemia-tdepleted", REPLETE | {
        "population.age": CHILDREN, "graft.cd3_dose": t_cells(3e7), "conditioning.atg": rabbit_atg(-6, -3, 5.0)}),
    "adults, cord": ("adult-cord-blood", CORD | {"population.age": ADULTS, "graft.cd3_dose": t_cells(5e6)}),
    "adults, cord, MAC": ("adult-cord-blood", CORD | {
        "population.age": ADULTS, "graft.cd3_dose": t_cells(5e6), "conditioning.intensity": "MAC"}),
    "adults, blood, RIC": ("leukaemia-tdepleted", REPLETE | {
        "population.age": ADULTS, "graft.cd3_dose": t_cells(2.5e8), "conditioning.intensity": "RIC"}),
    "adults, blood": ("leukaemia-tdepleted", REPLETE | {"population.age": ADULTS, "graft.cd3_dose": t_cells(2.5e8)}),
    "adults, marrow": ("leukaemia-tdepleted", REPLETE | {"population.age": ADULTS, "graft.cd3_dose": t_cells(2.5e7)}),
    "SCID, conditioned": ("scid-haplo", {}),
    # Without conditioning the donor's stem cells hardly engraft; 5 % is assumed.
    "SCID, unconditioned": ("scid-haplo", {
        "conditioning.intensity": "none", "graft.donor_chimerism": {"kind": "fixed", "value": 0.05}}),
    "adults, haploidentical T-depleted": ("leukaemia-tdepleted", {"population.age": ADULTS}),
}  # fmt: skip


class Pairs:
    """Simulated groups by name, and what is asked of them; every answer is (draw,)."""

    def __init__(self, seed, workers):
        self.seed, self.workers = seed, workers

    @cache  # noqa: B019  # one object for one run of the script
    def group(self, name):
        template, changes = SETTINGS[name]
        return cohort(altered(load_study(template), changes), DRAWS, PATIENTS, self.seed, DAYS, self.workers)

    def median(self, name, lineage, *days):
        """Medians of the patients (day, draw)."""
        made = self.group(name)
        return np.stack(
            [np.nanmedian(made.outputs[lineage][:, :, DAYS.index(float(d))], axis=1) for d in days]
        )

    def more(self, high, low, lineages, days):
        """Whether `high` has more of every lineage on every day."""
        return np.all(
            [self.median(high, x, *days) > self.median(low, x, *days) for x in lineages], axis=(0, 1)
        )

    def day_above(self, name, lineage, limit=None):
        """Median day above a limit, or above the 5th percentile of health."""
        made, course = self.group(name), self.group(name).outputs[lineage]
        if limit is None:
            age = made.covariate("age")[:, :, None] + made.days / 365.25
            limit = reference_band(lineage.upper()).percentile(5.0, age)
        above = course > limit
        return np.median(np.where(above.any(axis=-1), made.days[np.argmax(above, axis=-1)], 800.0), axis=1)

    # ---- the orders, by row of the data set

    def v030(self):
        rest = (30, 60, 90, 180, 365)
        return np.logical_and.reduce([
            self.more("children, cord", f"children, cord, {when} ATG", ("cd3", "cd4", "cd4_naive"), rest)
            for when in ("early", "late")
        ])  # fmt: skip

    def v031(self):
        return self.day_above("children, cord", "cd8", 250) > self.day_above("children, marrow", "cd8", 250)

    def v032(self):
        return self.day_above("children, cord", "cd19", 200) < self.day_above("children, marrow", "cd19", 200)

    def v033(self):
        return self.more("adults, blood, RIC", "adults, cord", ("cd3", "cd8", "cd4_naive"), (60, 100, 180))

    def v034(self):
        later = self.more("adults, cord", "adults, blood, RIC", ("nk",), (60, 100, 180))
        return later & self.more("adults, blood, RIC", "adults, cord", ("nk",), (28,))

    def v035(self):
        return self.more("adults, cord", "adults, blood, RIC", ("cd19",), (60, 100, 180, 365))

    def v036(self):
        days = (30, 80, 180, 365)
        many, few = (
            {n: self.median(g, n, *days) for n in ("cd4", "cd4_naive")}
            for g in ("adults, blood", "adults, marrow")
        )
        naive = np.exp(np.log(many["cd4_naive"] / few["cd4_naive"]).mean(axis=0))
        rest = [x["cd4"] - x["cd4_naive"] for x in (many, few)]
        other = np.exp(np.log(rest[0] / rest[1]).mean(axis=0))
        return (naive >= 2) & (naive <= 8) & (other >= 1.3) & (other <= 4)

    def v037(self):
        return (
            self.median("adults, cord, MAC", "cd4", 120)[0] > self.median("adults, cord, MAC", "cd8", 120)[0]
        )

    def v038(self):
        return self.more("adults, cord, MAC", "adults, marrow", ("trec",), (730,))

    def v039(self):
        return self.more("SCID, conditioned", "SCID, unconditioned", ("cd4",), (365,))

    def v040(self):
        """Share with CD4 above 50/uL on day 100, above and below 10 AU day/mL of exposure; pooled within a draw."""
        made = self.group("children, cord, late ATG")
        level = np.asarray(made.outputs["atg"])
        exposure = np.trapezoid(level, made.days, axis=-1)
        recovered = made.outputs["cd4"][:, :, DAYS.index(100.0)] > 50
        without = self.group("children, cord").outputs["cd4"][:, :, DAYS.index(100.0)] > 50
        high = exposure > 10
        share = [r[h].mean() if h.any() else np.nan for r, h in zip(recovered, high, strict=True)]
        # "Severely": at most half of the recovery without exposure.
        return np.nan_to_num(share, nan=1.0) <= 0.5 * without.mean(axis=1)

    def v041(self):
        haplo = self.day_above("adults, haploidentical T-depleted", "cd4")
        return haplo > self.day_above("adults, blood", "cd4")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    pairs = Pairs(options.seed, options.workers)
    rows = [row for row in recovery("order") if "V030" <= row.id <= "V041"]
    share = {row.id: float(getattr(pairs, row.id.lower())().mean()) for row in rows}
    verdicts = [
        at_least("orders that are predicted, of 12", sum(x >= HOLDS for x in share.values()), 9),
        at_most("orders predicted the wrong way round", sum(x <= 1 - HOLDS for x in share.values()), 1),
    ]
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "orders": [{"id": r.id, "order": r.text, "source": r.source, "holds in": share[r.id]} for r in rows],
        "medians": {name: medians(pairs, name) for name in SETTINGS},
        "failed patients": sum(pairs.group(name).failed for name in SETTINGS),
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(pairs, HERE / "picture.png")
    print(json.dumps(result, indent=1))


def medians(pairs, name):
    """Median over draws of the median count, on some days."""
    lineages = ("cd4", "cd4_naive", "cd8", "cd19", "nk")
    return {
        x: {str(d): round(float(np.median(pairs.median(name, x, d))), 1) for d in (30, 100, 180, 365)}
        for x in lineages
    }


def draw(pairs, path):
    """Median courses of CD4 and CD8 in the groups of children and adults."""
    from thymos.report.canvas import drawing, panels, save
    from thymos.report.palette import SOFT, TREATED, TWIN

    shown = {
        "children, cord": (TWIN, "-"),
        "children, cord, late ATG": (TWIN, ":"),
        "children, marrow": (TREATED[0], "-"),
        "adults, cord, MAC": (TREATED[1], "-"),
        "adults, marrow": (TREATED[2], "-"),
        "adults, blood": (TREATED[2], "--"),
    }
    with drawing(9, 6.2) as figure:
        for axes, lineage in zip(
            panels(figure, 4, 2, sharex=True), ("cd4", "cd8", "cd19", "nk"), strict=True
        ):
            for name, (style, line) in shown.items():
                axes.plot(
                    DAYS,
                    np.median(pairs.median(name, lineage, *DAYS), axis=1),
                    line,
                    color=style.colour,
                    label=name,
                )
            axes.set(yscale="log", title=lineage.upper(), xlim=(10, 730), ylim=(1, 4000))
            axes.tick_params(colors=SOFT)
        figure.axes[0].legend(frameon=False, fontsize=7)
        for axes in figure.axes[2:]:
            axes.set_xlabel("day after transplant")
        figure.supylabel("median of simulated patients [cells/uL]", fontsize=9)
        save(figure, path, "Simulated recovery by platform")


if __name__ == "__main__":
    main()
