r"""Shapley effects: how much of a variance each input answers for, when inputs depend on each other.

$$ \phi_i = \sum_{u \not\ni i} \frac{|u|!\,(k - |u| - 1)!}{k!} \left[v(u \cup i) - v(u)\right], \qquad
   v(u) = \frac{Var(E[y | x_u])}{Var(y)} $$

Sobol indices of dependent inputs overlap and do not add up; these do, to what all inputs together explain. v is read
off given draws by the regression of `inference/smooth.py`, so the draws of a posterior serve as they are.
References: Owen 2014; Song, Nelson and Staum 2016; Owen and Prieur 2017 (dependence); Broto, Bachoc and Depecker 2020
(given data, there by nearest neighbours).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from thymos.inference.smooth import constant, smooth
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
MOST = 10  # players; their coalitions are all looked at, 1024 then
RESAMPLES = 400


@dataclass(frozen=True)
class Shapley:
    """Shares of the variance.

    effect, low, high : of each player with a 95 % bootstrap interval (player, output)
    explained         : by all players together: the sum of the effects (output,)
    """

    effect: Floats
    low: Floats
    high: Floats
    explained: Floats


def shapley_effects(players: Sequence[Floats], y: Floats, seed: int) -> Shapley:
    """Effects of players, each of one or more features (draw, feature), on outputs y (draw, output).

    Raises `DataError` for more than 10 players.
    """
    k = len(players)
    if not 0 < k <= MOST:
        raise DataError("Shapley effects", f"1 to {MOST} players", f"{k}", "join the weakest into one player")
    squares = [constant(y) ** 2]
    for coalition in range(1, 2**k):
        features = np.hstack([players[i] for i in range(k) if coalition >> i & 1])
        squares.append(smooth(features, y).residual ** 2)
    left = np.stack(squares)
    counts = stream(seed, "shapley.bootstrap").multinomial(len(y), np.full(len(y), 1 / len(y)), RESAMPLES)
    means = (counts / len(y)) @ np.moveaxis(left, 1, 0).reshape(len(y), -1)
    resampled = np.stack([values(_game(one.reshape(len(left), -1))) for one in means])
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0)
    game = _game(left.mean(axis=1))
    return Shapley(values(game), low, high, game[-1])


def values(game: Floats) -> Floats:
    """Shapley values (player, output) of a game: the worth of each coalition (coalition, output).

    Player i is in the coalitions whose number has bit i.
    """
    coalitions = np.arange(len(game))
    k = len(game).bit_length() - 1
    size = np.array([int(c).bit_count() for c in coalitions])
    weight = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)])
    found = []
    for i in range(k):
        without = coalitions[(coalitions >> i & 1) == 0]
        added = game[without | 1 << i] - game[without]
        found.append((weight[size[without], None] * added).sum(axis=0))
    return np.stack(found)


def _game(left: Floats) -> Floats:
    """Explained shares (coalition, output) from what each leaves; who joins never explains less."""
    total = np.where(left[0] > 0, left[0], 1.0)
    game = np.maximum(0.0, 1 - left / total) * (left[0] > 0)
    for i in range(len(game).bit_length() - 1):
        without = np.arange(len(game))[(np.arange(len(game)) >> i & 1) == 0]
        game[without | 1 << i] = np.maximum(game[without | 1 << i], game[without])
    return np.asarray(game)
