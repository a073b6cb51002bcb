"""The clones of a patient: founded by thymic export, graft and conditioning, carried by the recipient's own rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.clones.clones import Clones, founded, together
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.rates import Rates
from thymos.biology.repertoire.clones.starting_clones import memory_clones, naive_classes
from thymos.therapy.t_cell_course import EXPORTING, SOURCES

if TYPE_CHECKING:
    from thymos.biology.repertoire.clones.classes import Classes
    from thymos.therapy.t_cell_course import TCellCourse

Floats = NDArray[np.float64]
THYMIC = len(EXPORTING)


@dataclass(frozen=True)
class Repertoire:
    """Clones of many patients at any output day, as numbers of founders and laws of size.

    course     : cells and rates
    parameters : values by full name (patient,)
    thymic     : law of the exported cells of one clone, from its founder in the thymus to the day of export; arrays
                 (patient,), or (patient, origin) in the order of `EXPORTING`

    Sizes of different clones are independent given the rates, which come from the mean course: right while no clone
    is a large share of its pool.
    """

    course: TCellCourse
    parameters: Mapping[str, Floats]
    thymic: Kendall = field(default_factory=Kendall.founder)

    def naive(self, k: int) -> Clones:
        """Naive clones at output time k: arrays (patient, origin, class)."""
        rates = self._naive_rates
        exported = self._export[:, :, :, None] * self.classes.share[:, None]
        stage = self._stage
        thymic = founded(exported / stage.m[..., None], rates, k, stage)
        start = self.course.by_origin["naive_cells"][:, :, :, :1] * self.classes.share
        # A cell that is there on the day of transplant is one of its clone.
        at_start = Clones(start[..., None], rates.until(k).take((..., slice(0, 1))))
        return together(by_origin(thymic), by_origin(at_start))

    def memory(self, k: int) -> Clones:
        """Memory clones: those of the start, and those that naive cells have founded; (patient, origin, class)."""
        course, rates = self.course, self._memory_rates
        cells = course.by_origin["naive_cells"]
        activated, converted = course.bursts
        groups = [
            founded(course.rates["activation"][:, None] * cells, rates, k, _burst(activated[:, None])),
            founded(course.rates["converting"][:, None] * cells, rates, k, _burst(converted)),
            self._memory_at_start.then(rates.between(0, k)[..., None]),
        ]
        return together(*(by_origin(group) for group in groups))

    def clones(self, k: int, origins: str = "".join(SOURCES)) -> Clones:
        """Naive and memory clones of some origins, (patient, class).

        A memory clone counts apart from the naive clone that its founder came from.
        """
        which = [SOURCES.index(s) for s in origins]
        both = together(self.naive(k), self.memory(k))
        return flat(Clones(both.number[:, which], both.law.take((slice(None), which))))

    # ---- rates and flows

    @cached_property
    def classes(self) -> Classes:
        """Classes of division of naive cells, the typical values of all patients here."""
        share, division = (
            float(np.median(self.parameters[f"starting_clones.{name}"]))
            for name in ("fast_share", "fast_division")
        )
        return naive_classes(share, division)

    @cached_property
    def _export(self) -> Floats:
        """(patient, origin, lineage, time); none of the graft's mature cells."""
        export = self.course.by_origin["export"]
        return np.concatenate([export, np.zeros_like(export[:, :1])], axis=1)

    @cached_property
    def _naive_rates(self) -> Rates:
        """(patient, origin, lineage, class, time)."""
        course = self.course
        pool = Rates(
            course.times, *(course.rates[name][:, None] for name in ("naive_dividing", "naive_leaving"))
        )
        return self.classes.rates(pool, self._export, course.by_origin["naive_cells"])

    @cached_property
    def _memory_rates(self) -> Rates:
        """(patient, 1, lineage, time)."""
        rates = self.course.rates
        return Rates(self.course.times, rates["memory_dividing"][:, None], rates["memory_leaving"][:, None])

    @cached_property
    def _memory_at_start(self) -> Clones:
        """(patient, origin, lineage, class)."""
        cells = self.course.by_origin["memory_cells"][..., 0]
        mine = {
            name: x[:, None, None]
            for name, x in self.parameters.items()
            if name.startswith("starting_clones.")
        }
        return memory_clones(cells, mine)

    @cached_property
    def _stage(self) -> Kendall:
        """The law of the exported cells of a clone, (patient, origin, lineage, class, time)."""
        return Kendall(
            *(self._over_origins(x)[:, :, None, None, None] for x in (self.thymic.m, self.thymic.B))
        )

    def _over_origins(self, x: Floats) -> Floats:
        """(patient, origin) of all `SOURCES` from a number, (patient,), or (patient, origin) of those that export."""
        patients = len(self.course.per_cell_in_blood)
        whole = np.ones((patients, len(SOURCES)))
        exporting = np.broadcast_to(x if np.ndim(x) == 2 else np.reshape(x, (-1, 1)), (patients, THYMIC))
        whole[:, :THYMIC] = exporting
        return whole


def _burst(mean: Floats) -> Kendall:
    """Cells that one founder makes at once, (patient, origin, lineage, time)."""
    law = Kendall.burst(mean)
    return Kendall(law.m[..., None, None], law.B[..., None, None])


def by_origin(clones: Clones) -> Clones:
    """(patient, origin, ...) to (patient, origin, class)."""
    number, m, B = np.broadcast_arrays(clones.number, clones.law.m, clones.law.B)
    shape = (*number.shape[:2], -1)
    return Clones(number.reshape(shape), Kendall(m.reshape(shape), B.reshape(shape)))


def flat(clones: Clones) -> Clones:
    """(patient, ...) to (patient, class)."""
    number, m, B = np.broadcast_arrays(clones.number, clones.law.m, clones.law.B)
    shape = (len(number), -1)
    return Clones(number.reshape(shape), Kendall(m.reshape(shape), B.reshape(shape)))
