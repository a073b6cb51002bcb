"""Affine-invariant ensemble sampling with emcee (extra `fit`), in pieces that can be stored and gone on from.

All walkers of half an ensemble are handed to the density at once. Each piece has random numbers of its own, so a
run that was interrupted goes on with the very draws it would have made. Several ensembles never exchange, so that
their agreement says something. Reference: Foreman-Mackey et al. 2013 (PASP 125:306).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import InputError
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Density = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Piece:
    """Some steps of one ensemble: places (step, walker, size) and log-density (step, walker)."""

    x: Floats
    log_density: Floats


class Keeper(Protocol):
    """Where pieces are kept, by ensemble and number."""

    def get(self, ensemble: int, number: int) -> Piece | None:
        """A kept piece, None where there is none."""

    def put(self, ensemble: int, number: int, piece: Piece) -> None:
        """Keep a piece."""


class InMemory:
    """Keeps nothing beyond the call."""

    def get(self, ensemble: int, number: int) -> Piece | None:
        """Nothing."""
        return None

    def put(self, ensemble: int, number: int, piece: Piece) -> None:
        """Forget it."""


@dataclass(frozen=True)
class Plan:
    """How long: ensembles, walkers in each, pieces, steps in each piece, and every how many steps one is kept."""

    ensembles: int = 4
    walkers: int = 0
    pieces: int = 6
    steps: int = 250
    thin: int = 10

    def size(self, dimension: int) -> int:
        """Walkers: the least that emcee likes, unless said otherwise."""
        return self.walkers or max(32, 2 * dimension + 2)


def ensemble_draws(
    density: Density,
    middle: Floats,
    covariance: Floats,
    plan: Plan,
    seed: int,
    keeper: Keeper | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Floats:
    """Draws (ensemble, step, walker, size), the first third left out; starts are normal around `middle`."""
    kept = keeper or InMemory()
    found, total = [], plan.ensembles * plan.pieces
    for ensemble in range(plan.ensembles):
        pieces = []
        for piece in _pieces(density, middle, covariance, plan, seed, ensemble, kept):
            pieces.append(piece.x)
            tick(ensemble * plan.pieces + len(pieces), total)
        found.append(np.concatenate(pieces[plan.pieces // 3 :]))
    return np.stack(found)


def _pieces(
    density: Density, middle: Floats, covariance: Floats, plan: Plan, seed: int, ensemble: int, kept: Keeper
) -> Iterator[Piece]:
    sampler = _sampler(density, plan.size(len(middle)), len(middle))
    x = _start(density, middle, covariance, plan.size(len(middle)), seed, ensemble)
    for number in range(plan.pieces):
        piece = kept.get(ensemble, number)
        if piece is None:
            piece = _run(sampler, x, plan, seed, ensemble, number)
            kept.put(ensemble, number, piece)
        x = piece.x[-1]
        yield piece


def _sampler(density: Density, walkers: int, size: int) -> Any:
    try:
        import emcee
    except ImportError:
        raise InputError("sampling", "emcee", "no such package", "pip install 'thymos[fit]'") from None

    # Differences of two other walkers, and a leap now and then, mix better than stretches beyond ten dimensions.
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(walkers, size, density, vectorize=True, moves=moves)
    # emcee's wrapper prints a traceback of its own to stdout when the user interrupts.
    sampler.log_prob_fn = density
    return sampler


def _run(sampler: Any, x: Floats, plan: Plan, seed: int, ensemble: int, number: int) -> Piece:
    import emcee

    chance = stream(seed, "fit.ensemble", ensemble, number).integers(2**32, size=8)
    state = emcee.State(x, random_state=np.random.RandomState(chance.astype(np.uint32)).get_state())
    sampler.reset()
    # Where a walker and its proposal both have no density, emcee subtracts two infinities and stays.
    with np.errstate(invalid="ignore"):
        sampler.run_mcmc(state, plan.steps // plan.thin, thin_by=plan.thin, skip_initial_state_check=True)
    return Piece(sampler.get_chain(), sampler.get_log_prob())


def _start(
    density: Density, middle: Floats, covariance: Floats, walkers: int, seed: int, ensemble: int
) -> Floats:
    """Walkers around the mode, each drawn again until it has a density."""
    rng = stream(seed, "fit.start", ensemble)
    root = np.linalg.cholesky(covariance)
    x = middle + rng.standard_normal((walkers, len(middle))) @ root.T
    for _ in range(100):
        bad = ~np.isfinite(density(x))
        if not bad.any():
            break
        x[bad] = middle + 0.5 * rng.standard_normal((int(bad.sum()), len(middle))) @ root.T
    return x
