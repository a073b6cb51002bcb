"""What a search asks of whoever knows the runs: predictions, spread between donors, prices; not what they are."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Bench(Protocol):
    """Conditions x (condition, factor) are each looked at at a number of moments; a site is a condition at a moment.

    Sites of conditions are listed condition by condition, each at every moment in turn. Readings are on scales where
    they are normal. Members are points z (member, place) with prior N(0, I).
    """

    @property
    def moments(self) -> Floats:
        """Positions 0..1 of the moments (moment,)."""

    @property
    def seen_moments(self) -> Floats:
        """The same of the runs that were made (run,)."""

    @property
    def seen_x(self) -> Floats:
        """Conditions of the runs that were made (run, factor)."""

    def points(self, n: int, seed: int) -> Floats:
        """`n` members of the prior."""

    def means(self, points: Floats, x: Floats) -> Floats:
        """Readings of the typical donor (reading, member, site); nan where the computation failed."""

    def seen_means(self, points: Floats) -> Floats:
        """The same at the runs that were made (reading, member, run)."""

    def donors(self, x: Floats) -> Floats:
        """Readings of some donors less those of the typical one (reading, donor, site)."""

    def seen_donors(self) -> Floats:
        """The same donors at the runs that were made (reading, donor, run)."""

    def prices(self, x: Floats) -> Floats:
        """Of a run at each site (site,)."""
