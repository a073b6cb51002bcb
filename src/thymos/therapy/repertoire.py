"""The clones of a patient: founded by thymic export, graft and conditioning, carried by the recipient's own rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.clones.classes import Classes
from thymos.biology.repertoire.clones.clone_sizes import CloneSizes, bursts, memory_clones, naive_classes
from thymos.biology.repertoire.clones.clones import Clones, founded, together
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.lineage import Lineage, ThymicLineage
from thymos.biology.repertoire.clones.rates import Rates
from thymos.therapy.t_cell_course import SOURCES

if TYPE_CHECKING:
    from thymos.lang.model import Model
    from thymos.therapy.t_cell_course import TCellCourse

Floats = NDArray[np.float64]
FIRST = (..., slice(0, 1))


def clonal_models() -> tuple[Model, ...]:
    """The models whose values clones follow from, beside those of the recipient."""
    return ThymicLineage(), CloneSizes()


@dataclass(frozen=True)
class Repertoire:
    """Clones of many patients at any output day, as numbers of founders and laws of size.

    course     : cells and rates
    parameters : values of the recipient and of `clonal_models` by full name (patient,)

    Sizes of different clones are independent given the rates, which come from the mean course: right while no clone
    is a large share of its pool. Cells of one clone leave the thymus on one day.
    """

    course: TCellCourse
    parameters: Mapping[str, Floats]

    def naive(self, k: int, level: str = "tcr") -> Clones:
        """Naive clones at output time k, (patient, origin, class).

        level : what makes cells one clone: a receptor ("tcr"), a beta chain ("trb"), or a progenitor that settled in
                the thymus ("lineage"); a cell that is there on the day of transplant is one of its clone at any level
        """
        rates, stage = self._naive_rates, self._stage(level)
        exported = self._export[:, :, :, None] * self._share[..., None]
        thymic = founded(exported / stage.m, rates, k, stage)
        there = self.course.by_origin["naive_cells"][..., 0, None] * self._share
        return together(by_origin(thymic), by_origin(Clones(there[..., None], rates.until(k).take(FIRST))))

    def memory(self, k: int) -> Clones:
        """Memory clones: those of the start, and those that naive cells have founded; (patient, origin, class)."""
        activated, converted = self.course.bursts
        groups = (
            self._memory_at_start.then(self._memory_rates.until(k).take(FIRST)),
            self._bursting("activation", activated[:, None], k),
            self._bursting("converting", converted, k),
        )
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
        """Classes of division of naive cells, (patient, 1, 1, class)."""
        found = naive_classes(self.parameters)
        return Classes(found.share[:, None, None], found.division[:, None, None])

    @property
    def _share(self) -> Floats:
        return self.classes.share

    @cached_property
    def _export(self) -> Floats:
        """(patient, origin, lineage, time); none of the graft's mature cells."""
        export = self.course.by_origin["export"]
        return np.concatenate([export, np.zeros_like(export[:, :1])], axis=1)

    @cached_property
    def _naive_rates(self) -> Rates:
        """(patient, origin, lineage, class, time)."""
        rates = self.course.rates
        pool = Rates(self.course.times, rates["naive_dividing"][:, None], rates["naive_leaving"][:, None])
        return self.classes.rates(pool, self._export, self.course.by_origin["naive_cells"])

    @cached_property
    def _memory_rates(self) -> Rates:
        """(patient, 1, lineage, time)."""
        rates = self.course.rates
        return Rates(self.course.times, rates["memory_dividing"][:, None], rates["memory_leaving"][:, None])

    @cached_property
    def _memory_at_start(self) -> Clones:
        """(patient, origin, lineage, size)."""
        return memory_clones(self.course.by_origin["memory_cells"][..., 0], self.parameters)

    def _bursting(self, flow: str, mean: Floats, k: int) -> Clones:
        """Memory clones founded by a flow of naive cells, (patient, origin, lineage, size, time)."""
        leaving = self.course.rates[flow][:, None] * self.course.by_origin["naive_cells"]
        share, law = bursts(mean[..., None], self.parameters)  # (patient, origin, 1, size)
        rates = self._memory_rates
        alike = Rates(rates.times, rates.birth[..., None, :], rates.death[..., None, :])
        start = Kendall(law.m[..., None], law.B[..., None])
        return founded(leaving[..., None, :] * share[..., None], alike, k, start)

    @cached_property
    def lineage(self) -> Lineage:
        """What one settled progenitor makes, (patient, origin); the infused may have missed divisions."""
        p = self.parameters
        missed = np.where([s == "I" for s in SOURCES], p["thymus.missed_divisions"][:, None], 0.0)
        rows = ("thymic_lineage.dp_burst", "thymus.selection")
        K, passed = (p[name][:, None] for name in rows)
        made = p["thymic_capacity.cells_per_seeding"][:, None] * 2.0**-missed
        loss = (p[f"thymic_lineage.{name}"][:, None] for name in ("dn_loss", "dp_loss"))
        return Lineage.of(made, K, passed, (p["thymus.sp_gain"] * p["thymus.sp_late_gain"])[:, None], *loss)

    def _stage(self, level: str) -> Kendall:
        """Exported cells of one clone of a level, (patient, origin, 1, 1, 1)."""
        law = self.lineage.law(level)
        return Kendall(*(np.asarray(x)[..., None, None, None] for x in (law.m, law.B)))


def by_origin(clones: Clones) -> Clones:
    """(patient, origin, ...) to (patient, origin, class)."""
    return _joined(clones, 2)


def flat(clones: Clones) -> Clones:
    """(patient, ...) to (patient, class)."""
    return _joined(clones, 1)


def _joined(clones: Clones, lead: int) -> Clones:
    parts = np.broadcast_arrays(clones.number, clones.law.m, clones.law.B)
    number, m, B = (x.reshape(*x.shape[:lead], -1) for x in parts)
    return Clones(number, Kendall(m, B))
