r"""A patient's readings taken in one after the other, by a crowd of simulated patients that are weighed and moved.

Members are places $z$ with prior $N(0, I)$ and a row of a table with equal prior weights. A reading multiplies their
weights by its likelihood. Where too few remain effective, the reading is taken in by parts (a power of its likelihood
after the other): members are resampled and each is moved by a Metropolis step that leaves prior times likelihood of
all readings so far as it is. Proposals are autoregressive around the crowd's own mean and spread,

$$ z' = \mu + \sqrt{1 - s^2}\,(z - \mu) + s\, D \xi, \qquad
   \log \alpha = \Delta \left[\log p - \log N(\mu, D^2) + \log L\right] $$

References: Chopin 2002 (Biometrika 89:539); Del Moral, Doucet and Jasra 2006; Cotter, Roberts, Stuart and White 2013.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from thymos.inference.importance import systematic, weights, worth
from thymos.inference.readings import Judged, Readings
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
WANTED = 0.25
"""Share of moves taken that the length of a step is steered to."""


class Places(NamedTuple):
    """Where members stand: scores (member, decision), rows (member,), and scores of censored readings (member, censored)."""

    z: Floats
    row: Rows
    chance: Floats

    def at(self, which: Rows) -> Places:
        """Some of them, any of them several times."""
        return Places(self.z[which], self.row[which], self.chance[which])


class Simulator(Protocol):
    """What the members of a crowd would show; nan where one cannot be simulated."""

    def levels(self, places: Places, count: int) -> Floats:
        """Logarithms of the true values of the first `count` readings (member, count)."""

    def whole(self, places: Places) -> tuple[Floats, Floats]:
        """The same of all readings (member, reading), and the course beyond them (member, ...)."""


@dataclass(frozen=True)
class Plan:
    """How the crowd is kept alive.

    least : effective members below which it is resampled and moved;  members : how many it then has
    moves : Metropolis steps of each member after each resampling;  rows : rows of the table
    """

    least: float = 500.0
    members: int = 2000
    moves: int = 6
    rows: int = 1


@dataclass(frozen=True)
class Crowd:
    """Members, what they would show, and which of them are copies of each other (equal `kin`)."""

    places: Places
    levels: Floats
    course: Floats
    kin: Rows


@dataclass(frozen=True)
class Stage:
    """What is believed once a reading is in.

    weight  : of each member, adding up to 1 (member,)
    share   : of the predictive, before this reading, below it; of a censored one, below its limit
    worth   : how many independent members would say as much
    powers  : of the reading's likelihood at which the crowd was resampled;  accepted : share of moves then taken
    """

    crowd: Crowd
    weight: Floats
    share: float
    worth: float
    powers: tuple[float, ...] = ()
    accepted: tuple[float, ...] = ()


def worth_of(weight: Floats, kin: Rows) -> float:
    """Effective number of members, copies counted as one."""
    _, group = np.unique(kin, return_inverse=True)
    return worth(np.bincount(group, weight))


def assimilate(
    simulator: Simulator,
    start: Places,
    readings: Readings,
    seed: int,
    plan: Plan,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Stage]:
    """A stage for each reading, in their order.

    start : places drawn from prior and table;  tick : called with readings done and their number
    """
    levels, course = simulator.whole(start)
    crowd = Crowd(start, levels, course, np.arange(len(start.row)))
    logs = np.zeros(len(start.row))
    judged = readings.judged(levels, start.chance)
    for k in range(len(readings)):
        before = weights(_usable(logs))
        share = float(np.nansum(before * np.nan_to_num(judged.share[:, k])))
        after = logs + judged.log_density[:, k]
        powers: tuple[float, ...] = ()
        accepted: tuple[float, ...] = ()
        if worth_of(weights(_usable(after)), crowd.kin) < plan.least:
            renewal = _Renewal(simulator, readings, seed, plan, k)
            crowd, powers, accepted = renewal.of(crowd, logs, judged)
            judged = readings.judged(crowd.levels, crowd.places.chance)
            after = np.zeros(len(crowd.kin))
        logs = after
        weight = weights(_usable(logs))
        yield Stage(crowd, weight, share, worth_of(weight, crowd.kin), powers, accepted)
        tick(k + 1, len(readings))


def _usable(logs: Floats) -> Floats:
    return np.where(np.isnan(logs), -np.inf, logs)


class _Renewal:
    """Takes one reading in by parts, with a crowd resampled and moved after each."""

    def __init__(self, simulator: Simulator, readings: Readings, seed: int, plan: Plan, k: int) -> None:
        self.simulator, self.readings, self.seed, self.plan, self.k = simulator, readings, seed, plan, k
        self.length = 0.3

    def of(self, crowd: Crowd, logs: Floats, judged: Judged) -> tuple[Crowd, tuple[float, ...], tuple[float, ...]]:
        places, kin, power = crowd.places, crowd.kin, 0.0
        old, new = judged.log_density[:, : self.k].sum(axis=1), judged.log_density[:, self.k]
        held = _usable(logs)
        powers: list[float] = []
        accepted: list[float] = []
        for step in range(100):
            rng = stream(self.seed, "forecast.renewal", self.k, step)
            power_next = self._power(held, new, power, kin)
            weight = weights(_usable(held + (power_next - power) * new))
            kept = systematic(weight, self.plan.members, rng)
            power = power_next
            places, kin, old, new = places.at(kept), kin[kept], old[kept], new[kept]
            for _ in range(self.plan.moves):
                places, kin, old, new, share = self._moved(places, kin, old, new, power, rng)
                self.length = float(np.clip(self.length * np.exp(share - WANTED), 0.02, 1.0))
                accepted.append(share)
            held = np.zeros(len(kin))
            powers.append(power)
            if power >= 1.0:
                break
        levels, course = self.simulator.whole(places)
        return Crowd(places, levels, course, kin), tuple(powers), tuple(accepted)

    def _power(self, held: Floats, new: Floats, power: float, kin: Rows) -> float:
        def effective(to: float) -> float:
            return worth_of(weights(_usable(held + (to - power) * new)), kin)

        if effective(1.0) >= self.plan.least:
            return 1.0
        low, high = power, 1.0
        for _ in range(30):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if effective(middle) >= self.plan.least else (low, middle)
        return max(low, power + 1e-3)

    def _moved(self, places, kin, old, new, power, rng):
        s = self.length
        n = len(kin)
        z = np.sqrt(1 - s * s) * places.z + s * rng.standard_normal(places.z.shape)
        chance = np.sqrt(1 - s * s) * places.chance + s * rng.standard_normal(places.chance.shape)
        jump = rng.random(n) < s
        row = np.where(jump, rng.integers(self.plan.rows, size=n), places.row)
        tried = Places(z, row, chance)
        judged = self.readings.first(self.k + 1).judged(self.simulator.levels(tried, self.k + 1), chance)
        old_t, new_t = judged.log_density[:, : self.k].sum(axis=1), judged.log_density[:, self.k]
        with np.errstate(invalid="ignore"):
            taken = np.log(rng.random(n)) < (old_t + power * new_t) - (old + power * new)
        fresh = self._fresh(n)
        places = Places(
            np.where(taken[:, None], z, places.z), np.where(taken, row, places.row), np.where(taken[:, None], chance, places.chance)
        )
        return places, np.where(taken, fresh, kin), np.where(taken, old_t, old), np.where(taken, new_t, new), float(taken.mean())

    counter = 10**9
    def _fresh(self, n):
        _Renewal.counter += n
        return np.arange(_Renewal.counter, _Renewal.counter + n)
