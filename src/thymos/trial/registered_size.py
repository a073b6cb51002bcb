"""The trial as registered: how often would so few patients show what the virtual population shows?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.lang.streams import stream
from thymos.trial.interval import Draws, probability


def critical_value(n: int, reference: float, alpha: float) -> int:
    """Least number of responders out of n that rejects `reference` at one-sided `alpha` (exact binomial)."""
    return next((r for r in range(1, n + 1) if at_least(r, n, reference) <= alpha), n + 1)


def at_least(r: int, n: int, rate: float) -> float:
    """Probability of r or more responders out of n (exact binomial)."""
    from scipy.special import bdtrc

    return float(bdtrc(r - 1, n, rate)) if r > 0 else 1.0


def power(
    responded: NDArray[np.bool_],
    twins: NDArray[np.bool_],
    draws: Draws,
    n: int,
    reference: float,
    alpha: float,
    seed: int,
    replicates: int = 2000,
) -> dict[str, Any]:
    """Share of replicate trials of n patients that reject the reference rate.

    responded, twins : whether each treated patient, and its untreated twin, met the endpoint
    Each replicate believes in one draw of what we do not know and recruits its virtual patients with
    replacement, so the interval holds parameter uncertainty.
    """
    needed = critical_value(n, reference, alpha)
    rng = stream(seed, "registered size")
    members = [np.flatnonzero(draws.group == g) for g in range(len(draws.size))]
    chosen = rng.integers(len(members), size=replicates)
    u = rng.random((replicates, n))
    wins = np.empty((2, replicates), dtype=bool)
    for k, g in enumerate(chosen):
        recruited = members[g][(u[k] * len(members[g])).astype(int)]
        wins[:, k] = responded[recruited].sum() >= needed, twins[recruited].sum() >= needed
    return {
        "critical_value": needed,
        "power": probability(wins[0], Draws.of(chosen)),
        "untreated": probability(wins[1], Draws.of(chosen)),
        "type_one_error": at_least(needed, n, reference) if needed <= n else 0.0,
        "replicates": replicates,
    }
