"""The patients of each problem: populations that thymos itself draws, under one protocol."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
from printed import Floats
from problem import Problem
from systems import SOURCE, SYSTEMS


def recipient(patients: int) -> Problem:
    """The shipped SCID study with a dose of 1e6 cells/kg on days 4 to 15, seen at 60 times over two years.

    The GvHD trigger is put out of reach: the peers have no common way to jump where a state crosses a level.
    """
    from thymos.io.study_file import read_study
    from thymos.therapy.sampling import blocks_of, fill
    from thymos.trial.population import joined, population

    study = read_study(Path(str(files("thymos.trial") / "studies" / "scid-haplo.yaml")))
    people = joined([population(study, 7, block) for block in blocks_of(patients, min(patients, 50))])
    day = np.random.default_rng(1).uniform(4.0, 15.0, patients)
    dose = {"dose": 1e6 * people.covariates["weight"], "infusion_day": day, "gvhd_threshold": np.inf}
    table = fill(SYSTEMS["recipient"].program(), patients, people.parameters, people.covariates, dose)
    return Problem("recipient", _mixed(table), np.linspace(730.0 / 60, 730.0, 60))


def culture(lots: int) -> Problem:
    """Lots of mobilised blood in the clinical process, fed once between days 3 and 5, seen daily for a week."""
    from thymos.therapy.culture import lot_models
    from thymos.therapy.culture_protocol import CultureProtocol
    from thymos.therapy.sampling import blocks_of, fill, join, sample

    models = lot_models(SOURCE)
    drawn = join(sample(models, 7, block) for block in blocks_of(lots, min(lots, 50)))
    fed = {"first_feed_day": np.random.default_rng(1).uniform(3.0, 5.0, lots)}
    table = fill(SYSTEMS["culture"].program(), lots, CultureProtocol().covariates(), drawn, fed)
    return Problem("culture", _mixed(table), np.arange(1.0, 8.0))


def _mixed(table: Floats) -> Floats:
    """In random order: a slow engine is given the first few, which must not all share one draw of what is unknown."""
    return table[:, np.random.default_rng(2).permutation(table.shape[1])]


COHORTS = {"recipient": recipient, "culture": culture}
