"""Runs that were made: readings of a culture table gathered by vessel, on the scales where they are normal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import DataError
from thymos.therapy.design.outcomes import normal_scale

if TYPE_CHECKING:
    from thymos.io.culture_table import CultureTable, Reading
    from thymos.therapy.culture_protocol import CultureProtocol
    from thymos.therapy.design.experiment import Experiment

Floats = NDArray[np.float64]

# What a row may state that no result per seeded cell depends on.
WITHOUT_EFFECT = ("seeded_cd34", "day")


@dataclass(frozen=True)
class SeenRun:
    """One vessel on one day.

    value : of each readout of the experiment on its normal scale (readout,), nan where it was not measured
    """

    donor: str
    plate: str
    well: str
    protocol: CultureProtocol
    day: float
    value: Floats


@dataclass(frozen=True)
class SeenRuns:
    """All of them, and how many readings were of no use for the aim."""

    runs: tuple[SeenRun, ...]
    unused: int = 0

    @property
    def donors(self) -> tuple[str, ...]:
        """Names, each once, in the order of the tables."""
        return tuple(dict.fromkeys(r.donor for r in self.runs))

    @property
    def plates(self) -> int:
        """How many batches the tables name."""
        return len({r.plate for r in self.runs})

    def spent(self, experiment: Experiment) -> float:
        """What the vessels cost, each to the last day on which it was looked at."""
        last: dict[tuple[object, ...], SeenRun] = {}
        for r in self.runs:
            vessel = (r.donor, r.plate, r.well, r.protocol, None if r.well else r.day)
            last[vessel] = max(r, last.get(vessel, r), key=lambda seen: seen.day)
        return sum(experiment.costs.of(r.protocol, r.day) for r in last.values())


def seen_runs(experiment: Experiment, tables: Iterable[CultureTable]) -> SeenRuns:
    """Runs of culture tables; what a row does not state is as the design holds it.

    Raises `DataError` with the row for a graft of another source, a day that is not said, or a count of 0.
    """
    found: dict[tuple[object, ...], SeenRun] = {}
    unused = 0
    for table in tables:
        for reading in table.kept:
            where = f"{table.name}, row {reading.row}"
            if reading.graft and reading.graft != experiment.source:
                raise DataError(f"{where}, column graft", experiment.source, reading.graft)
            if reading.readout not in experiment.readouts:
                unused += 1
                continue
            run = _run(experiment, reading, where)
            key = (table.name, reading.donor, reading.plate, reading.well, run.protocol, run.day)
            place = experiment.readouts.index(reading.readout)
            kept = found.setdefault(key, run)
            kept.value[place] = _value(experiment, reading, where)
    return SeenRuns(tuple(found.values()), unused)


def _run(experiment: Experiment, reading: Reading, where: str) -> SeenRun:
    said = {n: x for n, x in reading.conditions.items() if n not in WITHOUT_EFFECT}
    day = reading.conditions.get("day")
    if day is None and len(experiment.days) > 1:
        raise DataError(f"{where}, column day", "the day of the reading, as it is a factor", "none")
    at = float(experiment.days[0]) if day is None else day
    if at <= 0:
        raise DataError(f"{where}, column day", "a day after the start", f"{at:g}")
    protocol = experiment.protocol(said)
    empty = np.full(len(experiment.readouts), np.nan)
    return SeenRun(reading.donor, reading.plate, reading.well, protocol, at, empty)


def _value(experiment: Experiment, reading: Reading, where: str) -> float:
    if reading.unit != "percent" and reading.value <= 0:
        wanted = "a value above 0, as its logarithm is compared"
        raise DataError(
            f"{where}, column value",
            wanted,
            f"{reading.value:g}",
            "name why under `exclude`, or leave it out",
        )
    return float(normal_scale(reading.unit, np.array(reading.value)))
