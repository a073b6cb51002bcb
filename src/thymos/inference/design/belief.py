r"""What is believed of every possible run: a mechanism with many draws, and what the mechanism may miss.

$$ y_i = m_s(x_i) + \delta(x_i) + b(x_i) \cdot z_{d(i)} + \varepsilon_i, \qquad
   \delta \sim GP(0, \tau^2 k), \quad z, \varepsilon / \sigma \sim N(0, 1) $$

$m_s$ is the prediction of member $s$ of the ensemble for the typical donor, $\delta$ the discrepancy, $z_d$ the donor
of the run, who may differ from the typical one in several directions $b$. Given $s$ all is Gaussian, so runs weigh
the members by a closed form and move each by kriging of its own residuals: a wrong mechanism loses weight to
$\delta$ and does not lock the search. $k$ is the Matern 5/2 kernel.
References: Kennedy and O'Hagan 2001; Rasmussen and Williams 2006.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import systematic, worth
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

# Multiples of the stated spreads that the data choose from; standard deviations of their logarithms to base 2.
MISSED, DONORS = (0.25, 0.5, 1.0, 2.0, 4.0), (0.5, 0.7, 1.0, 1.4, 2.0)
MISSED_SD, DONORS_SD = 1.0, 0.5
TURNS = 2
FEWEST = 1e-9  # keeps a covariance positive where two runs are alike


@dataclass(frozen=True)
class Reading:
    """One readout on a scale where it is normal, at every site.

    mean        : of the typical donor (member, site); nan where the computation failed
    donor       : how donors differ, a standard deviation in each of some directions (direction, site)
    noise       : of one measurement
    discrepancy : standard deviation of what the mechanism may miss
    """

    mean: Floats
    donor: Floats
    noise: float
    discrepancy: float

    @property
    def donor_sd(self) -> Floats:
        """Standard deviation between donors (site,)."""
        return np.asarray(np.linalg.norm(self.donor, axis=0))


@dataclass(frozen=True)
class Runs:
    """What was seen, or would be.

    site  : where (run,)
    donor : number of the donor (run,)
    value : (reading, run); nan where not measured
    """

    site: Whole
    donor: Whole
    value: Floats

    @staticmethod
    def none(readings: int) -> Runs:
        """No runs yet."""
        empty = np.empty(0, np.intp)
        return Runs(empty, empty, np.empty((readings, 0)))

    def and_(self, more: Runs) -> Runs:
        """These and more."""
        return Runs(
            np.concatenate([self.site, more.site]),
            np.concatenate([self.donor, more.donor]),
            np.concatenate([self.value, more.value], axis=1),
        )


@dataclass(frozen=True)
class Scales:
    """Multiples of the stated discrepancy, and of the stated spread of donors in each reading."""

    missed: float
    donors: tuple[float, ...]

    @property
    def surprise(self) -> float:
        """Minus the log of what was believed of them, apart from a constant."""
        donors = sum((np.log2(x) / DONORS_SD) ** 2 for x in self.donors)
        return float(0.5 * ((np.log2(self.missed) / MISSED_SD) ** 2 + donors))

    def alternatives(self, which: int) -> list[Scales]:
        """Those that differ in one multiple: that of the donors in a reading, or with -1 of the discrepancy."""
        if which < 0:
            return [replace(self, missed=x) for x in MISSED]
        return [replace(self, donors=(*self.donors[:which], x, *self.donors[which + 1 :])) for x in DONORS]


@dataclass(frozen=True)
class Prior:
    """Before any run.

    x       : positions of the sites (site, factor), each factor 0..1
    reach   : distance over which the discrepancy forgets itself, the same for every factor
    weights : of the members, adding up to 1
    """

    readings: tuple[Reading, ...]
    x: Floats
    weights: Floats
    reach: float = 0.7

    def __post_init__(self) -> None:
        members, sites = self.readings[0].mean.shape
        if self.weights.shape != (members,) or len(self.x) != sites:
            got = f"{self.weights.shape} weights for {members} members, {len(self.x)} of {sites} sites"
            raise DataError("belief", "a weight for each member and a position for each site", got)

    def alike(self, a: Whole, b: Whole) -> Floats:
        """Correlation of the discrepancy between sites (a, b)."""
        r = np.linalg.norm(self.x[a][:, None, :] - self.x[b][None, :, :], axis=2)
        s = np.sqrt(5.0) * r / self.reach
        return np.asarray((1 + s + s * s / 3) * np.exp(-s))

    def covariance(self, k: int, a: Runs, b: Runs) -> Floats:
        """Of reading `k` in runs a and b (a, b), apart from the members and the noise."""
        reading = self.readings[k]
        same = a.donor[:, None] == b.donor[None, :]
        donors = np.where(same, reading.donor[:, a.site].T @ reading.donor[:, b.site], 0.0)
        return np.asarray(donors + reading.discrepancy**2 * self.alike(a.site, b.site))

    def members(self, places: Whole) -> Prior:
        """Some of the members."""
        readings = tuple(replace(r, mean=r.mean[places]) for r in self.readings)
        weights = self.weights[places] / self.weights[places].sum()
        return replace(self, readings=readings, weights=weights)

    def scaled(self, scales: Scales) -> Prior:
        """The same with other spreads."""
        readings = tuple(
            replace(r, discrepancy=r.discrepancy * scales.missed, donor=r.donor * x)
            for r, x in zip(self.readings, scales.donors, strict=True)
        )
        return replace(self, readings=readings)


@dataclass(frozen=True)
class Kriging:
    """What runs say of one reading, for all members alike: only residuals differ.

    seen  : which runs measured it (run,)
    lower : Cholesky factor of the covariance of those runs
    """

    prior: Prior
    k: int
    runs: Runs
    seen: Whole
    lower: Floats

    @staticmethod
    def of(prior: Prior, k: int, runs: Runs) -> Kriging:
        """Factorised once."""
        seen = np.flatnonzero(np.isfinite(runs.value[k]))
        part = Runs(runs.site[seen], runs.donor[seen], runs.value[:, seen])
        c = prior.covariance(k, part, part) + (prior.readings[k].noise ** 2 + FEWEST) * np.eye(len(seen))
        return Kriging(prior, k, part, seen, np.asarray(np.linalg.cholesky(c), np.float64))

    @property
    def residuals(self) -> Floats:
        """Seen less predicted (member, run)."""
        return np.asarray(self.runs.value[self.k] - self.prior.readings[self.k].mean[:, self.runs.site])

    def half(self, against: Floats) -> Floats:
        """L^-1 of columns (run, ...)."""
        from scipy.linalg import solve_triangular

        return np.asarray(solve_triangular(self.lower, against, lower=True))

    def log_likelihood(self) -> Floats:
        """Of each member (member,); -inf for one that failed."""
        z = self._told
        constant = np.log(self.lower.diagonal()).sum() + 0.5 * len(self.lower) * np.log(2 * np.pi)
        found = -0.5 * np.einsum("rs,rs->s", z, z) - constant
        return np.where(np.isfinite(self.residuals).all(axis=1), found, -np.inf)

    def _tie(self, sites: Whole) -> Floats:
        """L^-1 of the covariance between the runs and the discrepancy at sites (run, site)."""
        return self.half(self._tau * self.prior.alike(self.runs.site, sites))

    @property
    def _tau(self) -> float:
        return self.prior.readings[self.k].discrepancy ** 2

    @cached_property
    def _told(self) -> Floats:
        """L^-1 of the residuals (run, member)."""
        return self.half(np.nan_to_num(self.residuals).T)

    def centre(self, sites: Whole) -> Floats:
        """Expected reading of the typical donor (member, site)."""
        return np.asarray(self.prior.readings[self.k].mean[:, sites] + self._told.T @ self._tie(sites))

    def left(self, sites: Whole) -> Floats:
        """Variance of the discrepancy that is left, the same for all members (site,)."""
        return np.asarray(np.maximum(self._tau - np.sum(self._tie(sites) ** 2, axis=0), 0.0))

    def together(self, sites: Whole) -> Floats:
        """Covariance of the discrepancy that is left (site, site)."""
        tie = self._tie(sites)
        return np.asarray(self._tau * self.prior.alike(sites, sites) - tie.T @ tie)

    def covariance(self, a: Runs, b: Runs) -> Floats:
        """Of further runs a and b given these (a, b), apart from the noise."""
        za, zb = (self.half(self.prior.covariance(self.k, self.runs, more)) for more in (a, b))
        return np.asarray(self.prior.covariance(self.k, a, b) - za.T @ zb)

    def mean(self, more: Runs) -> Floats:
        """Expected reading of further runs, their donors included (member, run)."""
        tie = self.half(self.prior.covariance(self.k, self.runs, more))
        return np.asarray(self.prior.readings[self.k].mean[:, more.site] + self._told.T @ tie)


@dataclass(frozen=True)
class Belief:
    """After the runs.

    weights  : of the members (member,)
    evidence : log of the chance of all that was seen; nan where the weights were known before
    scales   : of the discrepancy and of the donors, as the runs chose them
    """

    prior: Prior
    runs: Runs
    krigings: tuple[Kriging, ...]
    weights: Floats
    evidence: float
    scales: Scales

    @property
    def effective_members(self) -> float:
        """How many equal members the weights are worth."""
        return worth(self.weights)


def thin(belief: Belief, most: int, seed: int) -> tuple[Belief, Whole]:
    """The same belief with at most `most` members, resampled by weight, and which they are (member,)."""
    if len(belief.weights) <= most:
        return belief, np.arange(len(belief.weights))
    drawn = systematic(belief.weights, most, stream(seed, "design.thinning"))
    kept, times = np.unique(drawn, return_counts=True)
    return known(belief.prior.members(kept), belief.runs, times / most, belief.scales), kept


def known(prior: Prior, runs: Runs, weights: Floats, scales: Scales | None = None) -> Belief:
    """Members whose weights after the runs are known; the runs move each of them all the same."""
    krigings = tuple(Kriging.of(prior, k, runs) for k in range(len(prior.readings)))
    as_stated = Scales(1.0, (1.0,) * len(prior.readings))
    return Belief(prior, runs, krigings, weights, np.nan, scales or as_stated)


def log_likelihood(prior: Prior, runs: Runs) -> Floats:
    """Of each member (member,), with the discrepancy, the donors and the noise integrated out."""
    krigings = (Kriging.of(prior, k, runs) for k in range(len(prior.readings)))
    return np.asarray(np.sum([k.log_likelihood() for k in krigings], axis=0))


def condition(prior: Prior, runs: Runs) -> Belief:
    """The prior after runs; raises `DataError` where no member can explain them."""
    with np.errstate(divide="ignore"):
        logs = np.log(prior.weights) + log_likelihood(prior, runs)
    top = float(logs.max())
    if not np.isfinite(top):
        raise DataError("runs", "values that some member of the ensemble can give", "none can")
    weights = np.exp(logs - top)
    total = float(weights.sum())
    return replace(known(prior, runs, weights / total), evidence=top + float(np.log(total)))


def learn(prior: Prior, runs: Runs) -> Belief:
    """The prior after runs, with the discrepancy and the spreads of donors that the runs make likely.

    Each is a multiple of the stated one, log-normal around 1; they are sought in turns, as they hardly trade.
    """
    scales = Scales(1.0, (1.0,) * len(prior.readings))
    tried: dict[Scales, float] = {}

    def score(scales: Scales) -> float:
        if scales not in tried:
            evidence = condition(prior.scaled(scales), runs).evidence if len(runs.site) else 0.0
            tried[scales] = evidence - scales.surprise
        return tried[scales]

    for which in (*range(-1, len(prior.readings)),) * TURNS:
        scales = max(scales.alternatives(which), key=score)
    return replace(condition(prior.scaled(scales), runs), scales=scales)
