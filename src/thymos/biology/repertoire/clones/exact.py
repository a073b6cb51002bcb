r"""Clones event by event, every division, loss and founding: slow, and what closed forms and sampler are held against.

`one_by_one` follows clones that know nothing of each other. `as_a_pool` follows all cells of a pool that regulates
itself, for pools of few clones, where chance in the total matters:

$$ b(t, N) = b(t) \left(\frac{\bar N(t)}{N}\right)^{\kappa} $$

with $\bar N$ the mean course from which b was taken and $\kappa = -\partial \ln b / \partial \ln N$ its sensitivity; 0
is no feedback at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from thymos.biology.repertoire.kernel import outer, over_blocks
from thymos.biology.repertoire.xoshiro import Words, key, seed_block, uniform
from thymos.lang.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.biology.repertoire.clones.rates import Rates

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]
    Cells = NDArray[np.int32]

BLOCK = 1024


def one_by_one(
    rates: Rates, founded: Floats, times: Floats, seed: int, workers: int = 1
) -> tuple[Counts, Counts]:
    """Cells of clones founded by one cell on a day each, at `times` (clone, time), and events of each (clone,).

    Days and times lie within those of `rates` (time,). The cost grows with the cells that ever were.
    """
    sizes = np.zeros((len(founded), len(times)), dtype=np.int64)
    events = np.zeros(len(founded), dtype=np.int64)
    table = np.array([rates.times, rates.birth, rates.death])
    word = key(seed, "clones.events")

    def part(first: int, last: int) -> None:
        _clones(
            table, founded[first:last], times, sizes[first:last], events[first:last], word, first // BLOCK
        )

    over_blocks(part, len(founded), BLOCK, workers)
    return sizes, events


@outer
def _clones(
    table: Floats,
    founded: Floats,
    observe: Floats,
    sizes: Counts,
    events: Counts,
    word: np.uint64,
    block: int,
) -> None:
    times, birth, death = table
    state = np.empty(4, np.uint64)
    seed_block(state, word, block)
    for i in range(len(founded)):
        t, n, k = founded[i], 1, 0
        while k < len(observe) and observe[k] < t:
            k += 1
        a = max(np.searchsorted(times, t, side="right") - 1, 0)
        while k < len(observe) and n > 0:
            # Within a cell of the grid no rate exceeds the larger of its ends; beyond it the wait begins anew.
            most = max(birth[a] + death[a], birth[a + 1] + death[a + 1])
            until = min(times[a + 1], observe[k])
            t += -np.log(uniform(state)) / (most * n) if most > 0.0 else np.inf
            if t >= until:
                t = until
                if until == observe[k]:
                    sizes[i, k] = n
                    k += 1
                if until == times[a + 1]:
                    a = min(a + 1, len(times) - 2)
                continue
            share = (t - times[a]) / (times[a + 1] - times[a])
            b = birth[a] + share * (birth[a + 1] - birth[a])
            d = death[a] + share * (death[a + 1] - death[a])
            u = uniform(state) * most
            if u < b:
                n += 1
                events[i] += 1
            elif u < b + d:
                n -= 1
                events[i] += 1


def as_a_pool(
    rates: Rates, influx: Floats, cells: Floats, sensitivity: float, times: Floats, seed: int
) -> list[Counts]:
    """Sizes of all clones founded so far, at each of `times`; the pool is empty at the first time of `rates`.

    influx : clones founded per day, one cell each (time,); cells : the mean course of the pool (time,)
    Raises `RunError` for a negative sensitivity, and for feedback on a pool whose mean course is not above 0.
    """
    if sensitivity < 0 or (sensitivity > 0 and not (cells[1:] > 0).all()):
        got = f"{sensitivity} and a mean course from {cells[1:].min():g}"
        raise RunError("clones, pool", "a sensitivity of at least 0 and a mean course above 0", got)
    table = np.array([rates.times, rates.birth, rates.death, influx, cells])
    state = np.empty(4, np.uint64)
    _seed(state, key(seed, "clones.pool"))
    pool, count = np.zeros(1024, dtype=np.int32), np.zeros(2, dtype=np.int64)
    now, seen = np.array([rates.times[0]]), []
    for end in times:
        while not _pool(table, sensitivity, float(end), now, pool, count, state):
            pool = np.concatenate([pool, np.zeros_like(pool)])
        seen.append(np.bincount(pool[: count[0]], minlength=count[1]))
    return seen


@outer
def _seed(state: Words, word: np.uint64) -> None:
    seed_block(state, word, 0)


@outer
def _pool(
    table: Floats, sensitivity: float, end: float, now: Floats, pool: Cells, count: Counts, state: Words
) -> bool:
    """On to `end`; stops early where no room for another cell is left. `count` is cells, clones."""
    times, birth, death, influx, mean = table
    n, clones = count
    t = now[0]
    a = min(np.searchsorted(times, t, side="right") - 1, len(times) - 2)
    while t < end and n < len(pool):
        size = max(float(n), 1.0)
        drive = (max(mean[a], mean[a + 1]) / size) ** sensitivity
        most = n * (max(birth[a], birth[a + 1]) * drive + max(death[a], death[a + 1])) + max(
            influx[a], influx[a + 1]
        )
        until = min(times[a + 1], end)
        t += -np.log(uniform(state)) / most if most > 0.0 else np.inf
        if t >= until:
            t = until
            if until == times[a + 1]:
                a = min(a + 1, len(times) - 2)
            continue
        w = (t - times[a]) / (times[a + 1] - times[a])
        new = influx[a] + w * (influx[a + 1] - influx[a])
        drive = ((mean[a] + w * (mean[a + 1] - mean[a])) / size) ** sensitivity
        born = n * (birth[a] + w * (birth[a + 1] - birth[a])) * drive
        lost = n * (death[a] + w * (death[a + 1] - death[a]))
        u = uniform(state) * most
        which = min(int(uniform(state) * n), n - 1)
        if u < new:
            pool[n] = clones
            clones += 1
            n += 1
        elif u < new + born:
            pool[n] = pool[which]
            n += 1
        elif u < new + born + lost:
            n -= 1
            pool[which] = pool[n]
    now[0] = t
    count[0], count[1] = n, clones
    return bool(t >= end)
