r"""Readings with intercepts of unknown size and a noise they share by well: the density with both integrated out.

$$ r = Z \beta + W \omega u + \varepsilon, \qquad \beta \sim N(0, T), \; u \sim N(0, 1), \; \varepsilon_i \sim N(0, \sigma_i^2) $$

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
    """Standard deviations for one or more vectors: of each column of Z (vector, column), wells (vector,), kinds
    of reading (vector, kind).
    """

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
    def _wells(self) -> int:
        return int(self.well.max()) + 1 if self.well.size else 0

    @cached_property
    def _by_kind(self) -> tuple[Floats, Floats, Floats]:
        """For each kind: readings a column (kind, column), a well (kind, well), and a well and column."""
        kinds = int(self.kind.max()) + 1 if self.kind.size else 0
        of_kind = np.eye(kinds)[self.kind]
        of_well = np.eye(self._wells)[self.well]
        z = self._z
        in_well = np.einsum("ik,iw,iq->kwq", of_kind, of_well, z, optimize=True)
        return np.einsum("ik,ip,iq->kpq", of_kind, z, z, optimize=True), of_kind.T @ of_well, in_well

    def _solved(self, r: Floats, s: Spread) -> tuple[Floats, Floats, Floats, Floats]:
        """B^-1 r, Z' B^-1 r, the matrix T^-1 + Z' B^-1 Z, and ln |B|."""
        precise = s.noise[:, self.kind] ** -2
        zz, counts, uz = self._by_kind
        per_kind = s.noise**-2
        in_well = per_kind @ counts  # (vector, well): summed precision
        share = s.well[:, None] ** 2 / (1 + s.well[:, None] ** 2 * in_well)
        x = r * precise
        total = x @ self._w
        x -= precise * (share * total)[:, self.well]
        u = np.einsum("vk,kwq->vwq", per_kind, uz, optimize=True)
        inner = np.einsum("vk,kpq->vpq", per_kind, zz, optimize=True)
        inner -= np.swapaxes(u * share[:, :, None], 1, 2) @ u
        inner[:, range(self.width), range(self.width)] += s.columns**-2
        log_det = -np.log(precise).sum(axis=1) + np.log1p(s.well[:, None] ** 2 * in_well).sum(axis=1)
        return x, x @ self._z, inner, log_det

    @cached_property
    def _w(self) -> Floats:
        return np.eye(self._wells)[self.well]

    def log_density(self, r: Floats, s: Spread) -> Floats:
        """Logarithm of the density of each r (vector, reading), as (vector,)."""
        x, zx, inner, log_det = self._solved(r, s)
        root = np.linalg.cholesky(inner)
        half = np.linalg.solve(root, zx[:, :, None])[:, :, 0]
        log_det += 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        log_det += 2 * np.log(s.columns).sum(axis=1)
        square = (r * x).sum(axis=1) - (half**2).sum(axis=1)
        return np.asarray(-0.5 * (square + log_det + r.shape[1] * np.log(2 * np.pi)))

    def solve(self, r: Floats, s: Spread) -> Floats:
        """(B + Z T Z')^-1 r for each r (vector, reading): minus the slope of the log-density in r."""
        x, zx, inner, _ = self._solved(r, s)
        beta = np.linalg.solve(inner, zx[:, :, None])[:, :, 0]
        back, _, _, _ = self._solved(beta @ self._z.T, s)
        return np.asarray(x - back)

    def drawn(self, r: Floats, s: Spread, normal: Floats) -> Floats:
        """Intercepts given r: mean and root of their distribution applied to standard normals (vector, column)."""
        _, zx, inner, _ = self._solved(r, s)
        root = np.linalg.cholesky(inner)
        mean = np.linalg.solve(inner, zx[:, :, None])[:, :, 0]
        noise = np.linalg.solve(np.swapaxes(root, 1, 2), normal[:, :, None])[:, :, 0]
        return np.asarray(mean + noise)
