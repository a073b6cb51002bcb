r"""Readings with intercepts of unknown size and a noise they share by well: the density with both integrated out.

$$ r = Z \beta + W \omega u + \varepsilon, \qquad \beta \sim N(0, T), \; u \sim N(0, 1),
   \; \varepsilon_i \sim N(0, \sigma_i^2) $$

r are distances of logarithms from the prediction; columns of Z say whose scale (readout, donor, plate) a reading
shares, W its well. Everything but r is linear and normal, so $r \sim N(0, B + Z T Z^\top)$ with
$B = \mathrm{diag}(\sigma^2) + \omega^2 W W^\top$, inverted after Sherman, Morrison and Woodbury. A vector of r at a
time costs one matrix of the size of T; all are done together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def numbered(labels: Sequence[Hashable]) -> tuple[Whole, tuple[Hashable, ...]]:
    """The number of each label, and the labels in the order of their numbers."""
    known = tuple(dict.fromkeys(labels))
    place = {label: i for i, label in enumerate(known)}
    return np.array([place[label] for label in labels], np.int64), known


@dataclass(frozen=True)
class Spread:
    """Standard deviations: of columns of Z (vector, column), wells (vector,), kinds of reading (vector, kind)."""

    columns: Floats
    well: Floats
    noise: Floats


@dataclass(frozen=True)
class Intercepts:
    """Who shares what, reading by reading.

    columns : (reading, level) the columns of Z that are 1 for a reading
    width   : number of columns of Z
    well    : number of each reading's well
    kind    : number of each reading's kind, which has a noise of its own
    """

    columns: Whole
    width: int
    well: Whole
    kind: Whole

    @cached_property
    def _z(self) -> Floats:
        z = np.zeros((len(self.well), self.width))
        np.put_along_axis(z, self.columns, 1.0, axis=1)
        return z

    @cached_property
    def _near(self) -> tuple[Whole, Whole, Whole]:
        """Number of each reading's well among those that were read; readings by well; where each well begins."""
        _, number = np.unique(self.well, return_inverse=True)
        order = np.argsort(number, kind="stable")
        begins = np.flatnonzero(np.diff(number[order], prepend=-1))
        return number, order, begins

    def _summed(self, x: Floats) -> Floats:
        """Sums over the readings of each well: (vector, reading) to (vector, well)."""
        _, order, begins = self._near
        return np.asarray(np.add.reduceat(x[:, order], begins, axis=1))

    @cached_property
    def _counts(self) -> Floats:
        """Readings of each kind in each well (kind, well)."""
        kinds = int(self.kind.max()) + 1 if self.kind.size else 0
        return self._summed(np.ascontiguousarray(np.eye(kinds)[self.kind].T))

    @cached_property
    def _products(self) -> tuple[Floats, Floats, Floats]:
        """Z' Z of each kind; that of sums over wells for pairs of kinds, wells of one make-up together; their make-up.

        Wells in which as many of each kind were read weigh the same, whatever the standard deviations.
        """
        z, of_kind = self._z, np.eye(len(self._counts))[self.kind]
        makeups, which = np.unique(self._counts, axis=1, return_inverse=True)
        in_well = np.stack([self._summed((of_kind[:, [k]] * z).T).T for k in range(of_kind.shape[1])])
        alike = np.eye(makeups.shape[1])[which]
        pairs = np.einsum("kwp,lwq,wm->mklpq", in_well, in_well, alike, optimize=True)
        own = np.einsum("ik,ip,iq->kpq", of_kind, z, z, optimize=True)
        return np.asarray(own), np.asarray(pairs), np.asarray(makeups)

    def _solved(self, r: Floats, s: Spread) -> tuple[Floats, Floats, Floats, Floats]:
        """B^-1 r, q = T^1/2 Z' B^-1 r, the matrix M = 1 + T^1/2 Z' B^-1 Z T^1/2, and ln |B|.

        M has no eigenvalue below 1, however small a standard deviation is.
        """
        own, pairs, makeups = self._products
        per_kind = s.noise**-2
        precise = per_kind[:, self.kind]
        variance = s.well[:, None] ** 2
        in_well = per_kind @ self._counts  # (vector, well): summed precision
        x = r * precise
        x -= precise * ((variance / (1 + variance * in_well)) * self._summed(x))[:, self._near[0]]
        alike = variance / (1 + variance * (per_kind @ makeups))
        size = self.width**2
        weight = alike[:, :, None, None] * per_kind[:, None, :, None] * per_kind[:, None, None, :]
        inner = per_kind @ own.reshape(-1, size) - weight.reshape(len(weight), -1) @ pairs.reshape(-1, size)
        inner = inner.reshape(-1, self.width, self.width)
        inner *= s.columns[:, :, None] * s.columns[:, None, :]
        inner[:, range(self.width), range(self.width)] += 1.0
        log_det = -np.log(precise).sum(axis=1) + np.log1p(variance * in_well).sum(axis=1)
        return x, s.columns * (x @ self._z), inner, log_det

    def log_density(self, r: Floats, s: Spread) -> Floats:
        """Logarithm of the density of each r (vector, reading), as (vector,)."""
        x, q, inner, log_det = self._solved(r, s)
        root = np.linalg.cholesky(inner)
        half = np.linalg.solve(root, q[:, :, None])[:, :, 0]
        log_det += 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        square = (r * x).sum(axis=1) - (half**2).sum(axis=1)
        return np.asarray(-0.5 * (square + log_det + r.shape[1] * np.log(2 * np.pi)))

    def solve(self, r: Floats, s: Spread) -> Floats:
        """(B + Z T Z')^-1 r for each r (vector, reading): minus the slope of the log-density in r."""
        x, q, inner, _ = self._solved(r, s)
        beta = s.columns * np.linalg.solve(inner, q[:, :, None])[:, :, 0]
        back, _, _, _ = self._solved(beta @ self._z.T, s)
        return np.asarray(x - back)

    def drawn(self, r: Floats, s: Spread, normal: Floats) -> Floats:
        """Intercepts given r: mean and root of their distribution applied to standard normals (vector, column)."""
        _, q, inner, _ = self._solved(r, s)
        root = np.linalg.cholesky(inner)
        mean = np.linalg.solve(inner, q[:, :, None])[:, :, 0]
        noise = np.linalg.solve(np.swapaxes(root, 1, 2), normal[:, :, None])[:, :, 0]
        return np.asarray(s.columns * (mean + noise))
