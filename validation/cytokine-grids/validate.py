"""Leave one donor out on the cytokine grids: the mechanistic fit beside a regression and the authors' surfaces.

    python validation/cytokine-grids/validate.py [--seed 1] [--workers 2]

Writes result.json and picture.png beside this file. About 10 minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from thymos.cli import culture_fit
from thymos.evidence.datasets.cytokine_grids import surfaces
from thymos.inference.ensemble import Plan
from thymos.inference.predictive import errors, judged, predictive
from thymos.inference.sampled import sample_posterior

HERE = Path(__file__).parent
MIDDLE = {"scf": (24.0, 96.0), "il7": (24.0, 96.0), "il3": (4.0, 16.0)}
PLAN = Plan(ensembles=2, pieces=6)


@dataclass(frozen=True)
class Wells:
    """The readings as columns; `kept` are those that no rule excludes, `middle` the scale wells."""

    donor: np.ndarray
    plate: np.ndarray
    readout: np.ndarray
    first: np.ndarray
    il7: np.ndarray
    log: np.ndarray
    kept: np.ndarray
    middle: np.ndarray

    @staticmethod
    def of(readings):
        first = ["il3" if "il3" in r.conditions else "scf" for r in readings]
        middle = [
            all(r.conditions[n] in MIDDLE[n] for n in (name, "il7"))
            for r, name in zip(readings, first, strict=True)
        ]
        return Wells(
            np.array([r.donor for r in readings]),
            np.array([r.plate for r in readings]),
            np.array([r.readout for r in readings]),
            np.array([r.conditions[name] for r, name in zip(readings, first, strict=True)]),
            np.array([r.conditions["il7"] for r in readings]),
            np.log([r.value for r in readings]),
            np.array([not r.exclude for r in readings]),
            np.array(middle),
        )


def regression(wells, seen):
    """Floor and Hill for each grid and population, an intercept for each donor; predictions of all wells.

    A donor of whom nothing was seen gets the mean intercept of the others.
    """
    found = np.empty(len(wells.log))
    for plate in np.unique(wells.plate):
        for readout in np.unique(wells.readout):
            here = (wells.plate == plate) & (wells.readout == readout)
            found[here] = _grid(wells, here, seen)
    return found


def _grid(wells, here, seen):
    def shape(p, at):
        parts = []
        for (logit, log_k), dose in zip(p.reshape(2, 2), (wells.first[at], wells.il7[at]), strict=True):
            floor = 1 / (1 + np.exp(-logit))
            parts.append(np.log(floor + (1 - floor) * dose / (np.exp(log_k) + dose)))
        return parts[0] + parts[1]

    at = here & seen
    donors = np.unique(wells.donor[at])
    member = (wells.donor[at][:, None] == donors).astype(float)

    def distance(p):
        r = wells.log[at] - shape(p, at)
        return r - member @ (member.T @ r / member.sum(axis=0))

    start = np.array([0.0, 1.0, 0.0, -1.0])
    best = least_squares(distance, start, bounds=([-6, -5, -6, -5], [6, 6, 6, 6])).x
    r = wells.log[at] - shape(best, at)
    level = dict(zip(donors, member.T @ r / member.sum(axis=0), strict=True))
    mean = np.mean(list(level.values()))
    return shape(best, here) + np.array([level.get(d, mean) for d in wells.donor[here]])


def authors(wells, readings):
    """Their surfaces, as logarithms of counts; nan where a dose is 0, as no such well took part in their fit."""
    known = {(s.donor, s.plate, s.readout): s for s in surfaces()}
    found = np.full(len(readings), np.nan)
    for key, surface in known.items():
        here = (wells.donor == key[0]) & (wells.plate == key[1]) & (wells.readout == key[2])
        both = here & (wells.first > 0) & (wells.il7 > 0)
        top = np.exp(wells.log[here]).max()
        found[both] = np.log(top * surface.relative(wells.first[both], wells.il7[both]))
    return found


def mechanistic(measured, seen, seed, workers):
    """Predictive draws of all readings, and how the sampling went."""
    fit = culture_fit.prepare(measured, workers=workers, seen=seen)
    sampled = sample_posterior(fit.posterior, seed, PLAN, draws=500)
    went = {"rhat": max(sampled.rhat.values()), "effective": min(sampled.effective.values()),
            "corrected": sampled.corrected}  # fmt: skip
    return predictive(fit.posterior, sampled.x, seed), went


def left_out(measured, wells, seed, workers):
    """Both settings for each donor: judged wells, by model."""
    found = {}
    for donor in measured.donors:
        own = wells.donor == donor
        judge = own & wells.kept & ~wells.middle
        for setting, seen in (
            ("scale wells", wells.kept & (~own | wells.middle)),
            ("none", wells.kept & ~own),
        ):
            predicted, went = mechanistic(measured, seen, seed, workers)
            again = predicted.again[:, judge]
            found[donor, setting] = {
                "again": again,
                "value": wells.log[judge],
                "regression": regression(wells, seen)[judge],
                "went": went,
            }
            print(donor, setting, judged(again, wells.log[judge]), went, flush=True)
    return found


def pooled(found, setting):
    parts = [x for (_, s), x in found.items() if s == setting]
    again = np.concatenate([p["again"] for p in parts], axis=1)
    value = np.concatenate([p["value"] for p in parts])
    plain = np.concatenate([p["regression"] for p in parts])
    return judged(again, value), errors(plain, value)


def in_sample(measured, wells, seed, workers):
    """All donors seen: errors of the three models on the wells that the authors' surfaces speak of, and on all."""
    predicted, went = mechanistic(measured, wells.kept, seed, workers)
    level, plain, theirs = (
        np.median(predicted.level, axis=0),
        regression(wells, wells.kept),
        authors(wells, measured.readings),
    )
    both, kept = wells.kept & np.isfinite(theirs), wells.kept
    found = {
        "both doses above 0": {name: errors(m[both], wells.log[both]) for name, m in
                               (("mechanistic", level), ("regression", plain), ("authors", theirs))},
        "all wells": {name: errors(m[kept], wells.log[kept]) for name, m in
                      (("mechanistic", level), ("regression", plain))},
        "wells": [int(both.sum()), int(kept.sum())],
        "went": went,
    }  # fmt: skip
    return found


def verdicts(scale, scale_plain, none, inside):
    ratio = inside["mechanistic"][0] / inside["authors"][0]
    rows = [
        ("95 % intervals, with scale wells", scale.inside95, 0.88 <= scale.inside95 <= 0.99, "0.88 to 0.99"),
        ("80 % intervals, with scale wells", scale.inside80, 0.70 <= scale.inside80 <= 0.90, "0.70 to 0.90"),
        ("error of ln count, with scale wells", scale.rmse, scale.rmse <= 0.35, "at most 0.35"),
        ("the same, over the regression's", scale.rmse / scale_plain[0], scale.rmse <= 1.15 * scale_plain[0],
         "at most 1.15"),
        ("95 % intervals, with none", none.inside95, none.inside95 >= 0.80, "at least 0.80"),
        ("error of ln count, with none", none.rmse, none.rmse <= 0.60, "at most 0.60"),
        ("in-sample error over the authors'", ratio, ratio <= 1.5, "at most 1.5"),
    ]  # fmt: skip
    return [{"asked": a, "found": float(x), "met": bool(ok), "limit": limit} for a, x, ok, limit in rows]


def draw(found, path):
    """Predicted against counted, a panel for each setting."""
    from thymos.report.canvas import drawing
    from thymos.report.palette import INK

    with drawing(9, 4.4) as figure:
        for axes, setting in zip(figure.subplots(1, 2, sharey=True), ("scale wells", "none"), strict=True):
            for (donor, s), x in found.items():
                if s != setting:
                    continue
                low, middle, high = np.exp(np.quantile(x["again"], [0.025, 0.5, 0.975], axis=0))
                seen = np.exp(x["value"])
                axes.errorbar(seen, middle, [middle - low, high - middle], fmt="o", ms=3, lw=0.4, alpha=0.7,
                              label=f"donor {donor}")  # fmt: skip
            ends = [100, 4e4]
            axes.plot(ends, ends, color=INK, lw=0.8)
            axes.set(
                xscale="log",
                yscale="log",
                xlabel="counted",
                title=f"Left-out donor, {setting}",
                ylim=(40, 1e5),
            )
            axes.legend(frameon=False, fontsize=8)
        figure.axes[0].set_ylabel("predicted, median and 95 %")
        figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    measured = culture_fit.measure(culture_fit.load(culture_fit.SHIPPED))
    wells = Wells.of(measured.readings)
    inside = in_sample(measured, wells, options.seed, options.workers)
    found = left_out(measured, wells, options.seed, options.workers)
    (scale, scale_plain), (none, none_plain) = (pooled(found, s) for s in ("scale wells", "none"))
    result = {
        "verdicts": verdicts(scale, scale_plain, none, inside["both doses above 0"]),
        "pooled": {
            "scale wells": {"mechanistic": vars(scale), "regression": scale_plain},
            "none": {"mechanistic": vars(none), "regression": none_plain},
        },
        "by donor": {
            f"{donor}, {setting}": {
                **vars(judged(x["again"], x["value"])),
                "regression": errors(x["regression"], x["value"]),
                "went": x["went"],
            }
            for (donor, setting), x in found.items()
        },
        "in sample": inside,
    }  # fmt: skip
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    draw(found, HERE / "picture.png")
    print(json.dumps(result["verdicts"], indent=1))


if __name__ == "__main__":
    main()
