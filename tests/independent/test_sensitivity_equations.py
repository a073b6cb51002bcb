"""Slopes against the equations that slopes obey, written by hand and integrated by SciPy's Radau.

For y' = f(y, p) the slopes S = dy/dp obey S' = (df/dy) S + df/dp, with S = dy(0)/dp at the start; across a jump
y+ = g(y) on day d they become (dg/dy) S, and that in d itself becomes (dg/dy) f(y) - f(y+).
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from thymos.engine import compile, sensitivities
from thymos.lang import Model, Output, Scheduled, Transition, hill, parameter, state

NAMES = ("entry", "half", "loss", "kill", "growth", "seed", "day")
TYPICAL = (2.0, 30.0, 0.1, 0.02, 0.6, 1.5, 4.0)


@dataclass(frozen=True)
class Infection(Model):
    """Cells called by a virus that they kill; on one day nine tenths of the virus are removed."""

    cells = state("cell", "cells")
    virus = state("copy", "virus")
    entry = parameter("cell/day", "largest entry of cells")
    half = parameter("copy", "virus at half entry")
    loss = parameter("1/day", "loss of cells")
    kill = parameter("1/cell/day", "killing by one cell")
    growth = parameter("1/day", "growth of the virus")
    seed = parameter("copy", "virus at the start")
    day = parameter("day", "day of the drug")

    def starts(self, x, p, env):
        yield x.virus, p.seed

    def transitions(self, x, p, env):
        yield Transition("entry", p.entry * hill(x.virus, p.half, 2), {x.cells: +1})
        yield Transition("loss", p.loss * x.cells, {x.cells: -1})
        yield Transition("growth", p.growth * x.virus, {x.virus: +1})
        yield Transition("killing", p.kill * x.cells * x.virus, {x.virus: -1})

    def gives(self, x, p, env):
        yield Output("cells", "cell", x.cells, "cells", observe=True)
        yield Output("virus", "copy", x.virus, "virus", observe=True)

    def events(self, x, p, env):
        yield Scheduled("drug", at=p.day, sets={x.virus: x.virus / 10})


def flow(y, p):
    entry, half, loss, kill, growth, _seed, _day = p
    c, v = y
    return np.array([entry * v**2 / (half**2 + v**2) - loss * c, growth * v - kill * c * v])


def matrices(y, p):
    """df/dy and df/dp, by hand."""
    entry, half, loss, kill, growth, _seed, _day = p
    c, v = y
    below = half**2 + v**2
    in_y = np.array([[-loss, entry * 2 * v * half**2 / below**2], [-kill * v, growth - kill * c]])
    in_p = np.zeros((2, 7))
    in_p[0, :3] = v**2 / below, -entry * v**2 * 2 * half / below**2, -c
    in_p[1, 3:5] = -c * v, v
    return in_y, in_p


def together(_t, z, p):
    y, S = z[:2], z[2:].reshape(2, 7)
    in_y, in_p = matrices(y, p)
    return np.concatenate([flow(y, p), (in_y @ S + in_p).ravel()])


def exact(p, times):
    """Outputs and slopes at the times, through the drug."""
    start, day = np.zeros(16), p[6]
    start[1], start[2 + 7 + 5] = p[5], 1.0  # the virus begins at `seed`
    control = {"method": "Radau", "rtol": 1e-9, "atol": 1e-10, "args": (p,)}
    first = solve_ivp(together, (0, day), start, t_eval=[*times[times < day], day], **control)
    z = first.y[:, -1].copy()
    y, S = z[:2], z[2:].reshape(2, 7)
    jump = np.diag([1.0, 0.1])
    after = jump @ S
    after[:, 6] = jump @ flow(y, p) - flow(jump @ y, p)
    z = np.concatenate([jump @ y, after.ravel()])
    later = times[times >= day]
    second = solve_ivp(together, (day, times[-1]), z, t_eval=later, **control)
    rows = np.concatenate([first.y[:, :-1].T, second.y.T])
    return rows[:, :2], rows[:, 2:].reshape(-1, 2, 7)


TIMES = np.array([0.0, 1.0, 3.9, 4.0, 5.0, 8.0, 15.0, 25.0, 40.0])


@pytest.fixture(scope="module")
def patients():
    spread = np.exp(0.2 * np.random.default_rng(4).normal(size=(7, 2)))
    values = np.array(TYPICAL)[:, None] * spread
    values[6, 0] = 4.0  # the day of an output
    return values


@pytest.fixture(scope="module")
def known(patients):
    return [exact(p, TIMES) for p in patients.T]


@pytest.mark.parametrize(
    ("central", "rtol"), [(False, 1e-5), (True, 1e-7)]
)  # curvature by eps; the integration
def test_slopes_obey_their_own_equations(patients, known, tmp_path, central, rtol):
    program = compile((Infection(),), "infection", cache_dir=tmp_path)
    names = [f"infection.{n}" for n in NAMES]
    s = sensitivities(program, patients, TIMES, names, rtol=1e-10, atol=1e-11, central=central)
    for i, (outputs, slopes) in enumerate(known):
        np.testing.assert_allclose(s.outputs[i], outputs, rtol=1e-7, atol=1e-8)
        largest = np.abs(slopes).max(axis=0)
        off = np.abs(s.slopes[i] - slopes) / largest
        assert off.max() < rtol
