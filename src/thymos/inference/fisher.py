r"""What data can say about parameters: Fisher information, the bounds it sets, and what no data of the kind show.

$$ F = S^\top S, \qquad S_{ij} = \frac{1}{\sigma_i} \frac{\partial m_i}{\partial \theta_j} $$

with $m_i$ the prediction of observation $i$ (its logarithm where the error is log-normal) and $\sigma_i$ its standard
deviation. $F^{-1}$ bounds the covariance of any unbiased estimate from below. References: Rao 1945, Cramer 1946;
Gutenkunst et al. 2007 for the reading of small eigenvalues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thymos.lang.errors import DataError

Floats = NDArray[np.float64]

# A direction seen this much worse than the best one lies below the error of the slopes themselves.
UNSEEN = 1e-5


@dataclass(frozen=True)
class Direction:
    """A combination of parameters, and how well the data see it.

    sd      : bound on its standard deviation, inf where it is not seen
    weights : share of each parameter by name, of unit length, the largest first
    """

    sd: float
    weights: dict[str, float]


@dataclass(frozen=True)
class Information:
    """Slopes of independent observations in units of their standard deviations.

    names  : the parameters, in the scale that the slopes are in (for logarithms, bounds are relative ones)
    scaled : (observation, parameter)
    unseen : directions whose slope is below this share of the steepest count as not seen
    """

    names: tuple[str, ...]
    scaled: Floats
    unseen: float = UNSEEN

    def __post_init__(self) -> None:
        if not self.names or self.scaled.shape[1:] != (len(self.names),):
            raise DataError(
                "Fisher information",
                f"slopes of (observations, {len(self.names)} parameters)",
                str(self.scaled.shape),
            )
        if not np.isfinite(self.scaled).all():
            bad = int(np.argwhere(~np.isfinite(self.scaled))[0][0])
            raise DataError(
                "Fisher information",
                "finite slopes and standard deviations above 0",
                f"neither at observation {bad}",
                "drop failed patients, and observations at the very moment of an event",
            )

    @property
    def matrix(self) -> Floats:
        """Fisher information (parameter, parameter)."""
        return np.asarray(self.scaled.T @ self.scaled)

    @property
    def eigenvalues(self) -> Floats:
        """Of the information, the largest first; one for each parameter."""
        return np.asarray(self._parts[0] ** 2)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Independent combinations of parameters, the best seen first."""
        return tuple(self._direction(k) for k in range(len(self.names)))

    @property
    def hidden(self) -> tuple[Direction, ...]:
        """The combinations that these data do not see."""
        return tuple(d for d in self.directions if not np.isfinite(d.sd))

    @property
    def covariance(self) -> Floats:
        """Cramer-Rao bound (parameter, parameter); inf variance where a hidden direction takes part."""
        lengths, axes = self._parts
        seen = self._seen
        bound = np.asarray((axes[:, seen] / lengths[seen] ** 2) @ axes[:, seen].T)
        # What a hidden direction gives to a parameter beyond rounding makes it unknown.
        open_ = (np.abs(axes[:, ~seen]) > self.unseen).any(axis=1)
        bound[np.ix_(open_, open_)] = np.nan
        bound[np.diag_indices(len(self.names))] = np.where(open_, np.inf, bound.diagonal())
        return bound

    @property
    def bounds(self) -> dict[str, float]:
        """Least standard deviation of each parameter with all of them unknown; inf where it cannot be known."""
        return dict(zip(self.names, np.sqrt(self.covariance.diagonal()).tolist(), strict=True))

    def with_prior(self, sd: ArrayLike) -> Information:
        """The same after a normal prior with these standard deviations (parameter,); inf is none."""
        return Information(
            self.names, np.vstack([self.scaled, np.diag(1.0 / np.asarray(sd, np.float64))]), self.unseen
        )

    def with_data(self, more: Information) -> Information:
        """Both data sets together; both must name the same parameters in the same order."""
        if more.names != self.names:
            raise DataError("Fisher information", ", ".join(self.names), ", ".join(more.names))
        return Information(self.names, np.vstack([self.scaled, more.scaled]), self.unseen)

    @cached_property
    def _parts(self) -> tuple[Floats, Floats]:
        """Singular values of the slopes, and the axes as columns: their squares never pass through the matrix."""
        rows = max(len(self.names) - self.scaled.shape[0], 0)
        filled = np.vstack([self.scaled, np.zeros((rows, len(self.names)))])
        _, lengths, axes = np.linalg.svd(filled, full_matrices=False)
        return lengths, axes.T

    @property
    def _seen(self) -> NDArray[np.bool_]:
        lengths = self._parts[0]
        return np.asarray((lengths > self.unseen * lengths[0]) & (lengths > 0))

    def _direction(self, k: int) -> Direction:
        lengths, axes = self._parts
        axis = axes[:, k] * np.sign(axes[np.abs(axes[:, k]).argmax(), k])
        order = np.argsort(-np.abs(axis), kind="stable")
        sd = 1.0 / float(lengths[k]) if self._seen[k] else np.inf
        return Direction(sd, {self.names[i]: float(axis[i]) for i in order})


def information(
    names: Sequence[str], predictions: ArrayLike, slopes: ArrayLike, sd: ArrayLike, log_normal: bool = False
) -> Information:
    """Information of independent observations with normal errors, or log-normal ones.

    predictions : (observation,)
    slopes      : (observation, parameter) of the predictions
    sd          : (observation,) standard deviation of an observation, or of its logarithm
    """
    s, m, sigma = (np.asarray(x, dtype=np.float64) for x in (slopes, predictions, sd))
    unit = sigma * m if log_normal else np.broadcast_to(sigma, m.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Information(tuple(names), np.where(unit > 0, s.T / unit, np.nan).T)
