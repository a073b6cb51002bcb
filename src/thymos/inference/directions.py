r"""Which directions of the members' scores the readings see: there a step has to be short, elsewhere it may be long.

$$ H = B^T \Sigma^{-1} B, \qquad s_i = \min(1,\; l / \sqrt{1 + \lambda_i}) $$

B is how the courses at the readings change with the scores (weighted least squares over members near the readings),
$\lambda_i$ the eigenvalues of H, and $1 / (1 + \lambda_i)$ what the readings leave of the prior variance. The step is
autoregressive in each direction, so it leaves $N(0, I)$ as it is, however rough B may be. Reference: Cui, Law and
Marzouk 2016 (J. Comput. Phys. 304:109).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import weights, worth
from thymos.inference.readings import Readings

Floats = NDArray[np.float64]
NEAR = 0.15
"""Share of the members that stays effective among those that B is taken from."""
MOST = 10_000
"""Members that B is taken from: more would only take longer."""
RIDGE = 0.02
"""Prior variance below which a direction is taken as not explored."""
SEEN = 0.1
"""Eigenvalue from which a direction counts as seen: less leaves over nine tenths of the variance."""


@dataclass(frozen=True)
class Directions:
    """Orthonormal directions that are seen (score, direction), and their eigenvalues (direction,)."""

    basis: Floats
    seen: Floats

    def moved(self, z: Floats, normal: Floats, length: float) -> Floats:
        """Each member a step further; z and `normal` (member, score)."""
        free = min(1.0, length)
        own = np.minimum(1.0, length / np.sqrt(1 + self.seen))
        kept = np.sqrt(1 - own**2) - np.sqrt(1 - free**2)
        inside = (z @ self.basis) * kept + (normal @ self.basis) * (own - free)
        return np.asarray(np.sqrt(1 - free**2) * z + free * normal + inside @ self.basis.T)


def directions(z: Floats, levels: Floats, log_likelihood: Floats, readings: Readings) -> Directions:
    """From members of the prior (member, score), their courses at the readings and their log-likelihood (member,)."""
    z, levels, log_likelihood = z[:MOST], levels[:MOST], log_likelihood[:MOST]
    usable = np.isfinite(levels).all(axis=1) & np.isfinite(log_likelihood)
    z, levels = z[usable], levels[usable]
    w = _near(log_likelihood[usable])
    about = z - w @ z
    explored = (about.T * w) @ about + RIDGE * np.eye(z.shape[1])
    slopes = np.linalg.solve(explored, (about.T * w) @ (levels - w @ levels))
    _, size, across = np.linalg.svd(np.linalg.solve(readings.root, slopes.T), full_matrices=False)
    kept = size**2 > SEEN
    return Directions(across[kept].T, size[kept] ** 2)


def _near(logs: Floats) -> Floats:
    """Weights of members near the readings: as high a power of the likelihood as leaves enough of them."""
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if worth(weights(middle * logs)) >= NEAR * len(logs) else (low, middle)
    return weights(low * logs)
