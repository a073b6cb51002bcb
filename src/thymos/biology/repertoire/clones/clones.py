"""A repertoire as the numbers of clones that were founded, and the law of the size of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.biology.repertoire.clones.kendall import Kendall

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from thymos.biology.repertoire.clones.rates import Rates

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clones:
    """Independent clones in classes that share a law: by founding day, origin, compartment, rate of division.

    number : expected number of founders of each class (..., class)
    law    : cells that a clone of each class has now, arrays (..., class)

    Leading axes are patients or times of observation.
    """

    number: Floats
    law: Kendall

    @property
    def cells(self) -> Floats:
        """Expected number of cells (...)."""
        return np.asarray((self.number * self.law.m).sum(axis=-1))

    @property
    def alive(self) -> Floats:
        """Expected number of clones with any cell (...)."""
        return np.asarray((self.number * self.law.survival).sum(axis=-1))

    @property
    def variance(self) -> Floats:
        """Of the number of cells, where founders are a Poisson number (...)."""
        return np.asarray((self.number * self.law.second_moment).sum(axis=-1))

    def z(self, cells: ArrayLike) -> Floats:
        """How far a total lies from the mean, in standard deviations (...): what feedback would have held back."""
        return np.asarray((np.asarray(cells, dtype=np.float64) - self.cells) / np.sqrt(self.variance))

    def thinned(self, p: ArrayLike) -> Clones:
        """What is left when each cell is kept with probability p (...)."""
        return Clones(self.number, self.law.thinned(np.asarray(p, dtype=np.float64)[..., None]))

    def take(self, index: Any) -> Clones:
        """Some of the leading indices."""
        number, m, B = np.broadcast_arrays(self.number, self.law.m, self.law.B)
        return Clones(number[index], Kendall(m[index], B[index]))

    def then(self, later: Kendall) -> Clones:
        """Each cell founds a further stage."""
        return Clones(self.number, self.law.then(later))


def founded(influx: Floats, rates: Rates, k: int, start: Kendall | None = None, every: int = 1) -> Clones:
    """Clones founded by `influx` up to time k of its grid, one class for each time of that.

    influx : founders per day (..., time), a straight line between the times
    start  : law of a clone's size on the day it is founded, one cell unless given
    every  : steps of the rates' grid in one of the influx'

    The integral over founding days is a trapezoid sum: its error is of order h^2, a quarter on `rates.halved()`.
    """
    times = rates.times[::every]
    k = range(times.size)[k]
    width = np.zeros(k + 1)
    h = np.diff(times[: k + 1])
    width[1:] += h / 2
    width[:-1] += h / 2
    law = rates.until(k * every)
    if every > 1:
        law = law.take((..., slice(None, None, every)))
    return Clones(influx[..., : k + 1] * width, law if start is None else start.then(law))


def whole(group: Clones) -> Clones:
    """Founders that are fewer than one taken as one: what a patient has, where means would count parts of a clone.

    Classes stand in the order of founding, the largest clones first. Those before the first that is expected to be
    alive become one clone of all their cells, in a class of its own behind the others; cells stay as they are.
    """
    number, m, B = np.broadcast_arrays(group.number, group.law.m, group.law.B)
    early = np.cumsum(group.number * group.law.survival, axis=-1) < 1
    cells = np.where(early, number * m, 0.0).sum(axis=-1, keepdims=True)
    columns = (
        (np.where(early, 0.0, number), np.where(cells > 0, 1.0, 0.0)),
        (m, cells),
        (B, np.maximum(cells - 1, 0.0)),
    )
    joined = (np.concatenate(pair, axis=-1) for pair in columns)
    return Clones(next(joined), Kendall(*joined))


def together(*groups: Clones) -> Clones:
    """All classes of several groups; leading axes broadcast."""
    lead = np.broadcast_shapes(*(_shape(g)[:-1] for g in groups))
    parts = [
        [np.broadcast_to(x, (*lead, _shape(g)[-1])) for x in (g.number, g.law.m, g.law.B)] for g in groups
    ]
    number, m, B = (np.concatenate(column, axis=-1) for column in zip(*parts, strict=True))
    return Clones(number, Kendall(m, B))


def _shape(group: Clones) -> tuple[int, ...]:
    return np.broadcast_shapes(group.number.shape, np.shape(group.law.m), np.shape(group.law.B))
