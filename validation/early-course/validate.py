"""The first five weeks of twenty adults: lymphocytes as counted, beside simulated patients of the same transplant.

    python validation/early-course/validate.py [--seed 21] [--workers 2]

Writes result.json and picture.png beside this file, under a minute on two cores.  Skips with status 77 where the
data are not there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from thymos.inference.scores import inside, scores
from thymos.inference.verdict import Verdict, at_least, at_most, between
from thymos.io.atomic import write_text
from thymos.lang.streams import stream
from thymos.trial.cohort import cohort

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from early_patients import patients, transplant  # noqa: E402  # found only once the folder above is searched

WINDOWS = ((1, 3), (4, 7), (8, 10), (11, 14), (15, 18), (19, 22), (23, 27), (28, 35))
DAYS = np.arange(1.0, 36.0)
SIMULATED = 2000
LIMIT = 1.0  # cell/uL, the last digit of the counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    seen = patients()
    made = cohort(transplant(seen), SIMULATED, 1, options.seed, DAYS, options.workers)
    counted = made.counted("lymphocytes", stream(options.seed, "validation.early course"))[:, 0]
    counted = counted[np.isfinite(counted).all(axis=1)]
    day = np.concatenate([p.day for p in seen]).astype(int)
    value = np.concatenate([p.lymphocytes for p in seen])
    draws = np.log(np.maximum(counted, LIMIT))[:, day - 1]
    total = scores(draws, np.log(np.maximum(value, LIMIT)), floor=np.log(LIMIT))
    windows = [window(low, high, seen, day, value, counted, made) for low, high in WINDOWS]
    fold = float(np.exp(np.mean([abs(np.log(w["simulated"] / w["measured"])) for w in windows])))
    rho = [rank_correlation(p) for p in seen]
    peak = max(windows, key=lambda w: w["il15"])
    nadir = min(windows, key=lambda w: w["simulated"])
    verdicts = [
        at_least("95 % intervals hold, all measurements", total.inside95, 0.85),
        between("80 % intervals hold, all measurements", total.inside80, 0.65, 0.92),
        at_most("geometric mean fold error of the medians of windows", fold, 2.0),
        at_most("rank correlation of IL-15 and lymphocytes, median over patients", np.nanmedian(rho), -0.3),
        Verdict(
            "simulated nadir in the window of the highest IL-15", float(nadir is peak), nadir is peak, "yes"
        ),
    ]
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "scores": vars(total),
        "windows": windows,
        "patients": len(seen),
        "measurements": len(value),
        "engraftment day, 10th to 90th percentile": np.nanquantile(
            [p.engraftment for p in seen], [0.1, 0.5, 0.9]
        ).tolist(),
        "failed patients": made.failed,
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(counted, windows, HERE / "picture.png")
    print(json.dumps(result, indent=1))


def window(low, high, seen, day, value, counted, made):
    """Medians of one window: counted, simulated at the same days, its parts, IL-15 and coverage."""
    here = (day >= low) & (day <= high)
    at = day[here] - 1
    il15 = [x for p in seen for d, x in zip(p.il15_day, p.il15, strict=True) if low <= d <= high]
    parts = {n: float(np.nanmedian(made.outputs[n][:, 0][:, at])) for n in ("cd3", "nk", "cd19")}
    return {
        "days": [low, high], "n": int(here.sum()), "measured": float(np.median(value[here])),
        "quantiles": np.quantile(value[here], [0.1, 0.5, 0.9]).tolist(),
        "simulated": float(np.median(counted[:, at])), **parts, "il15": float(np.median(il15)),
        "inside95": float(inside(counted[:, at], value[here], 0.95).mean()),
    }  # fmt: skip


def rank_correlation(p):
    """IL-15 and lymphocytes of one patient on the days that have both; nan with fewer than four."""
    known = dict(zip(p.day, p.lymphocytes, strict=True))
    both = [(known[d], x) for d, x in zip(p.il15_day, p.il15, strict=True) if d in known]
    if len(both) < 4 or len({x for _, x in both}) < 2:
        return np.nan
    return float(spearmanr(*np.array(both).T).statistic)


def draw(counted, windows, path):
    """The range of the patients over the simulated band, and IL-15 over the lack of lymphocytes.

    Quantiles, not the counts themselves: the table is not ours to print.
    """
    from thymos.report.canvas import drawing, save
    from thymos.report.palette import SOFT, TREATED, TWIN

    at = [np.mean(w["days"]) for w in windows]
    with drawing(9, 4.2) as figure:
        left, right = figure.subplots(1, 2)
        low95, low80, middle, high80, high95 = np.quantile(counted, [0.025, 0.1, 0.5, 0.9, 0.975], axis=0)
        blue = TREATED[0].colour
        left.fill_between(DAYS, low95, high95, color=blue, alpha=0.15, lw=0, label="simulated, 95 and 80 %")
        left.fill_between(DAYS, low80, high80, color=blue, alpha=0.25, lw=0)
        left.plot(DAYS, middle, color=blue)
        low, middle, high = np.array([w["quantiles"] for w in windows]).T
        left.errorbar(at, middle, [middle - low, high - middle], fmt=TWIN.marker, color=TWIN.colour, lw=1, ms=5,
                      label="20 patients, median and 80 %")  # fmt: skip
        left.set(yscale="log", ylim=(0.8, 8000), xlabel="day after transplant", ylabel="lymphocytes [/uL]")
        left.set_title("Counted and simulated")
        left.legend(frameon=False, fontsize=8, loc="lower right")
        right.plot(
            at,
            [w["measured"] for w in windows],
            TWIN.marker,
            color=TWIN.colour,
            ls="-",
            label="counted, median",
        )
        right.plot(
            at, [w["simulated"] for w in windows], "o-", color=TREATED[0].colour, label="simulated, median"
        )
        for name, style in (("cd3", ":"), ("nk", "--"), ("cd19", "-.")):
            right.plot(
                at,
                [max(w[name], 0.1) for w in windows],
                ls=style,
                color=SOFT,
                lw=1,
                label=f"simulated {name.upper()}",
            )
        right.set(yscale="log", ylim=(0.1, 3000), xlabel="day after transplant")
        other = right.twinx()
        other.bar(at, [w["il15"] for w in windows], width=1.5, color=SOFT, alpha=0.25)
        other.set_ylabel("IL-15 [pg/mL], bars")
        other.grid(visible=False)
        right.set_title("Medians by window, and IL-15")
        right.legend(frameon=False, fontsize=7, loc="upper left")
        save(figure, path, "Lymphocytes of twenty patients beside simulated ones, and IL-15")


if __name__ == "__main__":
    main()
