"""The clones of a patient: founded by thymic export, graft and conditioning, carried by the recipient's own rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.biology.repertoire.clones.classes import Classes
from thymos.biology.repertoire.clones.clone_sizes import (
    CloneSizes,
    bursts,
    memory_classes,
    memory_clones,
    naive_classes,
    responders,
    values,
)
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


class Founding(NamedTuple):
    """A flow that founds clones, arrays (patient, origin, lineage, class, time) or what broadcasts to it.

    influx : founders per day;  rates : of the clones founded
    start  : law of a clone's size on the day it is founded, (patient, origin, lineage, class, 1)
    every  : steps of the rates' grid in one of the influx'
    """

    influx: Floats
    rates: Rates
    start: Kendall
    every: int = 1

    def clones(self, k: int) -> Clones:
        """Those founded up to output time k of the course, (patient, origin, class)."""
        return by_origin(whole(self.means(k)))

    def means(self, k: int) -> Clones:
        """The same as numbers that may be less than one, (patient, origin, lineage, class, time)."""
        return founded(self.influx, self.rates, k * FINER // self.every, self.start, self.every)


@dataclass(frozen=True)
class Repertoire:
    """Clones of many patients at any output day, as numbers of founders and laws of size.

    course     : cells and rates
    parameters : values of the recipient and of `clonal_models` by full name (patient,)

    Sizes of different clones are independent given the rates, which come from the mean course: right while no clone
    is a large share of its pool. Cells of one clone leave the thymus on one day. Of each kind, the clones that are
    founded while fewer than one is expected to be left are one clone.
    """

    course: TCellCourse
    parameters: Mapping[str, Floats]

    def emigrants(self, k: int, level: str = "tcr") -> Clones:
        """Naive clones that the thymus has exported up to output time k, (patient, origin, class).

        level : what makes cells one clone: a receptor ("tcr"), a beta chain ("trb"), or a progenitor that settled in
                the thymus ("lineage")
        """
        return self.emigration(level).clones(k)

    def residents(self, k: int) -> Clones:
        """Naive clones that were there on the day of transplant, one cell of each; (patient, origin, class)."""
        return by_origin(Clones(self.there[..., None], self.naive_rates.until(k * FINER).take(FIRST)))

    def memory(self, k: int) -> Clones:
        """Memory clones: those of the start, and those that naive cells have founded; (patient, origin, class)."""
        law = self.memory_rates.until(k * FINER).take((..., 0))
        grown = Kendall(law.m[:, :, :, None], law.B[:, :, :, None])  # of any size
        return together(
            by_origin(self.memory_at_start.then(grown)), *(flow.clones(k) for flow in self.bursting)
        )

    def clones(self, k: int) -> Clones:
        """All clones by origin, (patient, origin, class).

        A memory clone counts apart from the naive clone that its founder came from.
        """
        return together(self.emigrants(k), self.residents(k), self.memory(k))

    def take(self, patient: int) -> Repertoire:
        """One of the patients."""
        which = slice(patient, patient + 1)
        return Repertoire(self.course.take(which), {name: x[which] for name, x in self.parameters.items()})

    # ---- what founds clones

    def emigration(self, level: str = "tcr") -> Founding:
        """Founders in the thymus, taken to begin on the day on which their cells leave it."""
        law = self.lineage.law(level)
        stage = Kendall(*(np.asarray(x)[..., None, None, None] for x in (law.m, law.B)))
        exported = self.export[:, :, :, None] * self.classes.share[..., None]
        return Founding(exported / stage.m, self.naive_rates, stage)

    @cached_property
    def there(self) -> Floats:
        """Naive cells on the day of transplant, (patient, origin, lineage, class)."""
        return self.course.by_origin["naive_cells"][..., 0, None] * self.classes.share

    @cached_property
    def memory_at_start(self) -> Clones:
        """On the day of transplant, (patient, origin, lineage, size, class): others and responders."""
        found = memory_clones(self.course.by_origin["memory_cells"][..., 0], self.parameters)
        part = responders(self.parameters)[:, None, None]
        number = found.number[..., None] * np.stack([1 - part, part], axis=-1)
        return Clones(number, Kendall(found.law.m[..., None], found.law.B[..., None]))

    @cached_property
    def bursting(self) -> tuple[Founding, Founding]:
        """Naive cells that are activated, and those that turn memory for want of T cells, by size of their burst."""
        activated, converted = self._burst_means
        return self._bursting("activation", activated), self._bursting("converting", converted)

    def _bursting(self, flow: str, mean: Floats) -> Founding:
        leaving = self.course.rates[flow][:, None] * self.course.by_origin["naive_cells"]
        share, law = bursts(mean[..., None], self.parameters)  # (patient, origin, 1, size)
        rates = self.memory_rates
        others = Rates(rates.times, rates.birth[..., :1, :], rates.death[..., :1, :])
        start = Kendall(law.m[..., None], law.B[..., None])
        return Founding(leaving[..., None, :] * share[..., None], others, start, FINER)

    # ---- rates and flows

    @cached_property
    def classes(self) -> Classes:
        """Classes of division of naive cells, (patient, 1, 1, class)."""
        found = naive_classes(self.parameters)
        return Classes(found.share[:, None, None], found.division[:, None, None])

    @cached_property
    def export(self) -> Floats:
        """(patient, origin, lineage, time) on the finer grid; none of the graft's mature cells."""
        export = self.course.by_origin["export"]
        all_four = np.concatenate([export, np.zeros_like(export[:, :1])], axis=1)
        # Straight lines of the logarithm: export begins by growing many-fold in a day.
        flow = np.exp(finer(np.log(np.maximum(all_four, NOTHING))))
        return np.where(flow > 2 * NOTHING, flow, 0.0)

    @cached_property
    def naive_rates(self) -> Rates:
        """(patient, origin, lineage, class, time) on the finer grid."""
        rates = self.course.rates
        flows = (rates["naive_dividing"][:, None], rates["naive_leaving"][:, None])
        pool = Rates(*(finer(x) for x in (self.course.times, *flows)))
        cells = pool.cells(self.export, self.course.by_origin["naive_cells"][..., 0])
        return self.classes.rates(pool, self.export, cells)

    @cached_property
    def memory_rates(self) -> Rates:
        """(patient, origin, lineage, class, time) on the finer grid."""
        rates, by_origin_ = self.course.rates, self.course.by_origin
        flows = (rates["memory_dividing"][:, None], rates["memory_leaving"][:, None])
        pool = Rates(*(finer(x) for x in (self.course.times, *flows)))
        activated, converted = (mean[..., None, None] for mean in self._burst_means)
        made = rates["activation"][:, None] * activated + rates["converting"][:, None] * converted
        influx = finer(made * by_origin_["naive_cells"])
        start = by_origin_["memory_cells"][..., 0]
        mine = np.minimum(values(self.parameters, "responder_share"), 1.0)[:, None, None]
        found = memory_classes(self.parameters)
        classes = Classes(found.share[:, None, None], found.division[:, None, None])
        shares = np.broadcast_to(np.stack([1 - mine, mine], axis=-1), (*start.shape, 2))
        return classes.rates(pool, influx, pool.cells(influx, start), shares)

    @property
    def _burst_means(self) -> tuple[Floats, Floats]:
        """Of naive cells that are activated, and that convert, (patient, origin)."""
        activated, converted = self.course.bursts
        return activated[:, None], converted

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
