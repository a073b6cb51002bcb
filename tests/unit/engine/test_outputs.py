"""Only the outputs that are asked for are recorded, and a list that cannot be meant is one message."""

import numpy as np
import pytest

from thymos.engine import compile
from thymos.lang import Model, Output, Transition, constant, parameter, state
from thymos.lang.errors import SolveError, WiringError


class Pool(Model):
    """Cells lost at a constant rate."""

    cells = state("cell", "cells")
    lost = parameter("1/day", "loss rate")

    def starts(self, x, p, env):
        yield x.cells, constant(100, "cell")

    def transitions(self, x, p, env):
        yield Transition("lost", p.lost * x.cells, {x.cells: -1})

    def gives(self, x, p, env):
        yield Output("cd4", "cell", x.cells, "cells", observe=True)
        yield Output("cd4_half", "cell", x.cells / 2, "half of them")
        yield Output("outflow", "cell/day", p.lost * x.cells, "cells lost")


@pytest.fixture
def made(backend, tmp_path):
    return lambda outputs: compile((Pool(),), "pool", outputs, backend, tmp_path)


def test_fewer_outputs_are_fewer_columns(made):
    program = made(["outflow"])
    assert [q.name for q in program.outputs] == ["outflow"]
    found = program.solve([[0.5]], [0.0])
    np.testing.assert_allclose(found.outputs, [[[50.0]]])
    assert program.room(3, [0.0, 1.0]).outputs.shape == (3, 2, 1)
    with pytest.raises(SolveError, match="output 'cd4': expected one of the 1 outputs of this program"):
        program.output_index("cd4")


def test_an_unknown_output_gets_a_suggestion(made):
    with pytest.raises(
        WiringError, match=r"pool, outputs: expected names among cd4, cd4_half, outflow, got cd44"
    ):
        made(["cd4", "cd44"]).solve([[0.5]], [0.0])
    with pytest.raises(WiringError, match=r"Try: did you mean outflow"):
        made(["outflwo"])


def test_one_name_is_no_list(made):
    with pytest.raises(WiringError, match=r"a list of names, got 'cd4'\.\n  Try: outputs=\['cd4'\]"):
        made("cd4")
