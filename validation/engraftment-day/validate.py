"""The day of engraftment that the studies draw, beside published neutrophil recovery.

    python validation/engraftment-day/validate.py [--seed 51]

Writes result.json and picture.png beside this file, in seconds.  The children of the UCI set are read from
`../shared/data/uci_bmt_children` beside the checkout (or from THYMOS_SHARED) and left out where it is not there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from pathlib import Path

import numpy as np

from thymos.evidence.datasets.recovery import recovery
from thymos.inference.verdict import Verdict, at_least, at_most
from thymos.io.atomic import write_text
from thymos.therapy.sampling import Block
from thymos.trial.population import population
from thymos.trial.run import load_study

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("THYMOS_SHARED", HERE.resolve().parents[2] / "shared"))
STUDIES = ("leukaemia-tdepleted", "scid-haplo")
PATIENTS = 2000
TAILS = (0.05, 0.5, 0.95)
NEVER = 1e6  # how the table writes a recovery that did not come


def children():
    """Days to 500 neutrophils/uL of the children who reached them; empty where the table is not there."""
    file = SHARED / "data" / "uci_bmt_children" / "bone-marrow.csv"
    if not file.exists():
        return np.array([])
    with file.open(encoding="utf-8", newline="") as lines:
        column = [row["ANCrecovery"] for row in csv.DictReader(lines)]
    days = np.array([float(x) for x in column if x not in ("", "?", "NA")])
    return days[days < NEVER]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=51)
    options = parser.parse_args()
    rows = recovery("engraftment")
    drawn = {
        name: population(load_study(name), options.seed, Block(0, 0, PATIENTS)).covariates["engraftment_day"]
        for name in STUDIES
    }
    medians = {name: float(np.median(days)) for name, days in drawn.items()}
    off = np.mean([abs(m - row.value) for m in medians.values() for row in rows])
    together = np.concatenate(list(drawn.values()))
    low, high = np.quantile(together, [0.025, 0.975])
    held = np.mean([low <= row.value <= high for row in rows])
    overlap = np.mean([covered(row.low, row.high, together.min(), together.max()) for row in rows])
    seen = children()
    within = float(((seen >= together.min()) & (seen <= together.max())).mean()) if seen.size else np.nan
    verdicts = [
        at_most("mean difference of medians [day]", off, 3.0),
        Verdict("published medians within the central 95 %", float(held), held == 1.0, "all"),
        at_least("share of the published ranges that is covered", overlap, 0.60),
    ]
    if seen.size:
        verdicts.append(at_least("children of the UCI set within the drawn range", within, 0.80))
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "drawn medians": medians,
        "drawn range": [float(together.min()), float(together.max())],
        "published": [{"source": r.source, "median": r.value, "range": [r.low, r.high], "n": r.n} for r in rows],
        "children": {"n": int(seen.size), "quantiles": np.quantile(seen, TAILS).tolist() if seen.size else []},
    }  # fmt: skip
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(rows, drawn, seen, HERE / "picture.png")
    print(json.dumps(result, indent=1))


def covered(low, high, from_, to):
    """Share of the interval low to high that lies within another."""
    return max(0.0, min(high, to) - max(low, from_)) / (high - low)


def draw(rows, drawn, seen, path):
    """Drawn days beside published medians and ranges."""
    from thymos.report.canvas import drawing, save
    from thymos.report.palette import SOFT, TREATED, TWIN

    with drawing(7.5, 3.6) as figure:
        axes = figure.subplots()
        groups = [
            (f"drawn, {name}", np.quantile(days, [0, 0.5, 1]), TREATED[0]) for name, days in drawn.items()
        ]
        groups += [(f"{r.source}, n = {r.n}", np.array([r.low, r.value, r.high]), TWIN) for r in rows]
        if seen.size:
            groups.append((f"UCI children, n = {seen.size}, 5-95 %", np.quantile(seen, TAILS), TWIN))
        for i, (_, (low, middle, high), style) in enumerate(groups):
            axes.plot([low, high], [i, i], color=style.colour, lw=2)
            axes.plot(middle, i, style.marker, color=style.colour)
        axes.set_yticks(range(len(groups)), [g[0] for g in groups], fontsize=8)
        axes.invert_yaxis()
        axes.set(
            xlabel="day after transplant of 500 neutrophils/uL (median, range)",
            xlim=(5, 35),
            title="Engraftment",
        )
        axes.tick_params(colors=SOFT)
        save(figure, path, "Days of engraftment, drawn and published")


if __name__ == "__main__":
    main()
