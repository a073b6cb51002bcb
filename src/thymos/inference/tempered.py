r"""Members of a posterior from members of its prior: sequential Monte Carlo by tempering.

Members are points $z$ with prior $N(0, I)$; a stage raises the power $\beta$ of the likelihood as far as half of the
members stay effective, resamples, and moves each member by preconditioned Crank-Nicolson,
$z_i' = \sqrt{1 - s_i^2}\, z_i + s_i\, \xi_i$, which leaves the prior as it is. A direction that the likelihood
hardly answers to takes long steps, so that it is drawn anew and does not carry the luck of a few ancestors:
$s_i = \min(1, \ell / g_i)$, where $g_i$ is how much the tempered log-likelihood of some members changes, root mean
square, when this parameter alone is drawn anew.
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
WANTED = 0.3  # acceptance that the length of a move is steered to
PROBES = 16  # members at which the answer to each parameter is looked at
LARGEST = 10.0  # a larger change says no more: such a move is refused


@dataclass(frozen=True)
class Stage:
    """Members (member, parameter) of equal weight at one power of the likelihood.

    logs : log-likelihood of each;  length : of the moves;  accepted : share of moves taken
    """

    members: Floats
    logs: Floats
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
    rest: int = 0,
    *block: int,
) -> Renewed:
    """Members of the posterior from members of the prior.

    log_likelihood : of points (member, parameter) -> (member,), -inf where nothing can be computed
    tick : called with the power after each stage
    rest : further stages once the likelihood counts in full, in which members forget where they began
    block : further numbers of the random streams
    """
    stage: Stage | None = None
    powers: list[float] = []
    accepted: list[float] = []
    for number in range(STAGES):
        kept = keeper.get(number) if keeper else None
        if kept is None:
            stage = stage or Stage(members, log_likelihood(members), 0.0, 0.5, 0.0)
            kept = _raised(log_likelihood, stage, moves, stream(seed, "design.tempering", number, *block))
            if keeper:
                keeper.put(number, kept)
        stage = kept
        powers.append(stage.power)
        accepted.append(stage.accepted)
        tick(stage.power)
        if len(powers) > rest and powers[-1 - rest] >= 1.0:
            break
    return Renewed(members if stage is None else stage.members, tuple(powers), tuple(accepted))


def _raised(log_likelihood: LogLikelihood, stage: Stage, moves: int, rng: np.random.Generator) -> Stage:
    """The next stage: a higher power, members resampled and moved."""
    power = _power(stage.logs, stage.power)
    kept = systematic(weights((power - stage.power) * stage.logs), len(stage.members), rng)
    z, logs, length = stage.members[kept], stage.logs[kept], stage.length
    probes = rng.permutation(len(z))[:PROBES]
    answers = _answers(log_likelihood, z[probes], logs[probes], power, rng)
    taken = []
    for _ in range(moves):
        z, logs, share = _moved(log_likelihood, z, logs, power, np.minimum(1.0, length / answers), rng)
        length = float(np.clip(length * np.exp(share - WANTED), 0.02, 10.0))
        taken.append(share)
    return Stage(z, logs, power, length, float(np.mean(taken)))


def _answers(
    log_likelihood: LogLikelihood, z: Floats, logs: Floats, power: float, rng: np.random.Generator
) -> Floats:
    """Root mean square change of the tempered log-likelihood when one parameter is drawn anew (parameter,), never 0."""
    probes, size = z.shape
    moved = np.repeat(z[:, None, :], size, axis=1)
    moved[:, np.arange(size), np.arange(size)] = rng.standard_normal((probes, size))
    change = power * (log_likelihood(moved.reshape(-1, size)).reshape(probes, size) - logs[:, None])
    limited = np.nan_to_num(change, nan=LARGEST, posinf=LARGEST, neginf=-LARGEST).clip(-LARGEST, LARGEST)
    return np.asarray(np.sqrt(np.mean(limited**2, axis=0)) + 1e-12)


def _moved(
    log_likelihood: LogLikelihood,
    z: Floats,
    logs: Floats,
    power: float,
    steps: Floats,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, float]:
    """Each member moved once, or left; and the share that moved.

    steps : length along each parameter, 1 for a draw that forgets where it began (parameter,)
    """
    tried = np.sqrt(1 - steps**2) * z + steps * rng.standard_normal(z.shape)
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
