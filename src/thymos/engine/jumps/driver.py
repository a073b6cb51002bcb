"""The loop around the kernels of a jump process: each lane carries one patient to its next stop, exactly or by leaps.

It knows no model: sizes, tables and function addresses are arguments, so numba compiles it once for all and keeps it on
disk. All compiled functions stand in this one file because numba's cache watches only the file that holds the outer
function. No function uses fastmath: the tests for NaN have to stay.
"""

from __future__ import annotations

from math import exp, floor, lgamma, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thymos.engine.driver import _call, _inner, _outer

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

OK, STEP_TOO_SMALL, TOO_MANY_STEPS, NOT_FINITE = 0, 1, 2, 3
LEAST_STEP = 1e-9  # day, of a leap

# Rows of `Work.v`, one number for each lane; further rows follow where `Layout` says.
TIME, STOP, JUMPED, QUOTA, MIDDLE, LEAP, CAP, CHANCE, SECOND = range(9)
FIRST_FREE_ROW = 9
# Rows of `Work.n`: patient (-1 is none), next output, steps, status, whether the lane is meant by the present
# action, transition of the single jump (-1 is none), jumps to be made one by one before the next leap is tried,
# whether the lane leaps now; then one row for each event, 1 once it has happened.
WHO, CURSOR, COUNT, STATUS, PENDING, SINGLE, SINGLES, LEAPS = range(8)
DONE = 8
# Columns of `Work.events`; FIRST and LAST bound the rows of `Work.changes`, (state, replaces).
AT, WHEN, REACHES, FIRST, LAST = range(5)

# Step control as in Y. Cao, D. T. Gillespie, L. R. Petzold, J. Chem. Phys. 124, 044109 (2006).
CRITICAL = 10  # firings from exhausting a state at which a transition is made one at a time
TOO_SHORT = 10  # leaps that hold fewer jumps than this are replaced by single jumps
RUN = 100  # jumps made one by one before a leap is tried again
RACE = 4096.0  # jumps of a lane before the driver looks again
SLOW = 0.1  # day; what flows may ask for a leap of accuracy x SLOW, never for a shorter one


class Functions(NamedTuple):
    """Addresses of a kernel's functions."""

    race: np.uint64
    propensities: np.uint64
    chances: np.uint64
    observe: np.uint64
    starts: np.uint64
    jumps: np.uint64


class Layout(NamedTuple):
    """Numbers of states, parameters, outputs and transitions, and the row of `Work.v` where each array begins."""

    states: int
    parameters: int
    outputs: int
    transitions: int
    y: int
    p: int
    start: int
    seen: int
    values: int
    moments: int
    halt: int
    rates: int
    slopes: int
    changes: int
    middle: int
    middle_rates: int
    middle_slopes: int
    middle_changes: int
    single: int
    fired: int
    new: int


class Work(NamedTuple):
    """Everything the lanes carry, and what they share; lane l is column l of `v` and `n`.

    `stoichiometry` has (transition, state) for each change, `order` for each state the order of the rates in it: 0
    where no rate depends on it; `counted` is 1 for whole numbers; `still` says that between jumps nothing moves.
    """

    f: Functions
    at: Layout
    events: Whole
    jumps: Whole
    stoichiometry: Whole
    order: Whole
    counted: Whole
    still: bool
    times: Floats
    v: Floats
    n: Whole
    waiting: Whole
    base: int
    stride: int


class Results(NamedTuple):
    """Where a block's results go, one row per patient of the block."""

    outputs: Floats
    final: Floats
    fired: Floats
    status: NDArray[np.int8]
    steps: Whole


def layout(
    states: int,
    parameters: int,
    hoisted: int,
    outputs: int,
    values: int,
    events: int,
    transitions: int,
    changes: int,
) -> tuple[Layout, int]:
    """Where each array begins, and the number of rows in all."""
    parts = (transitions, states, changes)
    lengths = (states, parameters + hoisted, states, outputs, values, events, events, *parts, states, *parts)
    begins = np.cumsum([FIRST_FREE_ROW, *lengths, transitions, transitions, states]).tolist()
    return Layout(states, parameters, outputs, transitions, *begins[:-1]), begins[-1]


# ---- patients and events


@_inner
def _fill(x: Work, patients: Floats, fired: Floats) -> bool:
    """Load waiting patients into free lanes and let happen what is due at time 0; true if one was loaded."""
    v, n, at, waiting = x.v, x.n, x.at, x.waiting[0]
    for lane in range(v.shape[1]):
        n[PENDING, lane] = 0
        if n[WHO, lane] < 0 and waiting < patients.shape[0]:
            n[:, lane] = 0
            n[WHO, lane], n[PENDING, lane] = waiting, 1
            v[TIME, lane], v[STOP, lane], v[CAP, lane] = 0.0, 0.0, np.inf
            for i in range(at.parameters):
                v[at.p + i, lane] = patients[waiting, i]
            for e in range(x.events.shape[0]):
                column = x.events[e, AT]
                moment = patients[waiting, column] if column >= 0 else np.inf
                v[at.moments + e, lane] = moment if np.isfinite(moment) else np.inf
            waiting += 1
    loaded = bool(waiting > x.waiting[0])
    x.waiting[0] = waiting
    if loaded:
        _call(x.f.starts, x.base, x.stride, (at.p, at.start))
        for lane in range(v.shape[1]):
            if n[PENDING, lane]:
                for i in range(at.states):
                    v[at.y + i, lane] = v[at.start + i, lane]
                _settle(x, lane, fired)
    return loaded


@_inner
def _due(x: Work, lane: int, e: int) -> bool:
    """Whether event e is to happen in this lane now."""
    if x.n[DONE + e, lane]:
        return False
    if x.events[e, WHEN] < 0:
        return bool(x.v[x.at.moments + e, lane] <= x.v[TIME, lane])
    return bool(x.v[x.at.y + x.events[e, WHEN], lane] >= x.v[x.at.p + x.events[e, REACHES], lane])


@_inner
def _settle(x: Work, lane: int, fired: Floats) -> None:
    """Apply all events that are due now, in declaration order, until none is; then find the next stop."""
    v, n, at, again = x.v, x.n, x.at, True
    while again:
        again = False
        for e in range(x.events.shape[0]):
            if _due(x, lane, e):
                n[DONE + e, lane] = 1
                fired[n[WHO, lane], e] = v[TIME, lane]
                _call(x.f.jumps, x.base, x.stride, (TIME, at.y, at.p, at.values))
                for c in range(x.events[e, FIRST], x.events[e, LAST]):
                    row, value = at.y + x.jumps[c, 0], v[at.values + c, lane]
                    v[row, lane] = value if x.jumps[c, 1] else v[row, lane] + value
                again = True
    trigger = 0
    for e in range(x.events.shape[0]):
        if x.events[e, WHEN] >= 0:
            level = v[at.p + x.events[e, REACHES], lane]
            v[at.halt + trigger, lane] = np.inf if n[DONE + e, lane] else level
            if np.isnan(level):
                n[STATUS, lane] = NOT_FINITE
            trigger += 1


@_inner
def _aim(x: Work, lane: int) -> None:
    """The next moment at which the lane has to be looked at: an output, an event, the end."""
    k = x.n[CURSOR, lane]
    stop = x.times[k] if k < x.times.size else x.times[-1]
    for e in range(x.events.shape[0]):
        if not x.n[DONE + e, lane]:
            stop = min(stop, x.v[x.at.moments + e, lane])
    x.v[STOP, lane] = stop


@_inner
def _record(x: Work, outputs: Floats) -> None:
    """Outputs at the lanes' present times, after the events of that moment."""
    wanted = False
    for lane in range(x.n.shape[1]):
        k = x.n[CURSOR, lane]
        now = x.n[WHO, lane] >= 0 and k < x.times.size and x.times[k] <= x.v[TIME, lane]
        x.n[PENDING, lane] = now
        wanted = wanted or now
    if wanted:
        _call(x.f.observe, x.base, x.stride, (TIME, x.at.y, x.at.p, x.at.seen))
        for lane in range(x.n.shape[1]):
            if x.n[PENDING, lane]:
                for o in range(x.at.outputs):
                    outputs[x.n[WHO, lane], x.n[CURSOR, lane], o] = x.v[x.at.seen + o, lane]
                x.n[CURSOR, lane] += 1


@_inner
def _retire(x: Work, lane: int, results: Results) -> None:
    """Write a lane's final states and status and free it; a failed patient's rows are NaN."""
    patient = x.n[WHO, lane]
    for i in range(x.at.states):
        value = x.v[x.at.y + i, lane]
        results.final[patient, i] = value
        if x.n[STATUS, lane] == OK and not np.isfinite(value):
            x.n[STATUS, lane] = NOT_FINITE
    if x.n[STATUS, lane] != OK:
        results.outputs[patient] = np.nan
        results.final[patient] = np.nan
        results.fired[patient] = np.nan
    results.status[patient] = x.n[STATUS, lane]
    results.steps[patient] = x.n[COUNT, lane]
    x.n[WHO, lane] = -1


# ---- exact


@_inner
def _race(x: Work) -> None:
    """Every lane jumps until one of them reaches its stop, a trigger or its quota of jumps."""
    v, n, at = x.v, x.n, x.at
    _call(x.f.race, x.base, x.stride, (TIME, at.y, at.p, STOP, QUOTA, JUMPED, at.halt))
    for lane in range(n.shape[1]):
        if n[WHO, lane] >= 0:
            n[COUNT, lane] += int(v[JUMPED, lane])


# ---- leaps


@_inner
def _draw(x: Work) -> None:
    """Two random numbers for every pending lane; only those lanes' counts of draws move on."""
    _call(x.f.chances, x.base, x.stride, (x.at.y, x.at.p, CHANCE))
    for lane in range(x.n.shape[1]):
        x.v[x.at.y + x.at.states - 1, lane] += x.n[PENDING, lane]


@_inner
def _is_critical(x: Work, lane: int, k: int) -> bool:
    """Whether transition k is few firings away from exhausting a counted state."""
    at = x.at
    for c in range(x.stoichiometry.shape[0]):
        if x.stoichiometry[c, 0] == k:
            i, change = x.stoichiometry[c, 1], x.v[at.changes + c, lane]
            if x.counted[i] and change < 0.0 and x.v[at.y + i, lane] + CRITICAL * change < 0.0:
                return True
    return False


@_inner
def _longest(x: Work, lane: int, accuracy: float) -> float:
    """Leap over which no rate is expected to change by more than its share `accuracy` (equation 33).

    Gains and losses are bounded apart, not their difference: where they balance, a leap longer than the relaxation of
    the state would leave its mean right and its variance wrong.
    """
    v, at, best = x.v, x.at, np.inf
    for i in range(x.order.size):
        if x.order[i] and x.counted[i]:
            gain, loss, variance = 0.0, 0.0, 0.0
            for c in range(x.stoichiometry.shape[0]):
                k = x.stoichiometry[c, 0]
                if x.stoichiometry[c, 1] == i and v[at.single + k, lane] == 0.0:
                    flow = v[at.changes + c, lane] * v[at.rates + k, lane]
                    gain, loss = gain + max(flow, 0.0), loss + max(-flow, 0.0)
                    variance += v[at.changes + c, lane] * flow
            bound = max(accuracy * v[at.y + i, lane] / x.order[i], 1.0)
            if max(gain, loss) > 0.0:
                best = min(best, bound / max(gain, loss), bound * bound / variance)
    return best


@_inner
def _slowest(x: Work, lane: int, accuracy: float) -> float:
    """Leap over which no flowing state changes by more than its share `accuracy`."""
    v, at, best = x.v, x.at, np.inf
    for i in range(x.order.size):
        slope = abs(v[at.slopes + i, lane])
        if x.order[i] and not x.counted[i] and slope > 0.0:
            best = min(best, accuracy * max(abs(v[at.y + i, lane]) / slope, SLOW))
    return best


@_inner
def _plan(x: Work, lane: int, accuracy: float) -> None:
    """Which transitions happen one at a time, and how long the leap may be.

    A leap that would hold few jumps is no gain: then all transitions happen one at a time, for a while in the exact
    race where nothing moves between jumps.
    """
    v, at, total = x.v, x.at, 0.0
    for k in range(at.transitions):
        v[at.single + k, lane] = 1.0 if _is_critical(x, lane, k) else 0.0
        total += v[at.rates + k, lane]
    flow = min(_slowest(x, lane, accuracy), v[CAP, lane])
    leap = min(_longest(x, lane, accuracy), flow)
    if leap * total < TOO_SHORT:
        leap = flow
        for k in range(at.transitions):
            v[at.single + k, lane] = 1.0
        if x.still:
            x.n[SINGLES, lane], leap = RUN, 0.0
    v[LEAP, lane] = min(leap, v[STOP, lane] - v[TIME, lane])


@_inner
def _hold_back(x: Work, lane: int, accuracy: float) -> None:
    """Shorten a leap over which time and flow alone would move the rates too much."""
    v, at, moved, total = x.v, x.at, 0.0, 0.0
    for k in range(at.transitions):
        total += v[at.rates + k, lane]
        moved += abs(v[at.middle_rates + k, lane] - v[at.rates + k, lane])
    if np.isnan(total) or np.isnan(moved):
        x.n[STATUS, lane] = NOT_FINITE
    if moved * v[LEAP, lane] > accuracy * max(total * v[LEAP, lane], 1.0):
        _halve(x, lane)


@_inner
def _halve(x: Work, lane: int) -> None:
    """Let the lane stay where it is, and try half the leap next time."""
    x.v[CAP, lane] = 0.5 * x.v[LEAP, lane]
    x.v[LEAP, lane], x.n[LEAPS, lane] = 0.0, 0
    if x.v[CAP, lane] < LEAST_STEP:
        x.n[STATUS, lane] = STEP_TOO_SMALL


@_inner
def _single_rate(x: Work, lane: int, k: int, wait: float) -> float:
    """Rate of transition k after `wait`, on the line through its values at start and middle; 0 unless single."""
    v, at = x.v, x.at
    if v[at.single + k, lane] == 0.0:
        return 0.0
    start = v[at.rates + k, lane]
    if x.still:
        return float(start)
    climb = (v[at.middle_rates + k, lane] - start) / (0.5 * x.v[LEAP, lane])
    return float(max(start + climb * wait, 0.0))


@_inner
def _choose(x: Work, lane: int) -> None:
    """When the next single jump comes and which it is; it ends the leap if it comes first.

    The wait w solves a w + b w^2 / 2 = E, with the summed rates on the line a + b t.
    """
    v, at, total, middle = x.v, x.at, 0.0, 0.0
    half = 0.5 * v[LEAP, lane]
    for k in range(at.transitions):
        total += _single_rate(x, lane, k, 0.0)
        middle += _single_rate(x, lane, k, half)
    level = -log(v[SECOND, lane])
    root = total * total + 2.0 * (middle - total) / half * level
    wait = 2.0 * level / (total + sqrt(root)) if root >= 0.0 else np.inf
    x.n[SINGLE, lane] = -1
    if wait < v[LEAP, lane]:
        total = 0.0
        for k in range(at.transitions):
            total += _single_rate(x, lane, k, wait)
        mark = v[CHANCE, lane] * total
        for k in range(at.transitions):
            mark -= _single_rate(x, lane, k, wait)
            if mark < 0.0:
                x.n[SINGLE, lane] = k
                break
        v[LEAP, lane] = wait


@_inner
def _go_to_middle(x: Work, lane: int) -> None:
    """Time and state in the middle of the leap: what has flowed, and what has fired by then."""
    v, at, half = x.v, x.at, 0.5 * x.v[LEAP, lane]
    v[MIDDLE, lane] = v[TIME, lane] + half
    for i in range(at.states):
        v[at.middle + i, lane] = v[at.y + i, lane]
    for i in range(x.order.size):
        v[at.middle + i, lane] += half * v[at.slopes + i, lane]
    for c in range(x.stoichiometry.shape[0]):
        k, i = x.stoichiometry[c, 0], x.stoichiometry[c, 1]
        v[at.middle + i, lane] += v[at.changes + c, lane] * v[at.fired + k, lane]


@_inner
def _look_at_middle(x: Work) -> None:
    """Rates and slopes in the middle of every lane's leap."""
    at = x.at
    for lane in range(x.n.shape[1]):
        _go_to_middle(x, lane)
    rows = (MIDDLE, at.middle, at.p, at.middle_rates, at.middle_slopes, at.middle_changes)
    _call(x.f.propensities, x.base, x.stride, rows)


@_inner
def _poisson_small(mean: float, u: float) -> float:
    """Poisson number by inversion, for means up to about 10."""
    k, p = 0.0, exp(-mean)
    while u > p and k < 200.0:
        u -= p
        k += 1.0
        p *= mean / k
    return k


@_inner
def _poisson_large(mean: float, u: float, w: float) -> float:
    """Poisson number for means of 10 and more, or -1 for another try.

    W. Hörmann, The transformed rejection method for generating Poisson random variables, Insurance: Mathematics and
    Economics 12, 39 (1993), algorithm PTRS.
    """
    b = 0.931 + 2.53 * sqrt(mean)
    a = -0.059 + 0.02483 * b
    centred = u - 0.5
    edge = 0.5 - abs(centred)
    k = floor((2.0 * a / edge + b) * centred + mean + 0.43)
    if edge >= 0.07 and w <= 0.9277 - 3.6224 / (b - 2.0):
        return float(k)
    if k < 0 or (edge < 0.013 and w > edge):
        return -1.0
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    left = log(w * inverse / (a / (edge * edge) + b))
    return float(k) if left <= k * log(mean) - mean - lgamma(k + 1.0) else -1.0


@_inner
def _mean_firings(x: Work, lane: int, k: int, second: bool) -> float:
    """Expected firings of transition k in one half of the lane's leap; 0 for single jumps.

    The second half runs at twice the rate of the middle less that of the start (weak trapezoidal method with
    theta = 1/2: D. F. Anderson, J. C. Mattingly, Commun. Math. Sci. 9, 301, 2011), which is right to second order in
    mean and variance.
    """
    v, at = x.v, x.at
    if not x.n[LEAPS, lane] or v[at.single + k, lane] > 0.0:
        return 0.0
    rate = v[at.rates + k, lane]
    if second:
        rate = 2.0 * v[at.middle_rates + k, lane] - rate
    return float(0.5 * v[LEAP, lane] * rate)


@_inner
def _count_firings(x: Work, k: int, second: bool) -> None:
    """Add to `fired` how often transition k happens in one half of each lane's leap."""
    v, n, at, waiting = x.v, x.n, x.at, False
    for lane in range(n.shape[1]):
        n[PENDING, lane] = _mean_firings(x, lane, k, second) > 0.0
        waiting = waiting or n[PENDING, lane] > 0
    while waiting:
        waiting = False
        _draw(x)
        for lane in range(n.shape[1]):
            if n[PENDING, lane]:
                mean = _mean_firings(x, lane, k, second)
                if mean < 10.0:
                    count = _poisson_small(mean, v[CHANCE, lane])
                else:
                    count = _poisson_large(mean, v[CHANCE, lane], v[SECOND, lane])
                if count >= 0.0:
                    v[at.fired + k, lane] += count
                    n[PENDING, lane] = 0
                else:
                    waiting = True


@_inner
def _land(x: Work) -> None:
    """State at the end of each lane's leap, into `new`; fractions of a cell are rounded at random, without bias."""
    v, n, at = x.v, x.n, x.at
    for lane in range(n.shape[1]):
        for i in range(at.states):
            v[at.new + i, lane] = v[at.y + i, lane]
        for i in range(x.order.size):
            v[at.new + i, lane] += v[LEAP, lane] * v[at.middle_slopes + i, lane]
    for c in range(x.stoichiometry.shape[0]):
        k, i, fractions = x.stoichiometry[c, 0], x.stoichiometry[c, 1], False
        for lane in range(n.shape[1]):
            amount = v[at.fired + k, lane] * v[at.changes + c, lane]
            n[PENDING, lane] = n[LEAPS, lane] > 0 and bool(x.counted[i]) and amount != floor(amount)
            fractions = fractions or n[PENDING, lane]
        if fractions:
            _draw(x)
        for lane in range(n.shape[1]):
            amount = v[at.fired + k, lane] * v[at.changes + c, lane]
            v[at.new + i, lane] += floor(amount + v[CHANCE, lane]) if n[PENDING, lane] else amount


@_inner
def _accept(x: Work, lane: int) -> None:
    """Take the leap, or halve it if a count has fallen below 0."""
    v, at, good = x.v, x.at, True
    for i in range(x.order.size):
        lowest = min(v[at.middle + i, lane], v[at.new + i, lane])
        good = good and not (x.counted[i] and lowest < 0.0)
    if not good:
        _halve(x, lane)
        return
    for i in range(at.states - 1):  # the last is the count of draws, which has moved on
        v[at.y + i, lane] = v[at.new + i, lane]
    v[CAP, lane] *= 4.0
    arrived = v[TIME, lane] + v[LEAP, lane]
    v[TIME, lane] = v[STOP, lane] if v[LEAP, lane] >= v[STOP, lane] - v[TIME, lane] else arrived


@_inner
def _begin(x: Work, accuracy: float) -> None:
    """Plan the leap of every lane that is not in a race, and its single jump."""
    v, n, at = x.v, x.n, x.at
    _call(x.f.propensities, x.base, x.stride, (TIME, at.y, at.p, at.rates, at.slopes, at.changes))
    for lane in range(n.shape[1]):
        n[PENDING, lane] = n[WHO, lane] >= 0 and n[SINGLES, lane] == 0
        n[COUNT, lane] += n[PENDING, lane]
        v[LEAP, lane] = 0.0
        for k in range(at.transitions):
            v[at.fired + k, lane] = 0.0
        if n[PENDING, lane]:
            _plan(x, lane, accuracy)
        n[LEAPS, lane] = v[LEAP, lane] > 0.0
    _draw(x)
    if not x.still:
        _look_at_middle(x)
        for lane in range(n.shape[1]):
            if n[LEAPS, lane]:
                _hold_back(x, lane, accuracy)
    for lane in range(n.shape[1]):
        if n[LEAPS, lane]:
            _choose(x, lane)


@_inner
def _leap(x: Work, accuracy: float) -> None:
    """One leap of every lane that gains by it."""
    n, at = x.n, x.at
    _begin(x, accuracy)
    for k in range(at.transitions):
        _count_firings(x, k, False)
    _look_at_middle(x)
    for k in range(at.transitions):
        _count_firings(x, k, True)
    for lane in range(n.shape[1]):
        if n[LEAPS, lane] and n[SINGLE, lane] >= 0:
            x.v[at.fired + n[SINGLE, lane], lane] = 1.0
    _land(x)
    for lane in range(n.shape[1]):
        if n[LEAPS, lane]:
            _accept(x, lane)


@_inner
def _leap_or_race(x: Work, accuracy: float) -> None:
    """A leap of the lanes that gain by it, then a race of those that do not."""
    v, n, leaping, racing = x.v, x.n, False, False
    for lane in range(n.shape[1]):
        leaping = leaping or (n[WHO, lane] >= 0 and n[SINGLES, lane] == 0)
    if leaping:
        _leap(x, accuracy)
    for lane in range(n.shape[1]):
        v[QUOTA, lane] = float(n[SINGLES, lane])
        if n[WHO, lane] >= 0 and n[SINGLES, lane] > 0:
            racing = True
        else:
            v[STOP, lane] = v[TIME, lane]
    if racing:
        _race(x)
        for lane in range(n.shape[1]):
            n[SINGLES, lane] -= int(v[JUMPED, lane])


@_outer
def drive(x: Work, accuracy: float, max_steps: int, patients: Floats, results: Results) -> None:
    """Run a block from 0 to the last time into `results`; `patients` is (patient, parameter).

    accuracy : 0 for the exact process, else the share by which rates may change within a leap
    """
    alive, v, n = True, x.v, x.n
    results.fired[:] = np.nan
    while alive:
        _record(x, results.outputs)
        alive = False
        for lane in range(n.shape[1]):
            if n[WHO, lane] >= 0:
                if np.isnan(v[TIME, lane]):
                    n[STATUS, lane] = NOT_FINITE
                if n[STATUS, lane] == OK and n[COUNT, lane] >= max_steps and v[TIME, lane] < x.times[-1]:
                    n[STATUS, lane] = TOO_MANY_STEPS
                if v[TIME, lane] >= x.times[-1] or n[STATUS, lane] != OK:
                    _retire(x, lane, results)
            alive = alive or n[WHO, lane] >= 0
        if _fill(x, patients, results.fired):
            alive = True
        elif alive:
            for lane in range(n.shape[1]):
                v[STOP, lane] = v[TIME, lane]
                if n[WHO, lane] >= 0:
                    _aim(x, lane)
                else:
                    v[TIME, lane] = v[STOP, lane] = 0.0
            if accuracy > 0.0:
                _leap_or_race(x, accuracy)
            else:
                v[QUOTA] = RACE
                _race(x)
            for lane in range(n.shape[1]):
                if n[WHO, lane] >= 0:
                    _settle(x, lane, results.fired)
