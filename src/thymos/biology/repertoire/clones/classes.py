r"""Cells that divide faster than others: a finite mixture that leaves the pool's own equation as it is.

$$ b_k = b\, \frac{f_k}{\bar f}, \qquad \bar f = \sum_k x_k f_k, \qquad
   \dot x_k = \frac{\theta}{N} (\pi_k - x_k) + b\, x_k \left(\frac{f_k}{\bar f} - 1\right) $$

x_k is the share of cells in class k, $\pi_k$ that among newcomers. Summed over classes the births are b N whatever
the shares, so that $\dot N = \theta + (b - d) N$ holds exactly. Neutral dynamics, where all clones divide alike, does
not give the clone sizes that are seen in people. Reference: `dessalles2021`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.rates import Rates
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Classes:
    """Shares among newcomers and relative rates of division.

    share    : sums to 1 (..., class)
    division : f, relative to each other (..., class)

    Leading axes broadcast with those of the rates.

    Raises `RunError` for shares that are negative or do not sum to 1, and for rates that are not positive.
    """

    share: Floats
    division: Floats

    def __post_init__(self) -> None:
        if self.share.shape != self.division.shape or self.share.ndim < 1:
            raise RunError(
                "clones, classes", "one share and one rate for each", f"{self.share}, {self.division}"
            )
        if (self.share < 0).any() or (abs(self.share.sum(axis=-1) - 1) > 1e-9).any():
            raise RunError("clones, shares of classes", "shares that sum to 1", f"{self.share}")
        if not (self.division > 0).all():
            raise RunError("clones, division of classes", "rates above 0", f"{self.division}")

    @property
    def label(self) -> str:
        """What a result says of itself: neutral, or how many rates of division there are."""
        return "neutral" if self.share.shape[-1] == 1 else f"{self.share.shape[-1]} classes of division"

    def over_time(
        self, rates: Rates, influx: Floats, cells: Floats, at_start: Floats | None = None
    ) -> Floats:
        """Shares of cells (..., class, time), from those at the start, by default those of newcomers.

        influx : newcomers per day (..., time); cells : the pool (..., time)

        Each step replaces by newcomers for half its length, selects, and replaces again (Strang), both exactly: it
        is stable however small the pool. The error is of order h^2.
        """
        lead = np.broadcast_shapes(rates.birth.shape, influx.shape, cells.shape)[:-1]
        x = np.broadcast_to(self.share if at_start is None else at_start, (*lead, self.share.shape[-1]))
        steps = [x]
        h = np.diff(rates.times)
        for i, width in enumerate(h):
            kept = _kept(influx[..., i], influx[..., i + 1], cells[..., i], cells[..., i + 1], width / 2)
            x = self.share + (x - self.share) * kept[..., None]
            birth = (rates.birth[..., i] + rates.birth[..., i + 1]) / 2
            x = self._selected(x, birth * width)
            x = self.share + (x - self.share) * kept[..., None]
            steps.append(x)
        return np.stack(steps, axis=-1)

    def _selected(self, x: Floats, births: Floats) -> Floats:
        """Shares after `births` divisions per cell: those that divide faster gain."""
        first = (x * self.division).sum(axis=-1)
        halfway = self._grown(x, births / first / 2)
        return self._grown(x, births / (halfway * self.division).sum(axis=-1))

    def _grown(self, x: Floats, time: Floats) -> Floats:
        grown = x * np.exp((self.division - self.division.max(axis=-1, keepdims=True)) * time[..., None])
        return np.asarray(grown / grown.sum(axis=-1, keepdims=True))

    def rates(self, rates: Rates, influx: Floats, cells: Floats, at_start: Floats | None = None) -> Rates:
        """Rates of each class (..., class, time), whose births add up to those of the pool."""
        x = self.over_time(rates, influx, cells, at_start)
        mean = (x * self.division[..., None]).sum(axis=-2)
        birth = (rates.birth / mean)[..., None, :] * self.division[..., None]
        return Rates(rates.times, birth, np.broadcast_to(rates.death[..., None, :], birth.shape))


NEUTRAL = Classes(np.ones(1), np.ones(1))
"""All cells divide alike."""


def _kept(influx0: Floats, influx1: Floats, cells0: Floats, cells1: Floats, width: float) -> Floats:
    """Share of a pool that newcomers have not replaced; an empty pool is all newcomers."""
    influx, cells = (influx0 + influx1) / 2, (cells0 + cells1) / 2
    turned = np.divide(influx * width, cells, out=np.full(np.shape(cells), np.inf), where=cells > 0)
    return np.asarray(np.exp(-turned))
