"""Spectratypes and diversity after transplant, without the product, beside what was published of patients.

    python validation/repertoire-recovery/validate.py [--patients 100] [--seed 71]

Writes result.json and picture.png beside this file, in half a minute.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from thymos.inference.verdict import at_least, between
from thymos.io.atomic import write_text
from thymos.io.study_schema import Study
from thymos.lang.streams import stream
from thymos.therapy.measured_repertoire import measures, spectratypes
from thymos.therapy.repertoire import Repertoire, clonal_models
from thymos.therapy.sampling import blocks_of, join, sample
from thymos.therapy.t_cell_course import TCellCourse, clonal_program
from thymos.trial.population import learnt_by
from thymos.trial.run import load_study
from thymos.trial.simulation import Simulation

HERE = Path(__file__).parent
DAYS = (90.0, 105.0, 180.0, 365.0)
ADULTS = {"kind": "uniform", "low": "18 year", "high": "65 year"}


def untreated(name, patients, seed, age=None):
    """Repertoires of the untreated arm of a study, and who is alive on each of `DAYS` (patient, day)."""
    said = load_study(name).model_dump(mode="json", exclude_none=True)
    if age is not None:
        said["population"]["age"] = age
    study = Study.model_validate(said)
    blocks = blocks_of(patients, patients)
    simulation = Simulation(study, seed, blocks, 0, program=clonal_program())
    treated = simulation.treat(study.arms[0])
    course = TCellCourse.of(simulation.program, treated.solution, simulation.given(study.arms[0])[2])
    clonal = join(sample(clonal_models(), seed, block, None, learnt_by(study)) for block in blocks)
    repertoire = Repertoire(course.at(2, DAYS), simulation.people.parameters | clonal)
    alive = (treated.solution.status == 0)[:, None] & (treated.course.death[:, None] > np.array(DAYS))
    return repertoire, alive


def read(repertoire, alive, day, seed, of):
    """One number of the spectratype of each living patient on a day."""
    k = int(np.searchsorted(repertoire.course.times, day))
    found = spectratypes(repertoire, k, seed, [(i,) for i in range(len(alive))])
    return np.array([of(x) for x, here in zip(found, alive[:, DAYS.index(day)], strict=True) if here and x])


def measured(repertoire, alive, day, name):
    """One measure of each living patient on a day."""
    values = measures(repertoire, int(np.searchsorted(repertoire.course.times, day)))[name]
    return values[alive[:, DAYS.index(day)] & np.isfinite(values)]


def interval(values, seed):
    """The mean and its 95 % interval over patients."""
    rng = stream(seed, "validation.repertoire")
    means = values[rng.integers(len(values), size=(2000, len(values)))].mean(axis=1)
    return [float(values.mean()), *np.quantile(means, [0.025, 0.975]).tolist()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--seed", type=int, default=71)
    o = parser.parse_args()
    depleted = untreated("leukaemia-tdepleted", o.patients, o.seed, ADULTS)
    cord = untreated("adult-cord-blood", o.patients, o.seed)
    infants = untreated("scid-haplo", o.patients, o.seed)
    points = read(*depleted, 90.0, o.seed, lambda x: int(x.score()))
    families = read(*infants, 105.0, o.seed, lambda x: int(x.normal().sum()))
    hill = {
        name: measured(*arm, 180.0, "hill2") for name, arm in (("T-depleted", depleted), ("cord blood", cord))
    }
    ratio = np.exp(np.log(hill["cord blood"]).mean() - np.log(hill["T-depleted"]).mean())
    receptors = measured(*infants, 365.0, "receptors")
    verdicts = [
        between("points of the spectratype, adults, 3 months, T-depleted", points.mean(), 65, 110),
        at_least("inverse Simpson, cord blood over T-depleted, 6 months", ratio, 5.0),
        at_least("normal families, infants with SCID, 3.5 months, median", np.median(families), 20),
        at_least("receptors of an infant with SCID at a year, median", np.median(receptors), 1e8),
    ]
    result = {
        "verdicts": [v.plain() for v in verdicts],
        "points": interval(points.astype(float), o.seed),
        "families": np.quantile(families, [0.025, 0.5, 0.975]).tolist(),
        "inverse Simpson": {name: np.quantile(x, [0.025, 0.5, 0.975]).tolist() for name, x in hill.items()},
        "receptors": np.quantile(receptors, [0.025, 0.5, 0.975]).tolist(),
        "patients": o.patients,
    }
    write_text(HERE / "result.json", json.dumps(result, indent=1) + "\n")
    draw(points, hill, families, HERE / "picture.png")
    print(json.dumps(result, indent=1))


def draw(points, hill, families, path):
    """Simulated patients as dots, published numbers as lines."""
    from thymos.report.canvas import drawing, save
    from thymos.report.palette import SOFT, TREATED, TWIN

    with drawing(9.6, 3.4) as figure:
        one, two, three = figure.subplots(1, 3)
        one.hist(points, bins=np.arange(0, 200, 8), color=TREATED[0].colour)
        for value, text in ((87, "published, 3 months"), (183, "published, healthy")):
            one.axvline(value, color=TWIN.colour, lw=1.5, ls="--")
            one.text(
                value - 4, one.get_ylim()[1] * 0.97, text, rotation=90, va="top", ha="right", fontsize=7.5
            )
        one.set(title="Spectratype, T-depleted", xlabel="points of 192 at 3 months", ylabel="patients")
        two.boxplot(list(hill.values()), tick_labels=list(hill), medianprops={"color": TREATED[0].colour})
        two.set(yscale="log", title="Inverse Simpson, 6 months", ylabel="effective clones")
        three.hist(families, bins=np.arange(-0.5, 25.5), color=TREATED[0].colour)
        three.axvline(13, color=SOFT, lw=1, ls="--")
        three.set(title="SCID, 3.5 months", xlabel="normal families of 24", ylabel="patients")
        save(figure, path, "Repertoires without the product, simulated and published")


if __name__ == "__main__":
    main()
