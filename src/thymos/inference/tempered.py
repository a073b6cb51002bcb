r"""New members where runs have left few of the old: sequential Monte Carlo from prior to posterior by tempering.

Members are points $z$ with prior $N(0, I)$; a step raises the power $\beta$ of the likelihood as far as half of the
members stay effective, resamples, and moves each member by preconditioned Crank-Nicolson,
$z' = \sqrt{1 - s^2}\, z + s\, \xi$, which leaves the prior as it is. References: Del Moral, Doucet and Jasra 2006;
Cotter, Roberts, Stuart and White 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import systematic, weights, worth
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], Floats]

STEPS = 60
WANTED = 0.3  # acceptance that the length of a step is steered to


@dataclass(frozen=True)
class Renewed:
    """Members of the posterior (member, parameter), all of equal weight.

    powers : of the likelihood at each step, the last 1;  accepted : share of moves taken at each step
    """

    members: Floats
    powers: tuple[float, ...]
    accepted: tuple[float, ...]


def renew(
    log_likelihood: LogLikelihood,
    members: Floats,
    seed: int,
    moves: int = 3,
    tick: Callable[[float], None] = lambda power: None,
) -> Renewed:
    """Members of the posterior from members of the prior.

    log_likelihood : of points (member, parameter) -> (member,), -inf where nothing can be computed
    """
    z, logs, power, length = members, log_likelihood(members), 0.0, 0.5
    powers: list[float] = []
    accepted: list[float] = []
    for step in range(STEPS):
        power_next = _power(logs, power)
        rng = stream(seed, "design.tempering", step)
        kept = systematic(weights((power_next - power) * logs), len(z), rng)
        z, logs, power = z[kept], logs[kept], power_next
        taken = []
        for _ in range(moves):
            z, logs, share = _moved(log_likelihood, z, logs, power, length, rng)
            length = float(np.clip(length * np.exp(share - WANTED), 0.02, 1.0))
            taken.append(share)
        powers.append(power)
        accepted.append(float(np.mean(taken)))
        tick(power)
        if power >= 1.0:
            break
    return Renewed(z, tuple(powers), tuple(accepted))


def _moved(
    log_likelihood: LogLikelihood,
    z: Floats,
    logs: Floats,
    power: float,
    length: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, float]:
    """Each member moved once, or left; and the share that moved."""
    tried = np.sqrt(1 - length**2) * z + length * rng.standard_normal(z.shape)
    found = log_likelihood(tried)
    with np.errstate(invalid="ignore"):
        taken = np.log(rng.random(len(z))) < power * (found - logs)
    return np.where(taken[:, None], tried, z), np.where(taken, found, logs), float(taken.mean())


def _power(logs: Floats, power: float) -> float:
    """The highest power that leaves half of the members effective."""

    def effective(to: float) -> float:
        return worth(weights((to - power) * logs))

    if effective(1.0) >= len(logs) / 2:
        return 1.0
    low, high = power, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= len(logs) / 2 else (low, middle)
    return max(low, power + 1e-4)
