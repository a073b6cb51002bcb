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
from thymos.biology.repertoire.clones.clones import Clones, founded, together, whole
from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.biology.repertoire.clones.lineage import Lineage, ThymicLineage
from thymos.biology.repertoire.clones.rates import Rates
from thymos.therapy.t_cell_course import SOURCES

if TYPE_CHECKING:
    from thymos.lang.model import Model
    from thymos.therapy.t_cell_course import TCellCourse

Floats = NDArray[np.float64]
FIRST = (..., slice(0, 1))
NOTHING = 1e-12  # cell/day; has a logarithm
FINER = 4
"""Steps within one of the course in which naive clones are founded and followed: fast classes soon outgrow others."""


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

    def emigrants(self, k: int, level: str = "tcr") -> Clones:
        """Naive clones that the thymus has exported up to output time k, (patient, origin, class).

        level : what makes cells one clone: a receptor ("tcr"), a beta chain ("trb"), or a progenitor that settled in
                the thymus ("lineage")
        """
        rates, stage = self._naive_rates, self._stage(level)
        exported = self._export[:, :, :, None] * self.classes.share[..., None]
        return by_origin(whole(founded(exported / stage.m, rates, k * FINER, stage)))

    def residents(self, k: int) -> Clones:
        """Naive clones that were there on the day of transplant, one cell of each; (patient, origin, class)."""
        there = self.course.by_origin["naive_cells"][..., 0, None] * self.classes.share
        return by_origin(Clones(there[..., None], self._naive_rates.until(k * FINER).take(FIRST)))

    def memory(self, k: int) -> Clones:
        """Memory clones: those of the start, and those that naive cells have founded; (patient, origin, class)."""
        activated, converted = self.course.bursts
        groups = (
            self._memory_at_start.then(self._memory_rates.until(k).take(FIRST)),
            self._bursting("activation", activated[:, None], k),
            self._bursting("converting", converted, k),
        )
        return together(*(by_origin(group) for group in groups))

    def clones(self, k: int) -> Clones:
        """All clones by origin, (patient, origin, class).

        A memory clone counts apart from the naive clone that its founder came from.
        """
        return together(self.emigrants(k), self.residents(k), self.memory(k))

    # ---- rates and flows

    @cached_property
    def classes(self) -> Classes:
        """Classes of division of naive cells, (patient, 1, 1, class)."""
        found = naive_classes(self.parameters)
        return Classes(found.share[:, None, None], found.division[:, None, None])

    @cached_property
    def _export(self) -> Floats:
        """(patient, origin, lineage, time) on the finer grid; none of the graft's mature cells."""
        export = self.course.by_origin["export"]
        all_four = np.concatenate([export, np.zeros_like(export[:, :1])], axis=1)
        # Straight lines of the logarithm: export begins by growing many-fold in a day.
        flow = np.exp(finer(np.log(np.maximum(all_four, NOTHING))))
        return np.where(flow > 2 * NOTHING, flow, 0.0)

    @cached_property
    def _naive_rates(self) -> Rates:
        """(patient, origin, lineage, class, time) on the finer grid."""
        rates = self.course.rates
        flows = (rates["naive_dividing"][:, None], rates["naive_leaving"][:, None])
        pool = Rates(*(finer(x) for x in (self.course.times, *flows)))
        cells = pool.cells(self._export, self.course.by_origin["naive_cells"][..., 0])
        return self.classes.rates(pool, self._export, cells)

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
        return whole(founded(leaving[..., None, :] * share[..., None], alike, k, start))

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


def finer(x: Floats) -> Floats:
    """Values (..., time) with `FINER` steps for each, straight lines between them."""
    share = np.arange(FINER) / FINER
    between = x[..., :-1, None] * (1 - share) + x[..., 1:, None] * share
    return np.concatenate([between.reshape(*x.shape[:-1], -1), x[..., -1:]], axis=-1)


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
