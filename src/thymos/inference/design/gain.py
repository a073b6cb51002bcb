r"""What a batch of runs is worth before it is made: the value of information of the decision that ends the search.

$$ EVI(B) = E_{Y_B}\left[\max_j U_j(Y_B) - U_{j^*}(Y_B)\right], \qquad
   EVPI_j = E_\theta\left[\max_i u_i(\theta) - u_j(\theta)\right] $$

with $j^*$ the site of the highest $U$ now; the site that is recommended may be another, as it has to hold its purity.
Outcomes are drawn from the belief itself; every batch is judged on the same draws. Both are at least 0.
References: Raiffa and Schlaifer 1961; Frazier, Powell and Dayanik 2009.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.aim import PURITY, YIELD, Aim, Outlook
from thymos.inference.design.belief import FEWEST, Belief, Runs
from thymos.inference.importance import systematic
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True)
class Judge:
    """Judges batches for one belief, on the same draws of what may come.

    now     : outlook of the sites where the search may end, the contenders
    leading : place among them of the highest expected utility
    members : the member that is true in each draw (draw,)
    normals : standard normal numbers for the outcomes (draw, reading, run)
    """

    belief: Belief
    aim: Aim
    now: Outlook
    leading: int
    members: Whole
    normals: Floats

    @staticmethod
    def of(
        belief: Belief, aim: Aim, now: Outlook, draws: int, largest: int, seed: int, use: str = "search"
    ) -> Judge:
        """For batches of at most `largest` runs; judges of another `use` have draws of their own."""
        rng = stream(seed, f"design.outcomes.{use}")
        members = systematic(belief.weights, draws, rng)
        normals = rng.standard_normal((draws, len(belief.prior.readings), largest))
        return Judge(belief, aim, now, int(now.worth.argmax()), members, normals)

    def gain(self, site: Whole, donor: Whole) -> float:
        """EVI of runs at sites with donors (run,)."""
        n = len(site)
        batch = Runs(site, donor, np.zeros((len(self.belief.krigings), n)))
        logs = np.log(np.maximum(self.belief.weights, 1e-300))[None, :]
        centres, doubts = [], []
        for k in range(len(self.belief.krigings)):
            log, centre, doubt = self._seen(k, batch, self.normals[:, k, :n])
            logs = logs + log
            centres.append(centre)
            doubts.append(doubt)
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        worth = self.aim.worth(centres[YIELD], centres[PURITY], self.now.donor, np.stack(doubts))
        after = np.einsum("fs,fsj->fj", weights, worth)
        return float(np.mean(after.max(axis=1) - after[:, self.leading]))

    def _seen(self, k: int, batch: Runs, normals: Floats) -> tuple[Floats, Floats, Floats]:
        """What outcomes of reading `k` say.

        Log-likelihood (draw, member), centre (draw, member, site) and doubt (site,).
        """
        kriging, reading = self.belief.krigings[k], self.belief.prior.readings[k]
        c = kriging.covariance(batch, batch) + (reading.noise**2 + FEWEST) * np.eye(len(batch.site))
        lower = np.linalg.cholesky(c)
        # Everything in units of the outcome's own spread: residuals are then plain differences.
        scaled = np.linalg.solve(lower, np.nan_to_num(kriging.mean(batch)).T).T
        seen = scaled[self.members] + normals
        log = seen @ scaled.T - 0.5 * np.sum(scaled**2, axis=1)
        # A new donor's lot at the end shares the discrepancy with the batch, not the donor.
        sites = self.now.sites
        apart = Runs(sites, np.full(len(sites), -1), np.empty((0, len(sites))))
        across = np.linalg.solve(lower, kriging.covariance(batch, apart))
        left = self.now.doubt[k] ** 2 - np.sum(across**2, axis=0)
        moved = (seen @ across)[:, None, :] + (self.now.centre[k] - scaled @ across)[None]
        return log, moved, np.sqrt(np.maximum(left, 0.0))


@dataclass(frozen=True)
class Truths:
    """Draws of what may be true at some sites.

    worth : utility of each site (draw, site)
    """

    worth: Floats

    def regret(self, chosen: int) -> float:
        """EVPI: what is expected to be lost by choosing now (place among the sites)."""
        return float(np.mean(self.worth.max(axis=1) - self.worth[:, chosen]))

    def best(self) -> Whole:
        """The best site in each draw, as its place (draw,)."""
        return np.asarray(self.worth.argmax(axis=1), dtype=np.intp)


def truths(belief: Belief, aim: Aim, now: Outlook, draws: int, seed: int) -> Truths:
    """Members by weight, each with a discrepancy drawn over all sites together."""
    rng = stream(seed, "design.truths")
    members = systematic(belief.weights, draws, rng)
    found = []
    for kriging, centre in zip(belief.krigings, now.centre, strict=True):
        c = kriging.together(now.sites) + FEWEST * np.eye(len(now.sites))
        moved = rng.standard_normal((draws, len(now.sites))) @ np.linalg.cholesky(c).T
        found.append(centre[members] + moved)
    return Truths(aim.worth(found[YIELD], found[PURITY], now.donor, np.zeros_like(now.doubt)))
