"""How many lots a trial has to make so that all its patients get their dose, as sure as wanted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST = 10_000  # lots; more than that is no plan


def at_least_one(successes: Ints, lots: Ints, tried: int) -> Floats:
    """Chance that `tried` lots of each donor hold a success, unbiased from the lots seen (donor,).

    successes, lots : successes among the lots of each donor, `tried` of them at least (donor,)

    Tries of one donor are no independent trials: a donor whose lots fail goes on to fail. Drawing `tried` of the
    lots seen, without putting back, is the hypergeometric answer that needs no model of donors.
    """
    from scipy.special import gammaln

    failures = lots - successes
    enough = failures >= tried
    f, n = np.where(enough, failures, tried).astype(float), lots.astype(float)
    log_none = gammaln(f + 1) - gammaln(f - tried + 1) - gammaln(n + 1) + gammaln(n - tried + 1)
    return 1 - np.where(enough, np.exp(log_none), 0.0)


def all_served(doses: Floats, patients: int, most: int = MOST) -> Floats:
    """Chance that 1, 2, ... lots hold a dose for each of `patients`, up to `most` lots or to near certainty (lots,).

    doses : share of lots that hold 0, 1, 2, ... doses; the lots come from different donors

    With one dose a lot at most, this is the negative binomial distribution.
    """
    step = np.asarray(doses, dtype=np.float64)
    step = np.append(step[:patients], step[patients:].sum())
    held, found = np.zeros(patients + 1), []
    held[0] = 1.0
    for _ in range(most):
        grown = np.convolve(held, step)
        held = np.append(grown[:patients], grown[patients:].sum())
        found.append(held[patients])
        if held[patients] > 1 - 1e-9:
            break
    return np.array(found)


def least(chance: Floats, assurance: float) -> float:
    """The first of 1, 2, ... lots whose chance reaches `assurance`; inf when none does."""
    sure = np.flatnonzero(chance >= assurance)
    return float(sure[0] + 1) if sure.size else np.inf


def mean_of(chances: list[Floats]) -> Floats:
    """Mean over draws of curves that may end early because they have arrived (lots,)."""
    longest = max(map(len, chances))
    return np.asarray(np.mean([np.append(c, np.full(longest - len(c), c[-1])) for c in chances], axis=0))


def least_amount(chance: Callable[[float], float], candidates: Floats, assurance: float) -> float:
    """The least of the rising `candidates` whose chance, which rises with it, reaches `assurance`; else inf."""
    low, high = 0, len(candidates)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(float(candidates[middle])) >= assurance else (middle + 1, high)
    return float(candidates[low]) if low < len(candidates) else np.inf
