r"""Kendall's law: how many cells one founder has left, after any chain of births, losses and samplings.

Cells divide at b(t) and are lost at d(t), each for itself. With $F(s; z) = E[z^{N(t)}]$ for one founder at s,
$-\partial_s F = (1 - F)(d - bF)$ is linear in $1/(1-F)$, and

$$ \frac{1}{1 - F(z)} = \frac{1}{m}\left[\frac{1}{1 - z} + B\right], \qquad m = e^{\int_s^t (b - d)}, \qquad
   B = \int_s^t b(u)\, e^{\int_u^t (b - d)} du $$

So stages follow each other by composing affine maps, and every law is a zero-modified geometric one. Reference:
`kendall1948`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Kendall:
    """Law of the number of cells from one founder; arrays of any shape that broadcast against each other.

    m : mean number of cells
    B : what births have added to the size of the clones that are alive, whose mean size is W = 1 + B
    """

    m: Floats
    B: Floats

    @classmethod
    def founder(cls) -> Self:
        """One cell, before anything happens."""
        return cls(np.ones(()), np.zeros(()))

    @classmethod
    def constant(cls, birth: ArrayLike, death: ArrayLike, time: ArrayLike) -> Self:
        """After `time` [day] at constant rates [1/day]."""
        b, d, t = (np.asarray(x, dtype=np.float64) for x in (birth, death, time))
        growth = (b - d) * t
        # (e^x - 1)/x is 1 at 0, where births and losses balance and B = bt.
        slope = np.divide(np.expm1(growth), growth, out=np.ones_like(growth), where=growth != 0)
        return cls(np.exp(growth), b * t * slope)

    @classmethod
    def burst(cls, mean: ArrayLike, loss: ArrayLike = 0.0) -> Self:
        """A founder that has become `mean` cells, with `loss` deaths for each division (0 to below 1).

        A mean below 1 is a share that passes: cells are lost and none divides. Raises `RunError` for a negative mean
        or a loss outside its range.
        """
        to, q = np.asarray(mean, dtype=np.float64), np.asarray(loss, dtype=np.float64)
        if not (np.all(to >= 0) and np.all((q >= 0) & (q < 1))):
            raise RunError("clones, burst", "a mean of at least 0 and a loss from 0 to below 1", f"{to}, {q}")
        return cls(to, np.maximum(to - 1, 0) / (1 - q))

    @property
    def W(self) -> Floats:  # noqa: N802  as in the paper
        """Mean size of a clone that is alive."""
        return np.asarray(1 + self.B)

    @property
    def mean(self) -> Floats:
        """Mean number of cells, of living and lost clones."""
        return self.m

    @property
    def survival(self) -> Floats:
        """Probability that any cell is left."""
        return np.asarray(self.m / self.W)

    @property
    def second_moment(self) -> Floats:
        """E[N^2] = m (2W - 1); infinite beyond 1e308."""
        with np.errstate(over="ignore"):
            return np.asarray(self.m * (2 * self.B + 1))

    def then(self, later: Kendall) -> Kendall:
        """Each cell of this stage founds the next one."""
        return Kendall(np.asarray(self.m * later.m), np.asarray(later.B + later.m * self.B))

    def thinned(self, p: ArrayLike) -> Kendall:
        """Each cell is kept with probability p: selected, or sequenced."""
        share = np.asarray(p, dtype=np.float64)
        return Kendall(np.asarray(self.m * share), np.asarray(self.B * share))

    def at(self, z: ArrayLike) -> Floats:
        """Generating function E[z^N], 0 <= z <= 1."""
        left = 1 - np.asarray(z, dtype=np.float64)
        return np.asarray(1 - self.m * left / (1 + self.B * left))

    def pmf(self, n: ArrayLike) -> Floats:
        """Probability of exactly n cells, n = 0, 1, 2, ..."""
        size = np.asarray(n)
        with np.errstate(divide="ignore"):
            ratio = np.log(self.B) - np.log1p(self.B)  # ln(1 - 1/W), without the loss of digits
        more = np.maximum(size - 1, 0)
        # A clone that cannot grow has ratio -inf, and no power but 0 of it is possible.
        tail = np.exp(
            np.multiply(
                more, ratio, out=np.zeros(np.broadcast_shapes(more.shape, ratio.shape)), where=more > 0
            )
        )
        return np.asarray(np.where(size == 0, 1 - self.survival, self.survival / self.W * tail))

    def take(self, index: Any) -> Kendall:
        """Some of the laws."""
        m, B = np.broadcast_arrays(self.m, self.B)
        return Kendall(np.asarray(m[index]), np.asarray(B[index]))
