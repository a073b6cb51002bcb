"""What a clinic sees: blood at visits, reported by an assay with its noise and limit, until death."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.assay import ASSAYS

Floats = NDArray[np.float64]

LINEAGES = {
    "cd3": "flow_count",
    "cd4": "flow_count",
    "cd8": "flow_count",
    "cd19": "flow_count",
    "nk": "flow_count",
    "trec": "trec",
}
"""Quantities measured at each visit, and the assay that reports them."""
TRANSGENE = {"transgene_cd3": "flow_count", "vcn_cd3": "vcn"}
"""The same where the product was transduced."""


@dataclass(frozen=True)
class Visits:
    """Reported values (patient, visit); nan after death or without a result."""

    planned: Floats
    """Planned days (visit,)."""
    day: Floats
    """Days on which blood was taken (patient, visit)."""
    reported: dict[str, Floats]
    """Counts [cell/uL] and sjTREC [copy/uL] by lineage."""
    below: dict[str, NDArray[np.bool_]]
    """Whether the value was below the assay's limit."""

    def at(self, lineage: str, planned: float) -> Floats:
        """Reported values at a planned day, (patient,)."""
        return self.reported[lineage][:, int(np.argmin(np.abs(self.planned - planned)))]


def timetable(days: tuple[float, ...], window: float, u: Floats) -> Floats:
    """Days of blood for each patient, evenly within the window around the plan; never before day 1."""
    planned = np.asarray(days)
    return np.asarray(np.maximum(planned + window * (2 * u - 1), np.minimum(planned, 1.0)))


def interpolate(times: Floats, values: Floats, days: Floats) -> Floats:
    """Values (patient, time) at each patient's own days, linear in the logarithm."""
    floor = 1e-12  # a count of zero has no logarithm
    place = np.clip(np.searchsorted(times, days, side="right") - 1, 0, len(times) - 2)
    row = np.arange(len(values))[:, None]
    share = (days - times[place]) / (times[place + 1] - times[place])
    logs = np.log(np.maximum(values, floor))
    return np.asarray(np.exp(logs[row, place] * (1 - share) + logs[row, place + 1] * share))


def reported(
    lineage: str, true: Floats, alive: NDArray[np.bool_], parts: list[tuple[slice, np.random.Generator]]
) -> tuple[Floats, NDArray[np.bool_]]:
    """What the assay of a lineage reports of `true` (patient, visit), and where that is below its limit.

    parts : patients of each block and their stream
    """
    assay = ASSAYS[(LINEAGES | TRANSGENE)[lineage]]
    pieces = [assay.measure(true[which], rng) for which, rng in parts]
    value = np.concatenate([piece[0] for piece in pieces])
    below = np.concatenate([piece[1] for piece in pieces])
    return np.where(alive & np.isfinite(true), value, np.nan), below & alive
