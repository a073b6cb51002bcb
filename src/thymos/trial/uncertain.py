"""What is not known: typical values within their papers, and scientific quarrels, each an input that can be moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.streams import stream
from thymos.therapy.posterior import NOTHING, Posterior
from thymos.therapy.recipient import recipient_models
from thymos.therapy.sampling import Sample, values_of
from thymos.therapy.switches import indicators, switches_of
from thymos.trial.population import learnt_by, models_of

if TYPE_CHECKING:
    from thymos.evidence.values import Value
    from thymos.io.study_schema import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Uncertain:
    """One input.

    columns : full names of what it sets: a typical value, or the indicators of a switch
    at      : their values (row,) at places u of the unit interval: quantiles, or choices of equal weight
    """

    name: str
    text: str
    kind: str
    unit: str
    grade: str
    columns: tuple[str, ...]
    at: Callable[[Floats], Sample]

    @property
    def words(self) -> dict[str, str]:
        """What it is, as a ranking tells it."""
        return {
            "name": self.name,
            "text": self.text,
            "kind": self.kind,
            "unit": self.unit,
            "grade": self.grade,
        }

    def features(self, drawn: Mapping[str, Floats]) -> Floats:
        """Its columns in given draws (draw, column)."""
        return np.stack([drawn[name] for name in self.columns], axis=1)


def uncertain(study: Study) -> list[Uncertain]:
    """Every uncertain typical value of the recipient and its platform, and every switch that the study leaves open."""
    models = models_of(study)
    rows = {name: row for name, row in values_of(models).items() if not row.uncertainty.fixed}
    found = [_value(name, row) for name, row in rows.items()]
    named = {name.rpartition(".")[2] for name in study.switches}
    for name, quarrel in switches_of(models).items():
        if name.rpartition(".")[2] not in named:
            found.append(_switch(name, quarrel.text, quarrel.choices))
    return found


def _value(name: str, row: Value) -> Uncertain:
    def at(u: Floats) -> Sample:
        return {name: np.asarray(row.typical(u), dtype=np.float64)}

    return Uncertain(name, row.text, "parameter", row.unit, str(row.grade), (name,), at)


def _switch(name: str, text: str, choices: tuple[str, ...]) -> Uncertain:
    columns = tuple(f"{name}={choice}" for choice in choices[1:])

    def at(u: Floats) -> Sample:
        taken = np.minimum((u * len(choices)).astype(np.intp), len(choices) - 1)
        return {column: (taken == i + 1).astype(np.float64) for i, column in enumerate(columns)}

    return Uncertain(name, text, "switch", "", "assumed", columns, at)


def settings(study: Study) -> dict[str, float]:
    """Indicators of the choices that the study makes itself."""
    models = {name.rpartition(".")[2] for name in switches_of(recipient_models())}
    made = {name: choice for name, choice in study.switches.items() if name.rpartition(".")[2] in models}
    return indicators(recipient_models(), made)


def draws(inputs: list[Uncertain], n: int, seed: int, learnt: Posterior = NOTHING) -> Sample:
    """`n` draws of all columns: independent, apart from those that data have left together.

    learnt : joint draws about the models of these inputs
    A switch that no data speak of is drawn with equal chances: a quarrel is something not known.
    """
    drawn: Sample = {}
    for one in inputs:
        drawn |= one.at(1.0 - stream(seed, f"uncertainty.{one.name}").random(n))
    rows = learnt.rows(seed, np.arange(n)) if learnt.count else None
    return drawn if rows is None else drawn | {name: x[rows] for name, x in learnt.values.items()}


def learnt_about(study: Study, inputs: list[Uncertain]) -> Posterior:
    """What the study takes from data; a switch that it names itself is not among that."""
    about = learnt_by(study).about(models_of(study))
    open_ones = {column for one in inputs for column in one.columns}
    return Posterior({name: x for name, x in about.values.items() if "=" not in name or name in open_ones})
