r"""Joint draws as standard normal scores: each margin as drawn, the dependence that of a normal law.

$$ x_j = F_j^{-1}(\Phi((R\, z)_j)), \qquad R R^T = \mathrm{corr}\left[\Phi^{-1}(\text{ranks})\right] $$

A row of a table that members carry as a whole dies out as they are resampled, and takes the doubt about everything
that no reading sees with it. Scores can be moved one by one. Dependence that is not monotone is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Copula:
    """Draws of some names.

    ordered : each margin in rising order (name, draw);  root : R, lower triangular (name, name)
    """

    names: tuple[str, ...]
    ordered: Floats
    root: Floats

    @staticmethod
    def of(values: Mapping[str, Floats]) -> Copula:
        """From joint draws by name (draw,); of a name with `=`, an indicator, as many are 1 as were drawn."""
        from scipy.special import ndtri
        from scipy.stats import rankdata

        if not values:
            return Copula((), np.zeros((0, 1)), np.zeros((0, 0)))
        table = np.array(list(values.values()), dtype=np.float64)
        scores = ndtri((rankdata(table, axis=1) - 0.5) / table.shape[1])
        varies = scores.std(axis=1) > 0
        alike = np.eye(len(table))
        alike[np.ix_(varies, varies)] = np.corrcoef(scores[varies]) if varies.any() else 0.0
        # A little less dependence than was drawn, so that a root exists whatever was drawn.
        root = np.asarray(np.linalg.cholesky(alike + 1e-9 * np.eye(len(table))), dtype=np.float64)
        return Copula(tuple(values), np.sort(table, axis=1), root)

    def values(self, z: Floats) -> dict[str, Floats]:
        """Values by name (member,) from independent standard normal scores (member, name)."""
        from scipy.special import ndtr

        # einsum adds in one order whatever the number of members: a member's bits are its own.
        place = ndtr(np.einsum("ij,kj->ik", z, self.root)) * self.ordered.shape[1]
        return {name: self._margin(name, place[:, k], self.ordered[k]) for k, name in enumerate(self.names)}

    @staticmethod
    def _margin(name: str, place: Floats, ordered: Floats) -> Floats:
        if "=" in name:
            return np.asarray(ordered[np.minimum(place.astype(np.intp), len(ordered) - 1)])
        return np.asarray(np.interp(place, np.arange(len(ordered)) + 0.5, ordered))
