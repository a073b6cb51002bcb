"""Fate of one cell by the theory of branching processes, solved by scipy, against the jump process.

With few cells in a well nothing crowds or consumes, so each cell founds a family of its own. The chance q_i(t) that a
cell of class i alive at t has no CD7+ descendant at T then obeys Kolmogorov's backward equation

    -dq_i/dt = sum over transitions of i of rate * (product of q over what comes out - q_i)

with q = 0 for CD7+ classes and 1 for others at T (Harris, The Theory of Branching Processes, 1963, chapter V).
"""

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp

from thymos.lang.lineage import place
from thymos.lang.trace import trace
from thymos.therapy.culture import culture_models, culture_program
from thymos.therapy.culture_jumps import simulate_wells
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.sampling import fill, nominal

SOURCE, CLINICAL, WELL = "cord-blood", CultureProtocol(), 0.1
WANTED = ("early", "late", "cd1a")
ROOMY = {"medium.capacity": 1e15, "medium.cytokine_depletion=off": 1.0}


class Branching:
    """Rates per cell of every transition of a living cell, along the course of medium and Notch."""

    def __init__(self):
        models = culture_models(SOURCE)
        self.system = trace(models, "culture", outputs=["live_cells"])
        states = self.system.states
        alive = self.system.outputs[0].expression.free_symbols
        self.cells = [i for i, s in enumerate(states) if s.symbol in alive and s.unit == "cell"]
        self.rest = [i for i in range(len(states)) if i not in self.cells]
        table = fill(
            culture_program(SOURCE), 1, nominal(models, 1), CLINICAL.covariates(), ROOMY,
            {"seeded_cd34": 1.0, "seeding_density": 1 / WELL},
        )[:, 0]  # fmt: skip
        self.table = {
            p.symbol: table[culture_program(SOURCE).parameter_index(p.name)] for p in self.system.parameters
        }
        self.flows = [f for f in self.system.transitions if any(i in self.cells for i, _ in f.changes)]
        self.compile()

    def compile(self):
        symbols = [s.symbol for s in self.system.states]
        nothing = dict.fromkeys([symbols[i] for i in self.cells], 0)
        values = {s: sympy.Float(v) if np.isfinite(v) else sympy.Float(1e300) for s, v in self.table.items()}
        per_cell = []
        for flow in self.flows:
            mother = self.mother(flow)
            # Rates are proportional to one count where nothing crowds: the slope at 0 is the rate per cell.
            per_cell.append(sympy.diff(flow.rate.xreplace(values), symbols[mother]).xreplace(nothing))
        flowing = [self.system.rhs[i].xreplace(values).xreplace(nothing) for i in self.rest]
        inputs = [self.system.time, *(symbols[i] for i in self.rest)]
        self.rates = sympy.lambdify(inputs, per_cell, cse=True)
        self.drift = sympy.lambdify(inputs, flowing, cse=True)
        starts = [self.system.starts[i].xreplace(values) for i in self.rest]
        self.y0 = np.array([float(e) for e in starts])

    def mother(self, flow):
        lost = [i for i, c in flow.changes if i in self.cells and c.is_negative]
        return lost[0] if lost else next(i for i, _ in flow.changes if i in self.cells)

    def silent(self, days):
        """Chance that one cell of each class, alive on day 0, has no CD7+ descendant on the last day."""
        medium = solve_ivp(
            lambda t, y: self.drift(t, *y), (0, days), self.y0, "LSODA", dense_output=True, rtol=1e-9
        )
        end = [
            0.0 if place(self.system.states[i].name)[0].split(".")[1] in WANTED else 1.0 for i in self.cells
        ]
        at = {i: k for k, i in enumerate(self.cells)}

        def backward(s, q):
            rates = self.rates(days - s, *medium.sol(days - s))
            slope = np.zeros(len(q))
            for flow, rate in zip(self.flows, rates, strict=True):
                k = at[self.mother(flow)]
                out = np.zeros(len(q), int)
                out[k] = 1
                for i, change in flow.changes:
                    if i in at:
                        out[at[i]] += int(change)
                slope[k] += rate * (np.prod(q**out) - q[k])
            return slope

        q = solve_ivp(backward, (0, days), end, "LSODA", rtol=1e-7, atol=1e-9).y[:, -1]
        return {self.system.states[i].name.partition(".")[2]: q[k] for k, i in enumerate(self.cells)}


pytestmark = pytest.mark.slow  # the trace of all rates, and thousands of wells


@pytest.fixture(scope="module")
def silent():
    q = Branching().silent(CLINICAL.days)
    resting = float(nominal(culture_models(SOURCE), 1)["cord_blood.quiescent_share"][0])
    return resting * q["quiescent[1]"] + (1 - resting) * q["stem"]


def wells(cells, n, **given):
    made = simulate_wells(CLINICAL, SOURCE, cells, n, 1, volume=WELL, changes=ROOMY, **given)
    assert not made.status.any()
    # The graft's T cells, rare as they are, are not CD7+CD3-.
    return made.without("cd7_cells")


def test_wells_of_one_cell(silent):
    n = 4000
    assert abs(wells(1, n, poisson=False).mean() - silent) < 4 * np.sqrt(silent * (1 - silent) / n)


def test_cells_of_a_well_are_independent_of_each_other(silent):
    n, wanted = 2000, silent**2
    assert abs(wells(2, n, poisson=False).mean() - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / n)


def test_wells_that_cells_fall_into_by_chance(silent):
    n, wanted = 2000, np.exp(-(1 - silent) * 1.5)
    assert abs(wells(1.5, n).mean() - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / n)
