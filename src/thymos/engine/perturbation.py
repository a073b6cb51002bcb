"""How parameters are moved so that differences give slopes: which lane moves which parameter, and how far.

A group of lanes holds one patient: the first lane as given, each of the others with one parameter moved. Several
groups (passes) follow each other where there are more parameters than lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Difference formulas: (how many steps each moved lane goes, weight of the lane as given, weights of the moved ones).
Formula = tuple[tuple[int, ...], float, tuple[float, ...]]
FORWARD: Formula = ((1,), -1.0, (1.0,))
CENTRAL: Formula = ((1, -1), 0.0, (0.5, -0.5))
# An event's day is moved to earlier days only: an output on that very day sees the event in all lanes.
EARLIER: Formula = ((-1,), 1.0, (-1.0,))
EARLIER_TWICE: Formula = ((-1, -2), 1.5, (-2.0, 0.5))


@dataclass(frozen=True)
class Perturbation:
    """The moved copies of each patient, in groups of `group` lanes that share their steps.

    columns  : row of the parameter table that each wanted parameter has (parameter,)
    formulas : how each wanted parameter is moved (parameter,)
    lanes    : place of each parameter's moved copies among a patient's lanes (parameter, copy)
    rows     : lanes of one patient in all; those that move nothing are there to fill a group
    """

    columns: tuple[int, ...]
    formulas: tuple[Formula, ...]
    group: int
    lanes: tuple[tuple[int, ...], ...]
    rows: int

    @staticmethod
    def of(columns: Sequence[int], moments: Sequence[bool], central: bool, width: int) -> Perturbation | None:
        """The grouping that needs the fewest lanes of a register of `width`; None where none is wide enough."""
        copies = 2 if central else 1
        sizes = [g for g in (2, 4, 8, 16) if g <= width and width % g == 0 and g > copies]
        if not sizes:
            return None
        room = {g: (g - 1) // copies for g in sizes}
        # Of equals the largest: then fewer passes, whose steps differ, make up one patient.
        group = min(sizes, key=lambda g: (-(-len(columns) // room[g]) * g, -g))
        lanes = []
        for k in range(len(columns)):
            run, place = divmod(k, room[group])
            first = run * group + 1 + place * copies
            lanes.append(tuple(range(first, first + copies)))
        kinds = {False: CENTRAL if central else FORWARD, True: EARLIER_TWICE if central else EARLIER}
        formulas = tuple(kinds[m] for m in moments)
        return Perturbation(
            tuple(columns), formulas, group, tuple(lanes), -(-len(columns) // room[group]) * group
        )

    def table(self, patients: Floats, steps: Floats) -> Floats:
        """Every lane's parameters (parameter, patient x lane) from (parameter, patient), (wanted, patient)."""
        moved = np.repeat(patients[:, :, None], self.rows, axis=2)
        for column, (offsets, _, _), lanes, step in zip(
            self.columns, self.formulas, self.lanes, steps, strict=True
        ):
            for offset, lane in zip(offsets, lanes, strict=True):
                moved[column, :, lane] += offset * step
        return moved.reshape(patients.shape[0], -1)

    def slopes(self, values: Floats, steps: Floats) -> Floats:
        """Slopes (patient, ..., wanted) of (patient x lane, ...), for steps (wanted, patient)."""
        by_lane = self._by_lane(values)
        found = np.empty((*by_lane[:, 0].shape, len(self.columns)))
        for k, (base, moved) in enumerate(self._pairs()):
            _, weight, weights = self.formulas[k]
            total = sum(w * by_lane[:, lane] for w, lane in zip(weights, moved, strict=True))
            step = steps[k].reshape(-1, *(1,) * (values.ndim - 1))
            found[..., k] = (weight * by_lane[:, base] + total) / step
        return found

    def between(self, moments: Floats, times: Floats) -> NDArray[np.bool_]:
        """Whether an output lies between the moments at which its lanes met an event (patient, time, wanted).

        moments : (patient x lane, event), NaN where an event did not happen
        """
        by_lane = self._by_lane(np.where(np.isnan(moments), np.inf, moments))
        found = np.zeros((by_lane.shape[0], times.size, len(self.columns)), np.bool_)
        for k, (base, moved) in enumerate(self._pairs()):
            group = by_lane[:, [base, *moved], None, :]
            first, last = group.min(axis=1), group.max(axis=1)
            found[:, :, k] = ((first <= times[:, None]) & (times[:, None] < last)).any(axis=2)
        return found

    def _by_lane(self, values: Floats) -> Floats:
        """(patient, lane, ...) of (patient x lane, ...)."""
        return values.reshape(len(values) // self.rows, self.rows, *values.shape[1:])

    def _pairs(self) -> list[tuple[int, tuple[int, ...]]]:
        """For each wanted parameter the lane as given and the moved ones."""
        return [(lanes[0] // self.group * self.group, lanes) for lanes in self.lanes]


def step_lengths(values: Floats, eps: float, scales: Floats) -> Floats:
    """About eps times the scale, as a power of two, so that the values moved by it are exact (wanted, patient).

    scales : (wanted,) typical size of each parameter; NaN takes the value's own, and 1 where that is 0
    """
    own = np.where(values == 0.0, 1.0, np.abs(values))
    size = np.where(np.isnan(scales)[:, None], own, scales[:, None])
    with np.errstate(invalid="ignore"):
        return np.exp2(np.round(np.log2(eps * size)))
