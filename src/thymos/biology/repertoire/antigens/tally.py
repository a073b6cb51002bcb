"""A number that was counted, beside the number that chance explains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Matches that were counted and those that are expected by chance.

    observed, expected : numbers; error is the standard error of `expected`, where it was drawn
    low, high          : 95 % of samples by chance lie between, Poisson
    enrichment         : observed / expected, with its 95 % interval from the count (exact, Poisson); None where nothing
                         is expected, or nothing was found of it among the drawn chains
    chance             : probability of so many matches, or more, by chance
    """

    observed: int
    expected: float
    error: float
    low: int
    high: int
    enrichment: float | None
    enrichment_low: float | None
    enrichment_high: float | None
    chance: float


def tally(observed: int, expected: float, error: float = 0.0) -> Tally:
    """Both, with intervals. Reference: `garwood1936`."""
    from scipy.stats import chi2, poisson

    low, high = (int(poisson.ppf(u, expected)) if expected > 0 else 0 for u in (0.025, 0.975))
    chance = float(poisson.sf(observed - 1, expected)) if expected > 0 else float(observed == 0)
    if expected <= 0:
        return Tally(observed, expected, error, low, high, None, None, None, chance)
    least = float(chi2.ppf(0.025, 2 * observed)) / 2 if observed else 0.0
    most = float(chi2.ppf(0.975, 2 * observed + 2)) / 2
    ratio, ratio_low, ratio_high = (x / expected for x in (observed, least, most))
    return Tally(observed, expected, error, low, high, ratio, ratio_low, ratio_high, chance)
