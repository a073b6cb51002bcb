"""What a trial needs of a campaign: lots, starting cells and collections, by chance and by what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.lang.streams import stream
from thymos.trial.interval import Draws, Probability, probability, quantity
from thymos.trial.lots_needed import all_served, at_least_one, least, least_amount, mean_of

if TYPE_CHECKING:
    from thymos.therapy.campaign import Campaign
    from thymos.trial.campaign_plan import Plan

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
MOST_COLLECTIONS = 50


@dataclass(frozen=True)
class Supply:
    """A campaign against a plan.

    met   : whether each lot meets the specification (lot,)
    cells : viable cells of the product in each bag [cell]; nan for a lot that failed (lot,)
    seed  : of the order in which collections are put together
    """

    campaign: Campaign
    plan: Plan
    met: Flags
    cells: Floats
    seed: int

    @cached_property
    def draws(self) -> list[Ints]:
        """Lots of each draw."""
        return [np.flatnonzero(self.campaign.draw == d) for d in np.unique(self.campaign.draw)]

    @cached_property
    def doses(self) -> Ints:
        """Whole doses in each lot that may be given (lot,)."""
        held = np.floor(np.nan_to_num(self.cells) / self.plan.cells)
        return np.where(self.met, np.minimum(held, self.plan.patients), 0).astype(np.int64)

    def share(self, happened: Flags) -> Probability:
        """Share of lots, its interval over what is not known: a donor's lots are no independent trials."""
        donor = self.campaign.donor
        lots = np.bincount(donor)
        draw = self.campaign.draw[np.unique(donor, return_index=True)[1]]
        found = probability(np.bincount(donor, happened) / lots, Draws.of(draw))
        return {**found, "n": len(happened)}

    def dose_curve(self, weights: Floats) -> list[dict[str, Any]]:
        """Chance that a lot holds the dose of a patient, by body weight [kg]."""
        return [
            {"weight": float(w), **self.share(self.cells >= self.plan.dose * w)} for w in np.asarray(weights)
        ]

    # ---- lots

    def own_donor(self) -> dict[str, Any]:
        """Each patient has a donor, whose lots are made one after the other until one may be given."""
        donors = [self._of_donors(lots) for lots in self.draws]
        most = min(int(made.min()) for _, made in donors)
        one = [
            np.array([at_least_one(good, made, k).mean() for k in range(1, most + 1)])
            for good, made in donors
        ]
        sure = [served**self.plan.patients for served in one]
        tries = least(mean_of(sure), self.plan.assurance)
        last = most if np.isinf(tries) else int(tries)
        made = [1 + np.sum(1 - served[: last - 1]) for served in one]
        return {
            **self._needed(sure),
            "most_tried": most,
            "chance_at_most": quantity([s[-1] for s in sure], ""),
            "lots_expected": quantity(self.plan.patients * np.array(made), ""),
        }

    def any_donor(self, shared: bool) -> dict[str, Any]:
        """Lots of many donors serve whoever comes; `shared`: a lot serves as many patients as it holds doses for."""
        held = self.doses if shared else np.minimum(self.doses, 1)
        chances = [
            all_served(np.bincount(held[lots], minlength=2) / len(lots), self.plan.patients)
            for lots in self.draws
        ]
        return self._needed(chances)

    def _of_donors(self, lots: Ints) -> tuple[Ints, Ints]:
        """Lots that may be given and hold the dose, and lots made, of each donor among these lots."""
        _, donor = np.unique(self.campaign.donor[lots], return_inverse=True)
        good = np.bincount(donor, self.doses[lots] > 0).astype(np.int64)
        return good, np.bincount(donor)

    def _needed(self, chances: list[Floats]) -> dict[str, Any]:
        """Least number with chance and ignorance together, and under each draw alone."""
        sure = self.plan.assurance
        return {
            "lots": _finite(least(mean_of(chances), sure)),
            "by_draw": _over_draws([least(chance, sure) for chance in chances], ""),
        }

    # ---- starting cells

    def starting_cells(self) -> dict[str, Any]:
        """CD34+ cells to seed so that every patient's one lot holds the dose, the specification apart."""
        per_cell = np.nan_to_num(self.cells) / self.campaign.counted_cd34
        with np.errstate(divide="ignore"):
            wanted = np.where(per_cell > 0, self.plan.cells / per_cell, np.inf)
        each = [np.sort(wanted[lots]) for lots in self.draws]

        def chance(seeded: float, of: list[Floats]) -> float:
            below = [np.searchsorted(w, seeded, side="right") / len(w) for w in of]
            return float(np.mean(np.power(below, self.plan.patients)))

        sure = self.plan.assurance
        alone = [least_amount(lambda s, w=w: chance(s, [w]), w[np.isfinite(w)], sure) for w in each]  # type: ignore[misc]  # bound here, which mypy cannot type
        every = np.sort(wanted[np.isfinite(wanted)])
        together = least_amount(lambda s: chance(s, each), every, sure)
        return {"per_lot": _finite(together), "by_draw": _over_draws(alone, "cell"), "unit": "cell"}

    def collections(self, seeded: float) -> dict[str, Any]:
        """Whether one collection gives the cells of a lot, and how many would.

        seeded : viable CD34+ cells of one lot [cell]
        """
        per_kg = self.campaign.unit == "cell/kg"
        selected = self.campaign.selected * (self.plan.weight if per_kg else 1)
        enough = np.mean(
            [self._sums_reach(selected, draw, lots, seeded) for draw, lots in enumerate(self.draws)], 0
        )
        return {
            "selected": quantity(selected, "cell"),
            "one_is_enough": self.share(selected >= seeded),
            "per_lot": _finite(least(enough, self.plan.assurance)),
        }

    def _sums_reach(self, selected: Floats, draw: int, lots: Ints, seeded: float) -> Floats:
        """Chance that 1, 2, ... collections of one draw together hold the cells."""
        mine = selected[lots[self.campaign.run[lots] == 0]]
        mine = mine[stream(self.seed, "campaign.collections", draw).permutation(len(mine))]
        total, found = np.zeros(len(mine)), []
        for k in range(MOST_COLLECTIONS):
            total = total + np.roll(mine, k)
            found.append(np.mean(total >= seeded))
        return np.array(found)


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None


def _over_draws(numbers: list[float], unit: str) -> dict[str, Any]:
    """Median and 95 % of draws; null where that many draws need more than could be made."""
    low, middle, high = np.quantile(numbers, (0.025, 0.5, 0.975), method="inverted_cdf")
    return {"median": _finite(middle), "low": _finite(low), "high": _finite(high), "unit": unit}
