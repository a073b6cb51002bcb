"""Runs any model: symbolic graph, vector kernels, batches of patients, workers. It knows no biology."""

from thymos.engine.fold import Folded, fold
from thymos.engine.methods import METHODS, compile
from thymos.engine.program import Program
from thymos.engine.sensitivity import Sensitivity, sensitivities
from thymos.engine.solution import Solution
from thymos.engine.status import Status, Way

__all__ = [
    "METHODS",
    "Folded",
    "Program",
    "Sensitivity",
    "Solution",
    "Status",
    "Way",
    "compile",
    "fold",
    "sensitivities",
]
