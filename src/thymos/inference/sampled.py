"""Posterior draws of a hierarchy: mode, stand-in, ensemble, correction; with what says whether to believe them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.inference.convergence import effective, rhat
from thymos.inference.emulator import Emulator, emulate
from thymos.inference.ensemble import Keeper, Piece, Plan, ensemble_draws
from thymos.inference.grouped import Grouped, Mode, mode
from thymos.inference.importance import systematic, weights, worth
from thymos.lang.errors import InputError
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Tick = Callable[[int, int, str], None]
CORRECTED = 1000  # draws of the stand-in that the simulation itself is asked about
LEAST_EFFECT = 0.1  # the stand-in has to hold for donors that differ by so much at least
TRUSTED = 0.3  # share of the draws that the correction has to leave, else the stand-in is fitted again
ROUNDS = 4  # of fitting it to where the last draws lie; after them the simulation itself is sampled


def quiet(done: int, total: int, what: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Sampled:
    """Draws of equal weight, and how they came about.

    x          : (draw, size);  names : of the places in x
    mode       : the most probable x
    rhat       : of each place, between ensembles that never exchange
    effective  : effective sample size of each place under the stand-in, before the correction
    corrected  : share of the draws that the correction leaves, 1 where no stand-in was used or it is exact
    error      : root mean square error of the stand-in in the logarithm of a count, the worst prediction
    rounds     : how often the stand-in was fitted; the simulation itself was sampled where that did not do
    """

    x: Floats
    names: tuple[str, ...]
    mode: Mode
    rhat: Mapping[str, float]
    effective: Mapping[str, float]
    corrected: float
    error: float
    rounds: int


def stand_in(posterior: Grouped, top: Mode, seed: int) -> Emulator:
    """Polynomials for the predictions of any group around the mode."""
    h, k = posterior.hierarchy, len(posterior.hierarchy.shared)
    covariance = top.covariance[:k, :k].copy()
    sds = np.maximum(h.effect_sds(top.x[None])[0], LEAST_EFFECT)
    covariance += (h.moves.T * sds**2) @ h.moves
    return emulate(posterior.predictor.values, top.x[:k], covariance, stream(seed, "fit.emulator"))


def sample_posterior(
    posterior: Grouped,
    seed: int,
    plan: Plan | None = None,
    draws: int = 1000,
    keeper: Keeper | None = None,
    tick: Tick = quiet,
) -> Sampled:
    """Draws from the posterior; the same for the same seed, however often interrupted.

    keeper : where pieces of the chains are kept, to go on from
    """
    tick(0, 1, "mode")
    top = mode(posterior, posterior.hierarchy.start)
    tick(1, 1, "mode")
    with one_thread():
        return _sampled(posterior, top, seed, plan or Plan(), draws, keeper, tick)


def _sampled(
    posterior: Grouped, top: Mode, seed: int, plan: Plan, draws: int, keeper: Keeper | None, tick: Tick
) -> Sampled:
    curve: Emulator | None = stand_in(posterior, top, seed)
    error = curve.error if curve else 0.0
    for trial in range(ROUNDS + 1):
        found = _chains(posterior, curve, top, seed, plan, _Shifted(keeper, trial * plan.ensembles), tick)
        flat = found.reshape(-1, found.shape[-1])
        tried = flat[np.linspace(0, len(flat) - 1, min(CORRECTED, len(flat))).astype(int)]
        share = weights(posterior.log_density(tried) - posterior.log_density(tried, curve))
        if curve is None or worth(share) >= TRUSTED * len(tried):
            break
        error = curve.error
        curve = refitted(posterior, tried, seed, trial) if trial + 1 < ROUNDS else None
    kept = tried[systematic(share, draws, stream(seed, "fit.resampling"))]
    names = posterior.hierarchy.names
    ensembles = found.reshape(len(found), -1, found.shape[-1])
    walkers = np.moveaxis(found, 2, 1).reshape(-1, found.shape[1], found.shape[-1])
    return Sampled(
        kept,
        names,
        top,
        {name: rhat(ensembles[:, :, i]) for i, name in enumerate(names)},
        {name: effective(walkers[:, :, i]) for i, name in enumerate(names)},
        worth(share) / len(tried),
        curve.error if curve else error,
        trial + 1,
    )


def refitted(posterior: Grouped, x: Floats, seed: int, trial: int) -> Emulator:
    """Polynomials fitted where draws x (draw, size) lie: what one stand-in got wrong moves them, and the next holds."""
    logs = posterior.hierarchy.logs(x)
    logs = logs.reshape(-1, logs.shape[2])
    covariance = np.atleast_2d(np.cov(logs.T)) + 1e-8 * np.eye(logs.shape[1])
    chance = stream(seed, "fit.emulator", trial + 1)
    return emulate(posterior.predictor.values, logs.mean(axis=0), covariance, chance)


def _chains(
    posterior: Grouped,
    curve: Emulator | None,
    top: Mode,
    seed: int,
    plan: Plan,
    keeper: Keeper,
    tick: Tick,
) -> Floats:
    """Chains under the stand-in, or under the simulation itself where there is none."""

    def density(x: Floats) -> Floats:
        return posterior.log_density(x, curve)

    what = "sampling" if curve else "sampling the simulation itself"
    return ensemble_draws(
        density, top.x, top.covariance, plan, seed, keeper, lambda done, total: tick(done, total, what)
    )


@dataclass(frozen=True)
class _Shifted:
    """A keeper that numbers the ensembles of a later round on."""

    keeper: Keeper | None
    first: int

    def get(self, ensemble: int, number: int) -> Piece | None:
        return self.keeper.get(self.first + ensemble, number) if self.keeper else None

    def put(self, ensemble: int, number: int, piece: Piece) -> None:
        if self.keeper:
            self.keeper.put(self.first + ensemble, number, piece)


def one_thread() -> AbstractContextManager[object]:
    """Linear algebra on one thread: matrices are small, bits then do not depend on the machine's cores."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise InputError(
            "sampling", "threadpoolctl", "no such package", "pip install 'thymos[fit]'"
        ) from None

    limited: AbstractContextManager[object] = threadpool_limits(1)
    return limited
