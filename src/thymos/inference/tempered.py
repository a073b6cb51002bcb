r"""Members of a posterior from members of its prior: sequential Monte Carlo by tempering.

Members are points $z$ with prior $N(0, I)$; a stage raises the power $\beta$ of the likelihood as far as half of the
members stay effective, resamples, and moves each member by preconditioned Crank-Nicolson,
$z_i' = \sqrt{1 - s_i^2}\, z_i + s_i\, \xi_i$, which leaves the prior as it is. A direction that the likelihood
hardly answers to takes long steps, so that it is drawn anew and does not carry the luck of a few ancestors:
$s_i = \min(1, \ell / g_i)$ with the mean square slope $g_i^2$ learnt from the moves tried before,
$(\Delta \ln L)^2 \approx \sum_i g_i^2 \Delta z_i^2$.
References: Del Moral, Doucet and Jasra 2006; Cotter, Roberts, Stuart and White 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import systematic, weights, worth
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], Floats]

STAGES = 60
LAST = 3  # times as many moves once the likelihood counts in full
MOST = 3.0  # a larger change of the log-posterior says no more: the move is refused
WANTED = 0.3  # acceptance that the length of a move is steered to


@dataclass(frozen=True)
class Stage:
    """Members (member, parameter) of equal weight at one power of the likelihood.

    logs : log-likelihood of each;  slopes : of the log-likelihood along each parameter, root mean square (parameter,)
    length : of the moves;  accepted : share of moves taken
    """

    members: Floats
    logs: Floats
    slopes: Floats
    power: float
    length: float
    accepted: float


class Keeper(Protocol):
    """Where stages are kept, so that an interrupted run goes on from the last one."""

    def get(self, number: int) -> Stage | None:
        """A kept stage."""

    def put(self, number: int, stage: Stage) -> None:
        """Keep one."""


@dataclass(frozen=True)
class Renewed:
    """Members of the posterior (member, parameter), all of equal weight.

    powers : of the likelihood at each stage, the last 1;  accepted : share of moves taken at each stage
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
    keeper: Keeper | None = None,
    *block: int,
) -> Renewed:
    """Members of the posterior from members of the prior.

    log_likelihood : of points (member, parameter) -> (member,), -inf where nothing can be computed
    tick : called with the power after each stage;  block : further numbers of the random streams
    """
    stage: Stage | None = None
    powers: list[float] = []
    accepted: list[float] = []
    for number in range(STAGES):
        kept = keeper.get(number) if keeper else None
        if kept is None:
            stage = stage or _begun(log_likelihood, members)
            kept = _raised(log_likelihood, stage, moves, stream(seed, "design.tempering", number, *block))
            if keeper:
                keeper.put(number, kept)
        stage = kept
        powers.append(stage.power)
        accepted.append(stage.accepted)
        tick(stage.power)
        if stage.power >= 1.0:
            break
    return Renewed(members if stage is None else stage.members, tuple(powers), tuple(accepted))


def _begun(log_likelihood: LogLikelihood, members: Floats) -> Stage:
    """The prior; slopes from how far members lie apart."""
    logs = log_likelihood(members)
    half = len(members) // 2
    apart = (members[:half] - members[half : 2 * half]) ** 2
    power = _power(logs, 0.0)
    slopes = _slopes(apart, power * (logs[:half] - logs[half : 2 * half])) / power
    return Stage(members, logs, slopes, 0.0, 0.5, 0.0)


def _slopes(apart: Floats, change: Floats) -> Floats:
    """Root mean square slope along each parameter (parameter,).

    apart : squared distances along each (pair, parameter);  change : of the tempered log-likelihood (pair,)
    """
    from scipy.optimize import nnls

    said = np.isfinite(change)
    answer = np.minimum(np.abs(change[said]), MOST) ** 2
    found, _ = nnls(apart[said], answer)
    return np.asarray(np.sqrt(found))


def _raised(log_likelihood: LogLikelihood, stage: Stage, moves: int, rng: np.random.Generator) -> Stage:
    """The next stage: a higher power, members resampled and moved."""
    power = _power(stage.logs, stage.power)
    kept = systematic(weights((power - stage.power) * stage.logs), len(stage.members), rng)
    z, logs, length = stage.members[kept], stage.logs[kept], stage.length
    taken, apart, change = [], [], []
    for _ in range(moves * (LAST if power >= 1.0 else 1)):
        steps = np.minimum(1.0, length / np.maximum(power * stage.slopes, 1e-12))
        tried = np.sqrt(1 - steps**2) * z + steps * rng.standard_normal(z.shape)
        found = log_likelihood(tried)
        apart.append((tried - z) ** 2)
        with np.errstate(invalid="ignore"):
            change.append(power * (found - logs))
            accepted = np.log(rng.random(len(z))) < change[-1]
        z, logs = np.where(accepted[:, None], tried, z), np.where(accepted, found, logs)
        taken.append(float(accepted.mean()))
        length = float(np.clip(length * np.exp(taken[-1] - WANTED), 0.02, 10.0))
    slopes = _slopes(np.concatenate(apart), np.concatenate(change)) / power
    return Stage(z, logs, slopes, power, length, float(np.mean(taken)))


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
