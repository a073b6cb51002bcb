r"""A patient's readings taken in one after the other, by a crowd of simulated patients that are weighed and moved.

Members are places $z$ with prior $N(0, I)$. A reading multiplies their
weights by its likelihood. Where too few remain effective, the reading is taken in by parts (a power of its likelihood
after the other): members are resampled and each is moved by a Metropolis step that leaves prior times likelihood of
all readings so far as it is (preconditioned Crank-Nicolson),

$$ z' = \sqrt{1 - s^2}\, z + s\, \xi, \qquad \log \alpha = \log L(z') - \log L(z) $$

which leaves the prior as it is. The length s differs between `directions`.

References: Chopin 2002 (Biometrika 89:539); Del Moral, Doucet and Jasra 2006; Cotter, Roberts, Stuart and White 2013.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from thymos.inference.directions import Directions, directions
from thymos.inference.importance import systematic, weights, worth
from thymos.inference.readings import Judged, Readings
from thymos.lang.streams import stream

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
WANTED = 0.25
"""Share of moves taken that the length of a step is steered to."""
FIRST_LENGTH = 0.8
STEPS = 100
"""Parts of one reading at most."""


class Places(NamedTuple):
    """Where members stand.

    z : scores (member, decision);  chance : scores of censored readings (member, censored)
    """

    z: Floats
    chance: Floats

    def at(self, which: Rows) -> Places:
        """Some of them, any of them several times."""
        return Places(self.z[which], self.chance[which])


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
    moves : Metropolis steps of each member after each resampling
    """

    least: float = 400.0
    members: int = 2000
    moves: int = 4


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
    return worth(np.bincount(kin, weight).astype(np.float64))


def assimilate(
    simulator: Simulator,
    start: Places,
    readings: Readings,
    seed: int,
    plan: Plan,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Stage]:
    """A stage for each reading, in their order.

    start : places drawn from the prior;  tick : called with readings done and their number
    """
    levels, course = simulator.whole(start)
    crowd = Crowd(start, levels, course, np.arange(len(start.z)))
    logs = np.zeros(len(start.z))
    first = judged = readings.judged(levels, start.chance)
    for k in range(len(readings)):
        before = weights(_usable(logs))
        share = float(np.nansum(before * np.nan_to_num(judged.share[:, k])))
        after = logs + judged.log_density[:, k]
        powers: tuple[float, ...] = ()
        accepted: tuple[float, ...] = ()
        if worth_of(weights(_usable(after)), crowd.kin) < plan.least:
            near = first.log_density[:, : k + 1].sum(axis=1)
            seen = directions(start.z, levels[:, : k + 1], near, readings.first(k + 1))
            renewal = _Renewal(simulator, readings, seed, plan, k, seen)
            crowd, powers, accepted = renewal.of(crowd, logs, judged)
            judged = readings.judged(crowd.levels, crowd.places.chance)
            after = np.zeros(len(crowd.kin))
        logs = after
        weight = weights(_usable(logs))
        yield Stage(crowd, weight, share, worth_of(weight, crowd.kin), powers, accepted)
        tick(k + 1, len(readings))


def _usable(logs: Floats) -> Floats:
    return np.where(np.isnan(logs), -np.inf, logs)


class _Tried(NamedTuple):
    """Members on their way: log-likelihood of the readings before (`old`) and of the one that is taken in (`new`)."""

    places: Places
    kin: Rows
    old: Floats
    new: Floats

    def at(self, which: Rows) -> _Tried:
        return _Tried(self.places.at(which), self.kin[which], self.old[which], self.new[which])


class _Renewal:
    """Takes one reading in by parts, with a crowd resampled and moved after each."""

    def __init__(
        self, simulator: Simulator, readings: Readings, seed: int, plan: Plan, k: int, seen: Directions
    ) -> None:
        self.simulator, self.readings, self.seed, self.plan, self.k = simulator, readings, seed, plan, k
        self.directions, self.length = seen, FIRST_LENGTH

    def of(
        self, crowd: Crowd, logs: Floats, judged: Judged
    ) -> tuple[Crowd, tuple[float, ...], tuple[float, ...]]:
        """The crowd that believes this reading too, the powers on the way, and the share of moves taken."""
        now = _Tried(crowd.places, crowd.kin, *self._split(judged))
        held, power = logs, 0.0
        powers: list[float] = []
        accepted: list[float] = []
        for step in range(STEPS):
            rng = stream(self.seed, "forecast.renewal", self.k, step)
            after = self._power(held, now, power)
            kept = systematic(weights(_usable(held + (after - power) * now.new)), self.plan.members, rng)
            now, power, held = now.at(kept), after, np.zeros(len(kept))
            for _ in range(self.plan.moves):
                now, share = self._moved(now, power, rng)
                self.length = float(np.clip(self.length * np.exp(2 * (share - WANTED)), 0.02, 2.0))
                accepted.append(share)
            powers.append(power)
            if power >= 1.0:
                break
        levels, course = self.simulator.whole(now.places)
        return Crowd(now.places, levels, course, now.kin), tuple(powers), tuple(accepted)

    def _split(self, judged: Judged) -> tuple[Floats, Floats]:
        return judged.log_density[:, : self.k].sum(axis=1), judged.log_density[:, self.k]

    def _power(self, held: Floats, now: _Tried, power: float) -> float:
        """The highest power that leaves enough members effective."""

        def effective(to: float) -> float:
            return worth_of(weights(_usable(held + (to - power) * now.new)), now.kin)

        if effective(1.0) >= self.plan.least:
            return 1.0
        low, high = power, 1.0
        for _ in range(30):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if effective(middle) >= self.plan.least else (low, middle)
        return min(max(low, power + 1.0 / STEPS), 1.0)

    def _moved(self, now: _Tried, power: float, rng: np.random.Generator) -> tuple[_Tried, float]:
        """Each member moved once, or left; and the share that moved."""
        n, free = len(now.kin), min(1.0, self.length)
        z = self.directions.moved(now.places.z, rng.standard_normal(now.places.z.shape), self.length)
        chance = np.sqrt(1 - free**2) * now.places.chance
        chance = chance + free * rng.standard_normal(chance.shape)
        places = Places(z, chance)
        levels = self.simulator.levels(places, self.k + 1)
        old, new = self._split(self.readings.first(self.k + 1).judged(levels, chance))
        tried = _Tried(places, now.kin.max() + 1 + np.arange(n), old, new)
        with np.errstate(invalid="ignore"):
            taken = np.log(rng.random(n)) < (old + power * new) - (now.old + power * now.new)
        return _either(taken, tried, now), float(taken.mean())


def _either(taken: NDArray[np.bool_], yes: _Tried, no: _Tried) -> _Tried:
    def choose(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
        return np.where(taken.reshape(-1, *[1] * (a.ndim - 1)), a, b)

    places = Places(*(choose(a, b) for a, b in zip(yes.places, no.places, strict=True)))
    return _Tried(places, *(choose(a, b) for a, b in zip(yes[1:], no[1:], strict=True)))
