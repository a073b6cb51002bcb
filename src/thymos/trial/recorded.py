"""Patients from a population file: drawn by their weights for the blocks of a trial.

A trial draws a draw of what nobody knows by the weight of its patients, then patients of it by theirs: what is
shared within a draw stays shared, and arms keep their twins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.population_file import PopulationFile, file_digest, read_population
from thymos.lang.errors import StudyError
from thymos.lang.streams import stream
from thymos.trial.traits import People

if TYPE_CHECKING:
    from thymos.io.study_schema import Population as Section
    from thymos.therapy.sampling import Block, Sample

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
FLAGS = ("infected", "residual_disease", "cmv_recipient", "cmv_donor")


@dataclass(frozen=True)
class Recorded:
    """Patients as a file has them; arrays (patient,). What happens to them by chance is not recorded."""

    parameters: Sample
    covariates: Sample
    people: People
    severe: NDArray[np.bool_]
    risk: Floats


def recorded(people: Section, seed: int, block: Block) -> Recorded:
    """The patients of one block, drawn from the study's population file by their weights."""
    if people.file is None or people.sha256 is None:
        wanted = "a study from `load_study`, which finds its population file"
        raise StudyError("study [population.file]", wanted, f"{people.file} without its SHA-256")
    table = _table(people.file, people.sha256)
    starts, weight = table.starts, table.weight
    u = stream(seed, "population.file draw", block.draw).random()
    k = min(int(np.searchsorted(np.cumsum(weight), u * weight.sum(), side="right")), len(weight) - 1)
    rows = np.arange(starts[k], starts[k + 1])
    p = table.data["probability"][rows]
    rng = stream(seed, "population.file patient", block.draw, block.part)
    return table.patients(rng.choice(rows, size=block.size, p=p / p.sum()))


class _Table:
    """A population file, its rows in the order of draws; `starts` of each draw and the end, `weight` of each."""

    def __init__(self, file: PopulationFile) -> None:
        order = np.argsort(file.data["draw"], kind="stable")
        self.about = file.about
        self.data = {name: np.asarray(x)[order] for name, x in file.data.items()}
        _, first = np.unique(self.data["draw"], return_index=True)
        self.weight = np.add.reduceat(self.data["probability"], first)
        self.starts = np.append(first, len(order))

    def patients(self, rows: Indices) -> Recorded:
        """Patients in `rows`."""
        at = {name: x[rows] for name, x in self.data.items()}
        people = People(
            age=at["age"],
            female=(at["sex"] == "female").astype(np.float64),
            **{name: at[name] for name in ("diagnosis", "disease_status", "donor")},
            **{name: at[name].astype(np.float64) for name in FLAGS},
        )
        return Recorded(
            parameters={name: at[name] for name in self.about["parameters"]},
            covariates={name: at[name] for name in self.about["covariates"]},
            people=people,
            severe=at["severe"].astype(bool),
            risk=at["risk"],
        )


@lru_cache(maxsize=2)
def _table(path: str, sha256: str) -> _Table:
    if file_digest(Path(path)) != sha256:
        raise StudyError(path, f"SHA-256 {sha256[:12]}..., the file with which the run began", "another file")
    return _Table(read_population(Path(path)))
