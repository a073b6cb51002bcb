"""Slopes of the shipped recipient and culture against differences of tight solves that share no steps.

The reference is a difference of fourth order at rtol 1e-11, every patient with steps of its own: at 1e-10 a slope
that is 0 came out as 2.6e-12, more than what is tested. Error of a slope:
|p (slope - exact)| over |p exact| + 0.001 of the output's largest value, that is, of an elasticity.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from thymos.engine import sensitivities
from thymos.io.study_file import read_study
from thymos.therapy.culture import culture_models, culture_program
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.posterior import NOTHING
from thymos.therapy.recipient import recipient_program
from thymos.therapy.sampling import Block, fill, sample
from thymos.trial.population import population

RECIPIENT = (
    "homing.homing_fraction",
    "thymus.dn_residence",
    "turnover.naive_cd4_loss",
    "gvhd_threshold",
    "infusion_day",
)
CULTURE = ("progenitors.growth", "progenitors.myeloid_odds", "notch.turn", "scf")


def recipients():
    """Two patients of the SCID study, one of them with acute GvHD."""
    study = read_study(Path(str(files("thymos.trial") / "studies" / "scid-haplo.yaml")))
    people = population(study, 7, Block(0, 0, 2), learnt=NOTHING)
    given = {"dose": 1e6 * people.covariates["weight"], "infusion_day": np.array([4.0, 9.5])}
    given["gvhd_threshold"] = np.array([0.02, 30.0])
    program = recipient_program()
    return program, fill(program, 2, people.parameters, people.covariates, given)


def lots():
    """Three lots, as donors differ."""
    program = culture_program("mobilised-blood")
    drawn = sample(culture_models("mobilised-blood"), 3, Block(0, 0, 3))
    return program, fill(program, 3, CultureProtocol(scf=30.0).covariates(), drawn)


def differences(program, table, times, wrt, share=2e-3):
    """Slopes (patient, time, output, parameter) by Richardson's extrapolation of two central differences."""
    columns = []
    for i in map(program.parameter_index, wrt):
        found = []
        for size in (share, 2 * share):
            up, down = table.copy(), table.copy()
            up[i] *= 1 + size
            down[i] *= 1 - size
            ends = [program.solve(p, times, rtol=1e-11, atol=1e-13).outputs for p in (up, down)]
            found.append((ends[0] - ends[1]) / (2 * size * table[i])[:, None, None])
        columns.append((4 * found[0] - found[1]) / 3)
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize(
    ("which", "wrt", "times"),
    [(recipients, RECIPIENT, np.array([5.0, 15.0, 30.0, 60.0])), (lots, CULTURE, np.arange(1.0, 8.0))],
    ids=["recipient", "culture"],
)
def test_slopes_are_those_of_tight_differences(which, wrt, times):
    program, table = which()
    exact = differences(program, table, times, wrt)
    largest = np.abs(program.solve(table, times).outputs).max(axis=1)[:, None, :, None]
    sizes = np.abs(table[[program.parameter_index(name) for name in wrt]]).T[:, None, None, :]
    scale = sizes * np.abs(exact) + 1e-3 * largest + 1e-300
    for rtol, central, median, worst in ((1e-7, False, 1e-6, 1e-4), (1e-9, True, 1e-8, 1e-6)):
        s = sensitivities(program, table, times, wrt, rtol=rtol, atol=rtol / 100, central=central)
        assert not s.status.any()
        error = sizes * np.abs(s.slopes - exact) / scale
        assert np.median(error) < median
        assert error.max() < worst
