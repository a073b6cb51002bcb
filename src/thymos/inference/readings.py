r"""How likely readings of one course are: normal logarithms with departures that last, some of them censored.

Readings come one after the other. With $\Sigma = L L^T$ the covariance of what departs from the course $m$,

$$ y_k \mid y_{<k} \sim N\Big(m_k + \sum_{j<k} L_{kj} \epsilon_j,\; L_{kk}^2\Big), \qquad
   \epsilon_k = \frac{y_k - m_k - \sum_{j<k} L_{kj} \epsilon_j}{L_{kk}} $$

A reading below a limit has the share of that normal below it as its likelihood, and its $\epsilon_k$ is drawn from the
same part, by a uniform number that belongs to the member: an unbiased estimate of the whole likelihood (Geweke,
Hajivassiliou and Keane), hence exact where members are weighed and moved together with their uniform numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Judged(NamedTuple):
    """Readings beside the courses of members, each given those before it; (member, reading).

    log_density : of the reading, or of its being below the limit
    share       : of the predictive that lies below the reading, or below the limit
    departure   : epsilon, standard normal where the course is right
    """

    log_density: Floats
    share: Floats
    departure: Floats


@dataclass(frozen=True)
class Readings:
    """Readings in the order in which they come.

    value      : logarithm of the reading, or of the limit it lies below (reading,)
    below      : whether it lies below (reading,)
    covariance : of what departs from the course (reading, reading)
    """

    value: Floats
    below: Flags
    covariance: Floats

    @cached_property
    def root(self) -> Floats:
        """L, lower triangular."""
        return np.asarray(np.linalg.cholesky(self.covariance), dtype=np.float64)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def censored(self) -> int:
        """Number of readings below a limit: so many scores a member carries for them."""
        return int(np.count_nonzero(self.below))

    def first(self, count: int) -> Readings:
        """The first `count` of them."""
        return Readings(self.value[:count], self.below[:count], self.covariance[:count, :count])

    def judged(self, course: Floats, chance: Floats) -> Judged:
        """Every reading beside courses of the logarithm (member, reading).

        chance : standard normal scores, one for each censored reading in their order (member, censored)
        """
        found = Judged(*(np.empty(course.shape) for _ in Judged._fields))
        drawn = iter(range(self.censored))
        for k in range(course.shape[1]):
            before = np.einsum("j,ij->i", self.root[k, :k], found.departure[:, :k])
            z = (self.value[k] - course[:, k] - before) / self.root[k, k]
            own = chance[:, next(drawn)] if self.below[k] else None
            for array, column in zip(found, self._one(z, k, own), strict=True):
                array[:, k] = column
        return found

    def _one(self, z: Floats, k: int, own: Floats | None) -> tuple[Floats, Floats, Floats]:
        from scipy.special import log_ndtr, ndtr, ndtri_exp

        if own is None:
            return -0.5 * (z**2 + np.log(2 * np.pi)) - np.log(self.root[k, k]), ndtr(z), z
        return log_ndtr(z), ndtr(z), ndtri_exp(log_ndtr(own) + log_ndtr(z))
