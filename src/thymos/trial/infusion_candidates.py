"""Infusions among which one is chosen: all of a grid, then finer around the best; what each brings and costs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.infusion_schema import Early, Gain, Reach
from thymos.lang.errors import StudyError
from thymos.trial.infusion import Infusion
from thymos.trial.infusion_pairs import Compared
from thymos.trial.infusion_value import value_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thymos.io.infusion_schema import InfusionDesign, Limits

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DOSES, DAYS, FINER = 7, 6, 5


@dataclass(frozen=True)
class Candidates:
    """Some infusions and what was seen of them."""

    infusions: tuple[Infusion, ...]
    compared: Compared

    def and_more(self, infusions: Sequence[Infusion], compared: Compared) -> Candidates:
        """With those of a finer grid."""
        return Candidates((*self.infusions, *infusions), Compared.joined([self.compared, compared]))

    def score(self, aim: Reach | Gain | Early) -> Floats:
        """What each brings each patient (infusion, patient): whether the level is reached, or the gain."""
        value = value_named(aim.value, "aim.value")
        if not isinstance(aim, Reach):
            return self.compared.gain(aim.value)
        return reached(aim, self.compared.treated[value.name])

    def untreated(self, aim: Reach) -> float:
        """Share of untreated patients who reach the level."""
        found = reached(aim, self.compared.twin[value_named(aim.value, "aim.value").name][0])
        return float(np.nanmean(found))

    @property
    def cost(self) -> Floats:
        """Mean of the cells given in all (infusion,)."""
        return np.asarray(self.compared.cells.mean(axis=1))

    @property
    def day(self) -> Floats:
        """Day of the first infusion (infusion,)."""
        return np.array([one.day for one in self.infusions])

    def low_atg(self, limits: Limits) -> Flags:
        """Whether ATG is low enough in enough patients (infusion,)."""
        if limits.atg is None:
            return np.ones(len(self.infusions), bool)
        return np.asarray((self.compared.atg <= limits.atg).mean(axis=1) >= limits.atg_share)

    def allowed(self, design: InfusionDesign) -> Flags:
        """Those that keep the limits; for an early day those of the first such day."""
        low = self.low_atg(design.limits)
        if isinstance(design.aim, Early) and low.any():
            return np.asarray(low & (self.day == self.day[low].min()))
        return low


def reached(aim: Reach, values: Floats) -> Floats:
    """1 where a value reaches the aim's level, 0 where not, nan where it could not be solved."""
    value = value_named(aim.value, "aim.value")
    if value.share:
        return values
    assert aim.level is not None, "checked in the schema"  # noqa: S101
    found = values <= aim.level if value.less else values > aim.level
    return np.where(np.isfinite(values), found, np.nan)


def coarse(design: InfusionDesign) -> list[Infusion]:
    """All that may be chosen, on a grid: doses in equal factors, whole days."""
    span, days = design.choices.dose, design.choices.day
    most = min(span.high, design.limits.dose or np.inf)
    if most < span.low:
        raise StudyError(
            "limits.dose",
            f"at least the least dose that may be chosen, {span.low:g} cell/kg",
            f"{most:g} cell/kg",
        )
    total = np.geomspace(span.low, most, DOSES) if most > span.low else np.array([most])
    first, last = days.low, days.high
    step = max(1.0, np.ceil((last - first) / (DAYS - 1)))
    when = np.unique(np.append(np.arange(first, last, step), last))
    return [_infusion(design, z, d, n) for n in design.choices.doses for d in when for z in total]


def finer(design: InfusionDesign, best: Infusion, seen: Sequence[Infusion]) -> list[Infusion]:
    """Around the best of those seen: doses up to its neighbours', days of the coarse step."""
    mine = sorted({one.dose for one in seen if one.doses == best.doses})
    at = mine.index(best.dose)
    low, high = mine[max(at - 1, 0)], mine[min(at + 1, len(mine) - 1)]
    days = sorted({one.day for one in seen})
    step = int(max((b - a for a, b in pairwise(days)), default=1))
    when = [d for d in np.arange(best.day - step + 1, best.day + step) if days[0] <= d <= days[-1]]
    each = np.geomspace(low, high, FINER + 2)[1:-1] if low < high else np.array([])
    found = [_infusion(design, z * best.doses, d, best.doses) for d in when for z in each]
    return [one for one in found if one not in set(seen)]


def _infusion(design: InfusionDesign, total: float, day: float, doses: int) -> Infusion:
    # Three digits, as a bag is labelled; never above the limit.
    each = float(f"{total / doses:.3g}")
    return Infusion(each, float(day), doses, design.choices.gap if doses == 2 else Infusion(0.0, 0.0).gap)
