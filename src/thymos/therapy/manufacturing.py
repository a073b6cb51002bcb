"""What each run met in place of what its protocol says: coating, counts, cytokine lots, hour of harvest, and a rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from thymos.biology.culture.medium import CYTOKINES
from thymos.biology.product import Manufacturing
from thymos.lang.errors import StudyError
from thymos.lang.streams import stream
from thymos.therapy.culture import culture_models, typical_lots
from thymos.therapy.culture_protocol import PROTOCOLS, CultureProtocol
from thymos.therapy.sampling import Sample, typical, values_of

Floats = NDArray[np.float64]
CAUSES = tuple(d.name for d in Manufacturing.parameters())


def absent(causes: Iterable[str]) -> dict[str, float]:
    """Values that take causes of difference between runs away, for `fixed`; raises `StudyError` for another name."""
    for cause in causes:
        if cause not in CAUSES:
            raise StudyError("campaign.without", f"one of {', '.join(CAUSES)}", cause)
    return {f"manufacturing.{cause}": 0.0 for cause in causes}


@dataclass(frozen=True)
class Runs:
    """The runs of one draw of what is not known.

    seed, draw : name the chance of these runs
    lots       : number of runs
    fixed      : typical values that are given rather than drawn, by full name
    """

    seed: int
    draw: int
    lots: int
    fixed: Mapping[str, float]

    def met(self, protocol: CultureProtocol, source: str, growth: Floats) -> Sample:
        """Covariates, values and the day of the harvest that differ from the protocol and the donor (lot,).

        growth : growth rate of each run's donor [1/day]

        Raises `StudyError` for a spread below 0.
        """
        counted = self.factor("counting", "counting")
        return {
            **self._potency(protocol),
            "dl4": protocol.dl4 * self.factor("coating", "coating"),
            "seeded_cd34": protocol.seeded_cd34 * counted,
            "seeding_density": protocol.seeding_density * counted,  # into the same volume
            "harvest_day": np.maximum(
                protocol.days + self.spread("harvest_time") * self.normal("harvest time"), 0
            ),
            "progenitors.growth": growth * self.factor("rest", "rest", 1 / yield_gain(source)),
        }

    def _potency(self, protocol: CultureProtocol) -> Sample:
        """Cytokines in the fresh medium of both stages: each from one lot."""
        found: Sample = {}
        for name in map(str.lower, CYTOKINES):
            factor = self.factor("potency", f"potency {name}")
            found |= {stage: getattr(protocol, stage) * factor for stage in (name, f"nk_{name}")}
        return found

    def spread(self, cause: str) -> float:
        """How wide this draw believes a cause to be."""
        name = f"manufacturing.{cause}"
        sd = typical(name, values_of((Manufacturing(),))[name], self.seed, self.draw, self.fixed)
        if not sd >= 0:
            raise StudyError(name, "a spread of 0 or more", f"{sd:g}")
        return sd

    def normal(self, decision: str) -> Floats:
        """Standard normal numbers of one decision (lot,)."""
        return stream(self.seed, f"manufacturing.{decision}", self.draw).standard_normal(self.lots)

    def factor(self, cause: str, decision: str, power: float = 1.0) -> Floats:
        """Log-normal factors of one decision, with median 1 (lot,)."""
        return np.exp(power * self.spread(cause) * self.normal(decision))


@cache
def yield_gain(source: str) -> float:
    """d ln Y / d ln r: CD7+ yield against growth rate, typical donor, clinical process."""
    row = values_of(culture_models(source))["progenitors.growth"]
    rates = row.value * np.array([0.99, 1.01])
    gained = typical_lots(PROTOCOLS["dl4-7d"], source, {"progenitors.growth": rates}).harvest["cd7_per_cd34"]
    return float(np.diff(np.log(gained))[0] / np.diff(np.log(rates))[0])
