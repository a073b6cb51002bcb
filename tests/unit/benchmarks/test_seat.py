"""An engine in its own process: one that answers, one that is not there, one that dies."""

import numpy as np
import pytest

ENGINES = """
import os

import numpy as np


class Twice:
    name = "twice"

    def __init__(self, problem):
        self.problem = problem

    def run(self, n):
        print("noise where answers are expected")
        return 2 * self.problem.parameters.T[:n, None, :]


class Dies(Twice):
    def run(self, n):
        os._exit(3)


class Refuses(Twice):
    def __init__(self, problem):
        raise ImportError("no such library")
"""


@pytest.fixture
def problem(tmp_path, monkeypatch):
    from problem import Problem

    (tmp_path / "engines_for_test.py").write_text(ENGINES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = tmp_path / "problem.npz"
    Problem("culture", np.arange(6.0).reshape(2, 3), np.array([1.0])).write(path)
    return path


def test_an_engine_answers_through_its_noise(problem, tmp_path):
    from seat import Seat

    seat = Seat("engines_for_test", "Twice", problem)
    said, got = seat.solve(tmp_path, n=2)
    seat.close()
    np.testing.assert_array_equal(got, [[[0.0, 6.0]], [[2.0, 8.0]]])
    assert said["n"] == 2
    assert seat.memory > 1e6


@pytest.mark.parametrize(("name", "why"), [("Refuses", "no such library"), ("Dies", "ended with code 3")])
def test_an_engine_that_cannot_take_part_says_why(problem, name, why):
    from seat import Missing, Seat

    with pytest.raises(Missing, match=why):
        Seat("engines_for_test", name, problem)
