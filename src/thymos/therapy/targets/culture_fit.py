"""What a fit of the T arm needs: priors and residuals, first of the typical donor, then of the spread of donors.

`inference.calibrate.fit` turns them into the calibrated values of the culture's `.toml` files; a test repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thymos.therapy.culture import Floats, Lots, simulate_culture, typical_lots
from thymos.therapy.targets.culture import SPREAD_TARGETS, TARGETS, free_parameters
from thymos.therapy.targets.culture_predictions import CLINICAL, PRODUCTS, predictions, spread

if TYPE_CHECKING:
    from thymos.evidence.distributions import LogNormal

SEED = 20260
SPREADING = ("progenitors.growth", "progenitors.myeloid_odds")


class Prior(NamedTuple):
    """Before the fit: middle, hard limits, and standard deviation of the logarithm."""

    start: float
    low: float
    high: float
    doubt: float


def typical_prior() -> dict[str, Prior]:
    """The free parameters, by full name: log-normal, with the row's range as its 95 % interval.

    The middle is that of the range, not the value that stands in the row, so a repeated fit stays where it is.
    """
    ranges = {name: row.range for name, row in free_parameters().items() if row.range is not None}
    return {
        name: Prior(float(np.sqrt(low * high)), low, high, float(np.log(high / low)) / 4)
        for name, (low, high) in ranges.items()
    }


def typical_residuals(values: Mapping[str, float]) -> Floats:
    """Distances of the typical donor from the targets, in standard deviations, for values by full name."""
    found = predictions(values)
    return np.array([t.residual(found[t.name]) for t in TARGETS if t.use == "calibrate"])


def spread_prior() -> dict[str, Prior]:
    """Standard deviations of the logarithm between donors, hardly limited."""
    return {name: Prior(sd, sd / 10, sd * 10, 5.0) for name, sd in zip(SPREADING, (0.1, 1.5), strict=True)}


@dataclass(frozen=True)
class SpreadOfDonors:
    """Lots at the values that stand in the rows, `n` for each published product, whose spread can be moved.

    Sources, and what the other rows say of donors, come first; growth and the myeloid branch take what is left.
    """

    n: int
    seed: int

    def residuals(self, values: Mapping[str, float]) -> Floats:
        """Distances from the published spread; values are SDs of the logarithm by full name of the parameter."""
        found = spread([self._moved(lot, values).harvest for lot in self._lots()])
        return np.array([t.residual(found[t.name]) for t in SPREAD_TARGETS])

    def _lots(self) -> list[Lots]:
        return [simulate_culture(CLINICAL, s, self.n * k, self.seed, draws=0) for s, k in PRODUCTS.items()]

    def _moved(self, lot: Lots, sds: Mapping[str, float]) -> Lots:
        """The same donors, each as far from the typical one as before in SDs of its own logarithm."""
        rows, moved = free_parameters(), {}
        for name, sd in sds.items():
            law: LogNormal = rows[name].variability  # type: ignore[assignment]  # both rows are log-normal
            stands = np.log(lot.sample[name] / rows[name].value) / law.sd
            moved[name] = rows[name].value * np.exp(stands * sd)
        return typical_lots(CLINICAL, lot.source, lot.sample | moved)
