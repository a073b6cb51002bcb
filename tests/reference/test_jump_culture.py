"""The shipped models as a jump process: far from zero its mean is the ODE, near zero it is not."""

import numpy as np
import pytest

from thymos.engine.jumps import compile_jumps
from thymos.therapy.culture import culture_models, culture_program, lot_models
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.recipient import recipient_models, recipient_program
from thymos.therapy.sampling import fill, nominal

SOURCE = "cord-blood"
DAYS = np.array([0.0, 3.0, 7.0])


def wells(cells, n):
    """Typical wells seeded with so many CD34+ cells."""
    return fill(
        culture_program(SOURCE),
        n,
        CultureProtocol(seeded_cd34=cells).covariates(),
        nominal(lot_models(SOURCE), n),
    )


@pytest.mark.parametrize(
    ("method", "cells", "n"), [pytest.param("tau", 2000, 48, marks=pytest.mark.slow), ("hybrid", 100, 24)]
)
def test_the_mean_of_many_cultures_is_the_ode(method, cells, n):
    ode, jumps = culture_program(SOURCE), compile_jumps(culture_models(SOURCE), "culture", method=method)
    wanted = ode.solve(wells(cells, 1), DAYS).outputs[0]
    found = jumps.run(wells(cells, n), DAYS, seed=3)
    assert not found.failures()
    for name in ("live_cells", "density"):
        y, mean = found.outputs[:, 1:, ode.output_index(name)], wanted[1:, ode.output_index(name)]
        z = np.sqrt(n) * (y.mean(axis=0) - mean) / y.std(axis=0, ddof=1)
        assert np.abs(z).max() < 3, (name, z)
    # What is seeded is rounded to whole cells, what flows is not left to chance at first.
    medium = jumps.state_index("medium.volume")
    np.testing.assert_allclose(found.final[:, medium], cells / CultureProtocol().seeding_density)


def test_without_crowding_the_mean_is_the_ode_even_for_one_cell():
    # Every rate is then proportional to one count, and the mean of such a process obeys the ODE exactly.
    ode, jumps = culture_program(SOURCE), compile_jumps(culture_models(SOURCE), "culture", method="hybrid")
    table = wells(1, 1000)
    table[ode.parameter_index("medium.capacity")] = 1e15
    table[ode.parameter_index("medium.cytokine_depletion=off")] = 1
    k = ode.output_index("live_cells")
    wanted = ode.solve(table[:, :1], DAYS).outputs[0, :, k]
    y = jumps.run(table, DAYS, seed=1).outputs[:, :, k]
    z = np.sqrt(len(y)) * (y.mean(axis=0) - wanted) / y.std(axis=0, ddof=1)
    assert np.abs(z).max() < 3, z


def test_a_well_of_one_cell_scatters_and_may_die_out():
    jumps = compile_jumps(culture_models(SOURCE), "culture", method="hybrid")
    found = jumps.run(wells(1, 300), DAYS, seed=1)
    live = found.outputs[:, :, jumps.output_index("live_cells")]
    assert not found.failures()
    assert 0 < (live[:, -1] == 0).mean() < 0.5
    assert live[:, -1].std() > 0.5 * live[:, -1].mean()


@pytest.mark.slow
def test_the_number_that_settles_is_poisson_where_niches_are_plenty():
    """Few infused cells in 40,000 niches: what settles is a thinned stream, with the ODE's number as its mean."""
    models, ode, n = recipient_models(), recipient_program(), 400
    jumps = compile_jumps(
        models, "recipient", method="hybrid", counted=["thymus.etp[I]"], tally=["thymus.I settling"]
    )
    table = _one_recipient(ode, n, dose=2e4)
    days = np.array([0.0, 100.0])
    flow = compile_jumps(
        models, "recipient", method="hybrid", counted=["thymus.etp[R]"], tally=["thymus.I settling"]
    )
    mean = flow.run(table[:, :1], days, seed=1).outputs[0, -1, -1]
    settled = jumps.run(table, days, seed=1).outputs[:, -1, -1]
    assert abs(settled.mean() - mean) * np.sqrt(n / mean) < 3
    assert abs(settled.var(ddof=1) / mean - 1) * np.sqrt(n / 2) < 5


def _one_recipient(ode, n, dose):
    from importlib.resources import files
    from pathlib import Path

    from thymos.io.study_file import read_study
    from thymos.therapy.sampling import blocks_of
    from thymos.trial.population import population

    study = read_study(Path(str(files("thymos.trial") / "studies" / "scid-haplo.yaml")))
    people = population(study, 7, blocks_of(1, 1)[0])
    one = fill(ode, 1, people.parameters, people.covariates, {"dose": dose, "infusion_day": 10.0})
    return np.repeat(one, n, axis=1)
