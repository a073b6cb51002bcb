r"""What a protocol is worth: the yield it gives, and nothing where it does not hold its purity.

$$ u_j(\theta) = E_{donor}[Y_j \mid \theta]\; 1\{P_{donor}(Q_j \ge q \mid \theta) \ge y\}, \qquad
   U_j = E[u_j \mid data] $$

A protocol that fails its specification is worth nothing, so $U$ is an expected utility and data are never expected
to lower the best of it. Yield is log-normal and purity logit-normal between donors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.design.belief import Belief

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

YIELD, PURITY = 0, 1
SHARP = 1e-9  # a doubt of nothing, where a division needs something


@dataclass(frozen=True)
class Aim:
    """The most yield (reading 0, a logarithm) with purity (reading 1) held by enough donors.

    purity      : least purity, on the scale of reading 1
    probability : share of donors whose lot must hold it
    """

    purity: float
    probability: float

    def worth(self, log_yield: Floats, purity: Floats, donor: Floats, doubt: Floats) -> Floats:
        """Expected utility by member (..., member, site).

        log_yield, purity : of the typical donor (..., member, site)
        donor, doubt      : standard deviations between donors and of the discrepancy (reading, site)
        """
        from scipy.special import ndtr, ndtri

        gain = np.exp(log_yield + 0.5 * (donor[YIELD] ** 2 + doubt[YIELD] ** 2))
        margin = purity - self.purity - donor[PURITY] * ndtri(self.probability)
        return np.asarray(np.nan_to_num(gain * ndtr(margin / np.maximum(doubt[PURITY], SHARP))))

    def holds(self, purity: Floats, donor: Floats, doubt: Floats) -> Floats:
        """P(purity held) by a new donor's lot, by member (..., member, site); arguments as in `worth`."""
        from scipy.special import ndtr

        sd = np.maximum(np.hypot(donor[PURITY], doubt[PURITY]), SHARP)
        return np.asarray(np.nan_to_num(ndtr((purity - self.purity) / sd)))


@dataclass(frozen=True)
class Outlook:
    """What is expected of some sites.

    centre : of each reading for the typical donor (reading, member, site)
    donor, doubt : standard deviations between donors and of the discrepancy (reading, site)
    worth  : expected utility by member (member, site), and U over all (site,)
    holds  : P(purity held) by a new donor's lot (site,)
    """

    sites: Whole
    centre: Floats
    donor: Floats
    doubt: Floats
    by_member: Floats
    worth: Floats
    holds: Floats

    @staticmethod
    def of(belief: Belief, aim: Aim, sites: Whole) -> Outlook:
        """After the runs so far."""
        centre = np.stack([k.centre(sites) for k in belief.krigings])
        donor = np.stack([r.donor_sd[sites] for r in belief.prior.readings])
        doubt = np.sqrt(np.stack([k.left(sites) for k in belief.krigings]))
        by_member = aim.worth(centre[YIELD], centre[PURITY], donor, doubt)
        holds = belief.weights @ aim.holds(centre[PURITY], donor, doubt)
        return Outlook(sites, centre, donor, doubt, by_member, belief.weights @ by_member, holds)

    def at(self, places: Whole) -> Outlook:
        """Some of the sites."""
        p = places
        parts = (self.centre[..., p], self.donor[:, p], self.doubt[:, p], self.by_member[:, p])
        return Outlook(self.sites[p], *parts, self.worth[p], self.holds[p])

    def choice(self, probability: float) -> int:
        """Place of the best site among those expected to hold the purity; of the best at all where none is."""
        admitted = self.holds >= probability
        return int(np.argmax(np.where(admitted, self.worth, -1.0) if admitted.any() else self.worth))

    def contenders(self, weights: Floats, probability: float, most: int) -> Outlook:
        """Sites where the search may end: the choice, the best of each member, then the best on the whole."""
        votes = np.bincount(self.by_member.argmax(axis=1), weights, minlength=len(self.sites))
        order = np.argsort(-votes, kind="stable")
        voted = order[votes[order] > 0][: most // 2]
        leading = np.argsort(-self.worth, kind="stable")
        kept = dict.fromkeys([self.choice(probability), *voted.tolist(), *leading.tolist()])
        return self.at(np.array(list(kept)[:most], np.intp))

    def forecast(
        self, weights: Floats, k: int, place: int, inside: float = 0.9
    ) -> tuple[float, float, float]:
        """Median and ends of the interval of reading `k` of a new donor's lot, measured without error."""
        from scipy.optimize import brentq
        from scipy.special import ndtr

        centre = np.nan_to_num(self.centre[k, :, place])
        sd = float(np.hypot(self.donor[k, place], self.doubt[k, place])) + SHARP
        low, high = centre.min() - 9 * sd, centre.max() + 9 * sd

        def quantile(p: float) -> float:
            return float(brentq(lambda x: weights @ ndtr((x - centre) / sd) - p, low, high))

        tail = (1 - inside) / 2
        return quantile(0.5), quantile(tail), quantile(1 - tail)
