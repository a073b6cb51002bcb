"""Rates of birth and loss over time, and the law of a clone between any founding day and a day of observation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.clones.kendall import Kendall
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rates:
    """Births and losses per cell, straight lines between the times of a grid.

    times : increasing (time,) [day]
    birth : division (..., time) [1/day]
    death : every loss from the compartment, death and leaving alike (..., time) [1/day]

    Raises `RunError` for a grid that does not increase, and for rates that are negative or not finite.
    """

    times: Floats
    birth: Floats
    death: Floats

    def __post_init__(self) -> None:
        if self.times.ndim != 1 or not (np.isfinite(self.times).all() and (np.diff(self.times) > 0).all()):
            raise RunError("clones, times of rates", "finite days in increasing order", f"{self.times}")
        for name in ("birth", "death"):
            rate = getattr(self, name)
            if rate.shape[-1:] != self.times.shape:
                raise RunError(
                    f"clones, {name} rates", f"{self.times.size} times on the last axis", f"{rate.shape}"
                )
            if not (np.isfinite(rate).all() and (rate >= 0).all()):
                raise RunError(f"clones, {name} rates", "finite rates of at least 0", "others among them")

    @cached_property
    def growth(self) -> Floats:
        """Integral of b - d from the first time (..., time)."""
        net = self.birth - self.death
        cells = (net[..., 1:] + net[..., :-1]) / 2 * np.diff(self.times)
        return np.concatenate([np.zeros((*net.shape[:-1], 1)), np.cumsum(cells, axis=-1)], axis=-1)

    @cached_property
    def _added(self) -> Floats:
        """B of each cell of the grid, at its end (..., time - 1).

        Simpson's rule with the weights of an exponential: exact for constant rates, however fast. The parabola runs
        through b times what m departs from that exponential, at both ends and the middle, where m is exact.
        """
        h = np.diff(self.times)
        b, net = self.birth, self.birth - self.death
        bend = np.exp(h * (net[..., 1:] - net[..., :-1]) / 8)
        first, middle, last = exponential_weights(np.diff(self.growth, axis=-1))
        parabola = first * b[..., :-1] + middle * bend * (b[..., :-1] + b[..., 1:]) / 2 + last * b[..., 1:]
        return np.asarray(h * np.maximum(parabola, 0.0))

    def until(self, k: int) -> Kendall:
        """Law at time k of a clone founded at each time up to it, arrays (..., k + 1).

        Each cell of the grid is a stage; they are joined from the last one backwards, so that no factor is ever
        taken from time 0. The error is of order h^4, and none where rates are constant.
        """
        k = range(self.times.size)[k]
        m = np.exp(self.growth[..., k : k + 1] - self.growth[..., : k + 1])
        parts = self._added[..., :k] * m[..., 1:]
        added = np.cumsum(parts[..., ::-1], axis=-1)[..., ::-1]
        return Kendall(m, np.concatenate([added, np.zeros((*added.shape[:-1], 1))], axis=-1))

    def between(self, j: int, k: int) -> Kendall:
        """Law at time k of a clone that has one cell at time j <= k, arrays (...)."""
        return self.until(k).take((..., range(self.times.size)[j]))

    def cells(self, influx: Floats, start: Floats) -> Floats:
        """The pool that these rates and newcomers per day make of the cells at the first time, (..., time).

        The integral over newcomers is a trapezoid sum: its error is of order h^2.
        """
        grown = np.exp(np.diff(self.growth, axis=-1))
        new = np.diff(self.times) / 2 * (influx[..., :-1] * grown + influx[..., 1:])
        x = np.broadcast_to(start, new.shape[:-1])
        steps = [x]
        for i in range(new.shape[-1]):
            x = x * grown[..., i] + new[..., i]
            steps.append(x)
        return np.stack(steps, axis=-1)

    def halved(self) -> Rates:
        """The same rates on a grid with every middle added."""
        return Rates(*(middles_added(x) for x in (self.times, self.birth, self.death)))


def exponential_weights(g: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Weights of values at 0, 1/2 and 1 in $\int_0^1 p(u)\, e^{g(1 - u)} du$ for a parabola p.

    From $I_k = \int_0^1 v^k e^{gv} dv$, whose recursion loses its digits near 0, where a series of $g^j$ takes over.
    """
    near = np.abs(g) < 1
    x, y = np.where(near, g, 0.0), np.where(near, 1.0, g)
    series = [np.zeros_like(x) for _ in range(3)]
    for j in range(17, -1, -1):
        series = [total * x / (j + 1) + 1 / (k + 1 + j) for k, total in enumerate(series)]
    top = np.exp(y)
    zeroth = np.expm1(y) / y
    first = (top - zeroth) / y
    integrals = (zeroth, first, (top - 2 * first) / y)
    i0, i1, i2 = (np.where(near, a, b) for a, b in zip(series, integrals, strict=True))
    return 2 * i2 - i1, 4 * (i1 - i2), i0 - 3 * i1 + 2 * i2


def middles_added(x: Floats) -> Floats:
    """Values on a grid, and on its last axis the mean of each two neighbours between them."""
    out = np.empty((*x.shape[:-1], 2 * x.shape[-1] - 1))
    out[..., ::2] = x
    out[..., 1::2] = (x[..., 1:] + x[..., :-1]) / 2
    return out
