"""The transgene in the recipient: which of the product's T cells carry and express it, and the copies in blood.

A label changes nothing in the recipient: cells with the transgene live and divide like those without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray

from thymos.biology.culture.copies import without

if TYPE_CHECKING:
    from thymos.therapy.culture import Lots
    from thymos.therapy.sampling import Sample

PerPatient = Annotated[NDArray[np.float64], "patient"]
Course = Annotated[NDArray[np.float64], "patient time"]
PURE = 1e-9  # a share below it or above its complement has no chance left


@dataclass(frozen=True)
class Label:
    """What settled in the thymus of each patient; arrays (patient,), those of origins (patient, origin).

    luck           : marked share of those that settled, over that of the infused cells
    origins        : share of the infused cells that descends from cells of G0 and from others at transduction
    copies         : mean integrated copies per cell of each origin
    overdispersion : of those copies; 0 Poisson
    expressing     : share of copies that is expressed at infusion
    silencing      : rate at which copies fall silent [1/day]
    """

    luck: PerPatient
    origins: Annotated[NDArray[np.float64], "patient origin"]
    copies: Annotated[NDArray[np.float64], "patient origin"]
    overdispersion: PerPatient
    expressing: PerPatient
    silencing: PerPatient

    @property
    def marked(self) -> PerPatient:
        """Marked share of the patient's product-derived T cells."""
        return self.luck * self._with_any(self.copies)

    def expressed(self, since: Course) -> Course:
        """Share of product-derived T cells that expresses the transgene, `since` days after infusion."""
        left = self.expressing[:, None] * np.exp(-self.silencing[:, None] * np.maximum(since, 0))
        shares = [self._with_any(self.copies * left[:, [i]]) for i in range(since.shape[1])]
        return self.luck[:, None] * np.stack(shares, axis=1)

    def in_blood(
        self, since: Course, infused: Course, lineages: Course, cd3: Course
    ) -> tuple[Course, Course]:
        """T cells that express the transgene [cell/uL], and integrated copies per T cell [copy/cell].

        since    : days after infusion
        infused  : CD4+ and CD8+ T cells of infused origin [cell/uL]
        lineages : all CD4+ and CD8+ T cells [cell/uL]
        cd3      : all T cells, those that are neither included [cell/uL]
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(lineages > 0, infused / lineages, 0.0)
        per_cell = self.luck * (self.origins * self.copies).sum(axis=1)
        return cd3 * share * self.expressed(since), share * per_cell[:, None]

    def _with_any(self, mean: NDArray[np.float64]) -> PerPatient:
        """Share of infused cells with at least one of the copies of which there are `mean` per cell and origin."""
        varied = self.overdispersion > 0
        by_poisson = without(mean)
        by_binomial = without(mean, np.where(varied, self.overdispersion, 1.0)[:, None])
        none = np.where(varied[:, None], by_binomial, by_poisson)
        return np.asarray((self.origins * (1 - none)).sum(axis=1))


def label_of(lots: Lots, settling: PerPatient, u: PerPatient) -> Label:
    """The label of one lot for each patient.

    settling : cells that settle in the thymus; few of them are marked in another share than the many infused
    u        : a uniform number for each patient, which decides that share
    """
    made, p = lots.harvest, lots.sample
    from_g0 = made["cd7_from_g0_percent"] / 100
    cycling = made["cycling_copies"]
    switched = p.get("transgene.vcn_dispersion=negative_binomial", np.zeros_like(u))
    marked = made["cd7_marked_percent"] / 100
    return Label(
        luck=founders(marked, settling, u),
        origins=np.stack([from_g0, 1 - from_g0], axis=1),
        copies=np.stack([cycling * p["transgene.resting_uptake"], cycling], axis=1),
        overdispersion=switched * p["transgene.overdispersion"],
        expressing=made["copies_expressed"],
        silencing=p["transgene.silencing"],
    )


def founders(marked: PerPatient, settling: PerPatient, u: PerPatient) -> PerPatient:
    """Marked share of the settled cells over that of the infused ones: the u-quantile of a beta law.

    Its mean is 1 and its variance that of `settling` + 1 founders who leave equal offspring.
    """
    from scipy.special import betaincinv

    share = np.clip(marked, PURE, 1 - PURE)
    n = np.maximum(settling, 1.0)
    drawn = betaincinv(share * n, (1 - share) * n, u)
    mixed = (marked > PURE) & (marked < 1 - PURE) & np.isfinite(settling)
    return np.where(mixed, drawn / share, 1.0)


def homing(recipient: Sample | Mapping[str, PerPatient]) -> PerPatient:
    """Share of infused cells that settles in an empty, uninjured thymus; drugs, GvHD and irradiation lower it."""
    return recipient["homing.competent"] * recipient["homing.homing_fraction"]
