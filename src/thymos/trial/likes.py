"""Simulated patients like one: they share what is known of it, and differ in what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.sampling import blocks_of
from thymos.trial.known import study_for
from thymos.trial.simulation import Simulation
from thymos.trial.visits import interpolate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.io.patient_schema import PatientFile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Likes:
    """outputs : true course by name, (patient, day); parameters : by full name, (patient,)."""

    outputs: dict[str, Floats]
    parameters: dict[str, Floats]


def likes(patient: PatientFile, n: int, seed: int, days: Sequence[float], workers: int = 1) -> Likes:
    """`n` simulated patients on `days` after transplant."""
    study = study_for(patient)
    simulation = Simulation(study, seed, blocks_of(n, n), 0, workers)
    treated = simulation.treat(study.arms[0])
    when = np.broadcast_to(np.asarray(days, dtype=np.float64), (n, len(days)))
    names = ("cd3", "cd4", "cd8", "cd4_naive", "cd19", "nk", "trec")
    outputs = {
        name: interpolate(simulation.times, simulation.output(treated.solution, name), when) for name in names
    }
    outputs["lymphocytes"] = outputs["cd3"] + outputs["cd19"] + outputs["nk"]
    return Likes(outputs, dict(simulation.people.parameters))
