"""What the fit of the spread between donors needs, after that of the typical donor (`plan("culture")`).

`inference.calibrate.fit` turns it into the `variability` of two rows; a test repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.therapy.culture import Floats, Lots, simulate_culture, typical_lots
from thymos.therapy.targets.culture import SPREAD_TARGETS, free_parameters
from thymos.therapy.targets.culture_predictions import CLINICAL, PRODUCTS, spread
from thymos.therapy.targets.prior import Prior

if TYPE_CHECKING:
    from thymos.evidence.distributions import LogNormal

SEED = 20260
SPREADING = ("progenitors.growth", "progenitors.myeloid_odds")


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
