"""The loop around a kernel: each lane carries one patient with its own time, step, stops and outputs.

It knows no model: sizes, tables and function addresses are arguments, so numba compiles it once for all and
keeps it on disk. All compiled functions stand in this one file because numba's cache watches only the file
that holds the outer function. No function uses fastmath: the tests for NaN have to stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import llvmlite.ir as ir
import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

OK, STEP_TOO_SMALL, TOO_MANY_STEPS, NOT_FINITE, UNSOLVED = range(5)
FAILED = 1e300  # the kernel's error for "not a number"
REDO = 1e299  # ours for "good, but past a trigger: again, shorter"
FIRST_STEP, STEP_AFTER_JUMP, LEAST_STEP = 1e-3, 1e-2, 1e-9  # day
LANDING = 1e-9  # day; how near to its crossing a trigger acts
# The same among lanes that share their steps: there the differences between the lanes' crossings count.
LANDING_TOGETHER = 1e-12
LANDING_TRIES = 12

# Rows of `Work.v`, one number for each lane; further rows follow where `Layout` says. The first block is what
# the kernels `attempt` and `conclude` steer by: the step proposed, that to a trigger (0: none), the one taken and
# where it leads; the next stop and the next output; whether a patient is in the lane; steps tried and allowed;
# a flag, 1 where the driver has to look at the lane; whether this step was solved badly, and how many were refused
# for that; whether an amount fell below 0 in it, and how many steps were refused for that; how far an amount is
# below 0 after this step, and was after any, in tolerances.
TIME, STEP, AIM_STEP, TAKEN, ARRIVAL, STOP, NEXT, ALIVE, COUNT, LIMIT, FLAG = range(11)
E2, FACTOR, ATOL, RTOL, MISSED, MISSES, FELL, FALLS, BELOW, LOWEST, FRACTION, MOMENT = range(11, 23)
FIRST_FREE_ROW = 23
MOST_MISSES, MOST_FALLS = 50, 10
# Rows of `Work.n`: patient (-1 is none), next output, trigger aimed at and landed on (-1 is none), shorter steps
# tried for it, whether an output is pending, status; then one row for each event, 1 once it has happened.
WHO, CURSOR, AIM, LAND, TRIES, PENDING, STATUS = range(7)
DONE = 7
# Columns of `Work.events`; FIRST and LAST bound the rows of `Work.changes`, (state, replaces), LEVEL is the place
# of a trigger's level among the levels, and ONCE is 0 for a trigger that may act again.
AT, WHEN, REACHES, FIRST, LAST, LEVEL, ONCE = range(7)


class Functions(NamedTuple):
    """Addresses of a kernel's functions."""

    attempt: np.uint64
    dense: np.uint64
    interpolate: np.uint64
    conclude: np.uint64
    observe: np.uint64
    starts: np.uint64
    jumps: np.uint64


class Layout(NamedTuple):
    """Numbers of states, parameters and outputs, and the row of `Work.v` at which each array begins."""

    states: int
    parameters: int
    outputs: int
    y: int
    new: int
    p: int
    stages: int
    defect: int
    rows: int
    state: int
    seen: int
    start: int
    values: int
    moments: int
    levels: int


class Work(NamedTuple):
    """Everything the lanes carry, and what they share; lane l is column l of `v` and `n`.

    `waiting` holds the number of the next patient to load, `base` the address of `v`, `stride` the bytes of
    one of its rows. Lanes in groups of `together` have one time and one step: the shortest any of them wishes,
    accepted when it is good for all, so that they differ by their parameters alone and not by their steps.
    """

    f: Functions
    at: Layout
    events: Whole
    changes: Whole
    times: Floats
    v: Floats
    n: Whole
    waiting: Whole
    base: int
    stride: int
    together: int


class Results(NamedTuple):
    """Where a block's results go, one row per patient of the block."""

    outputs: Floats
    final: Floats
    fired: Floats
    status: NDArray[np.int8]
    steps: Whole
    undershoot: Floats


def layout(
    states: int, parameters: int, hoisted: int, outputs: int, values: int, events: int
) -> tuple[Layout, int]:
    """Where each array begins, and the number of rows in all."""
    lengths = (states, states, parameters + hoisted, 8 * states, states, 3 * states)
    begins = np.cumsum([FIRST_FREE_ROW, *lengths, states, outputs, states, values, events, events]).tolist()
    return Layout(states, parameters, outputs, *begins[:-1]), begins[-1]


@intrinsic
def _call_by_address(typing_context: Any, function: Any, base: Any, stride: Any, rows: Any) -> Any:
    """Call a kernel function, given its address, with pointers to rows of `Work.v`.

    Addresses that come as arguments are what lets numba cache the driver.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, base, stride, rows = arguments
        byte = ir.IntType(8).as_pointer()
        count = len(signature.args[3])
        kind = ir.FunctionType(ir.VoidType(), [byte] * count)
        offsets = [builder.mul(builder.extract_value(rows, k), stride) for k in range(count)]
        pointers = [builder.inttoptr(builder.add(base, offset), byte) for offset in offsets]
        builder.call(builder.inttoptr(address, kind.as_pointer()), pointers)
        return context.get_dummy_value()

    return types.void(function, types.int64, types.int64, rows), code


# The decorator adds the typing context; a type checker still sees it as an argument.
_call: Callable[..., None] = cast(Callable[..., None], _call_by_address)


# Nothing but compiled code calls an inner function: wrappers for Python or C would double the time to compile.
UNWRAPPED: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def _inner(function: F) -> F:
    """Compiled into whatever calls it."""
    return cast(F, numba.njit(error_model="numpy", **UNWRAPPED)(function))


def _outer(function: F) -> F:
    """Compiled, letting other threads run; kept on disk where some folder can be written."""
    try:
        return cast(F, numba.njit(nogil=True, error_model="numpy", cache=True)(function))
    except RuntimeError:  # no folder for numba's cache: compile anew in each process
        return cast(F, numba.njit(nogil=True, error_model="numpy")(function))


@_inner
def _fill(x: Work, patients: Floats) -> None:
    """Load waiting patients into free lanes and mark them pending."""
    v, n, waiting = x.v, x.n, x.waiting[0]
    for lane in range(v.shape[1]):
        n[PENDING, lane] = 0
        if n[WHO, lane] < 0 and waiting < patients.shape[0]:
            n[:, lane] = 0
            n[WHO, lane], n[AIM, lane], n[LAND, lane], n[PENDING, lane] = waiting, -1, -1, 1
            v[TIME, lane], v[STEP, lane], v[AIM_STEP, lane], v[STOP, lane] = 0.0, FIRST_STEP, 0.0, 0.0
            v[NEXT, lane], v[ALIVE, lane] = x.times[0], 1.0
            v[COUNT, lane], v[LOWEST, lane], v[MISSES, lane], v[FALLS, lane] = 0.0, 0.0, 0.0, 0.0
            for i in range(x.at.parameters):
                v[x.at.p + i, lane] = patients[waiting, i]
            for e in range(x.events.shape[0]):
                _arm(x, lane, e)
            waiting += 1
    x.waiting[0] = waiting
    _call(x.f.starts, x.base, x.stride, (x.at.p, x.at.start))
    for lane in range(v.shape[1]):
        if n[PENDING, lane]:
            for i in range(x.at.states):
                v[x.at.y + i, lane] = v[x.at.start + i, lane]


@_inner
def _arm(x: Work, lane: int, e: int) -> None:
    """Write the moment of a scheduled event, or the level of a trigger."""
    if x.events[e, WHEN] >= 0:
        x.v[x.at.levels + x.events[e, LEVEL], lane] = x.v[x.at.p + x.events[e, REACHES], lane]
        x.v[x.at.moments + e, lane] = np.inf
    else:
        moment = x.v[x.at.p + x.events[e, AT], lane]
        x.v[x.at.moments + e, lane] = moment if np.isfinite(moment) else np.inf


@_inner
def _level(x: Work, lane: int, e: int) -> float:
    """The level at which trigger e acts; infinite once it has acted."""
    return float(x.v[x.at.levels + x.events[e, LEVEL], lane])


@_inner
def _happen(x: Work, lane: int, e: int) -> bool:
    """Apply event e to one lane; true when it changed a state."""
    _call(x.f.jumps, x.base, x.stride, (TIME, x.at.y, x.at.p, x.at.values))
    changed = False
    for c in range(x.events[e, FIRST], x.events[e, LAST]):
        row = x.at.y + x.changes[c, 0]
        before = x.v[row, lane]
        value = x.v[x.at.values + c, lane]
        x.v[row, lane] = value if x.changes[c, 1] else before + value
        changed = changed or x.v[row, lane] != before
    return changed


@_inner
def _due(x: Work, lane: int, e: int) -> bool:
    """Whether event e is to happen in this lane now."""
    if x.n[DONE + e, lane]:
        return False
    if x.events[e, WHEN] < 0:
        return bool(x.v[x.at.moments + e, lane] <= x.v[TIME, lane])
    return bool(x.n[LAND, lane] == e or x.v[x.at.y + x.events[e, WHEN], lane] >= _level(x, lane, e))


@_inner
def _settle(x: Work, lane: int, fired: Floats) -> None:
    """Apply all events that are due now, in declaration order, until none is; then find the next stop."""
    changed, again = False, True
    while again:
        again = False
        for e in range(x.events.shape[0]):
            if _due(x, lane, e):
                x.n[DONE + e, lane] = x.events[e, ONCE]
                if x.events[e, WHEN] >= 0 and x.events[e, ONCE]:
                    x.v[x.at.levels + x.events[e, LEVEL], lane] = np.inf
                x.n[LAND, lane] = -1 if x.n[LAND, lane] == e else x.n[LAND, lane]
                fired[x.n[WHO, lane], e] = x.v[TIME, lane]
                changed = _happen(x, lane, e) or changed
                again = True
    x.n[LAND, lane], x.n[TRIES, lane] = -1, 0
    if changed:
        x.v[STEP, lane] = min(x.v[STEP, lane], STEP_AFTER_JUMP)
    stop = x.times[-1]
    for e in range(x.events.shape[0]):
        if not x.n[DONE + e, lane]:
            stop = min(stop, x.v[x.at.moments + e, lane])
    x.v[STOP, lane] = stop


@_inner
def _start(x: Work, patients: Floats, fired: Floats) -> bool:
    """Refill free lanes, if patients wait, and apply what is due at time 0; true if one was filled."""
    free = False
    for lane in range(x.n.shape[1]):
        free = free or x.n[WHO, lane] < 0
    if not free or x.waiting[0] >= patients.shape[0]:
        return False
    _fill(x, patients)
    for lane in range(x.n.shape[1]):
        if x.n[PENDING, lane]:
            _settle(x, lane, fired)
    return True


@_inner
def _write(x: Work, outputs: Floats) -> None:
    """Copy what the pending lanes observed into their rows and move their cursors."""
    for lane in range(x.n.shape[1]):
        if x.n[PENDING, lane]:
            for o in range(x.at.outputs):
                outputs[x.n[WHO, lane], x.n[CURSOR, lane], o] = x.v[x.at.seen + o, lane]
            x.n[CURSOR, lane] += 1
            k = x.n[CURSOR, lane]
            x.v[NEXT, lane] = x.times[k] if k < x.times.size else np.inf


@_inner
def _record_now(x: Work, outputs: Floats) -> None:
    """Outputs at the lanes' present times, after the events of that moment."""
    wanted = False
    for lane in range(x.n.shape[1]):
        now = x.n[WHO, lane] >= 0 and x.v[NEXT, lane] <= x.v[TIME, lane]
        x.n[PENDING, lane] = now
        wanted = wanted or now
    if wanted:
        _call(x.f.observe, x.base, x.stride, (TIME, x.at.y, x.at.p, x.at.seen))
        _write(x, outputs)


@_inner
def _record_inside(x: Work, outputs: Floats) -> bool:
    """The next output inside each accepted step, every lane at its own time; false when none is left."""
    v, wanted = x.v, False
    for lane in range(x.n.shape[1]):
        inside = v[E2, lane] <= 1.0 and v[NEXT, lane] < v[ARRIVAL, lane]
        x.n[PENDING, lane] = inside
        if inside:
            wanted = True
            v[MOMENT, lane] = v[NEXT, lane]
            v[FRACTION, lane] = (v[NEXT, lane] - v[TIME, lane]) / v[TAKEN, lane]
    if wanted:
        at = x.at
        _call(x.f.interpolate, x.base, x.stride, (at.y, at.new, at.rows, FRACTION, at.state))
        _call(x.f.observe, x.base, x.stride, (MOMENT, at.state, at.p, at.seen))
        _write(x, outputs)
    return wanted


@_inner
def _flagged(x: Work) -> bool:
    """Whether the kernel asks the driver to look at some lane."""
    total = 0.0
    for lane in range(x.n.shape[1]):
        total += x.v[FLAG, lane]
    return total > 0.0


@_inner
def _meets(x: Work, lane: int, e: int) -> bool:
    """Whether an acceptable step ends at or above the level of trigger e."""
    if x.events[e, WHEN] < 0:
        return False
    return bool(x.v[x.at.new + x.events[e, WHEN], lane] >= _level(x, lane, e))


@_inner
def _between(x: Work, i: int, lane: int, a: float) -> float:
    """State i at fraction a of the step tried."""
    v, at = x.v, x.at
    bend = v[at.rows + i, lane] + a * (
        v[at.rows + at.states + i, lane] + a * v[at.rows + 2 * at.states + i, lane]
    )
    return float((1.0 - a) * v[at.y + i, lane] + a * (v[at.new + i, lane] + (1.0 - a) * bend))


@_inner
def _crossing(x: Work, i: int, lane: int, level: float) -> float:
    """Fraction of the step at which state i rises to the level, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _between(x, i, lane, middle) >= level:
            high = middle
        else:
            low = middle
    return high


@_inner
def _landing(x: Work) -> float:
    """How near to its crossing a trigger acts [day]."""
    return LANDING if x.together == 1 else LANDING_TOGETHER


@_inner
def _aim(x: Work, lane: int) -> None:
    """Land on the first trigger that an acceptable step meets, or ask for a shorter step that leads to it."""
    v, n = x.v, x.n
    earliest, which = 2.0, -1
    aimed = n[AIM, lane] if v[AIM_STEP, lane] > 0.0 else -1
    for e in range(x.events.shape[0]):
        if _meets(x, lane, e):
            a = _crossing(x, x.events[e, WHEN], lane, _level(x, lane, e))
            if a < earliest:
                earliest, which = a, e
    v[AIM_STEP, lane] = 0.0
    if which >= 0:
        if (1.0 - earliest) * v[TAKEN, lane] <= _landing(x) or n[TRIES, lane] >= LANDING_TRIES:
            n[LAND, lane] = which
        else:
            n[AIM, lane] = which
            v[AIM_STEP, lane] = max(earliest * v[TAKEN, lane], 0.5 * _landing(x))
            n[TRIES, lane] += 1
            v[E2, lane] = REDO
    elif aimed >= 0:
        i = x.events[aimed, WHEN]
        reached = v[x.at.new + i, lane]
        slope = (reached - _between(x, i, lane, 0.99)) / (0.01 * v[TAKEN, lane])
        if _level(x, lane, aimed) - reached <= slope * _landing(x):
            n[LAND, lane] = aimed
    if n[LAND, lane] >= 0:
        v[STOP, lane] = v[ARRIVAL, lane]


@_inner
def _share(x: Work, row: int, largest: bool) -> None:
    """Give the lanes of each group the largest or the smallest value that one of them has in a row of `v`."""
    for first in range(0, x.v.shape[1], x.together):
        value = x.v[row, first]
        for lane in range(first + 1, first + x.together):
            value = max(value, x.v[row, lane]) if largest else min(value, x.v[row, lane])
        for lane in range(first, first + x.together):
            x.v[row, lane] = value


@_inner
def _agree_on_step(x: Work) -> None:
    """Before a try: the first stop, the shortest step, and the step to the first trigger aimed at, if any is."""
    for lane in range(x.v.shape[1]):
        if x.v[AIM_STEP, lane] == 0.0:
            x.v[AIM_STEP, lane] = np.inf
    for row in (STOP, STEP, AIM_STEP):
        _share(x, row, False)
    for lane in range(x.v.shape[1]):
        if x.v[AIM_STEP, lane] == np.inf:
            x.v[AIM_STEP, lane] = 0.0


@_inner
def _agree_on_verdict(x: Work) -> None:
    """After a try: the worst error. A step refused for one is refused for all, and none of them lands."""
    for row in (E2, MISSED, FELL):
        _share(x, row, True)
    _share(x, FACTOR, False)
    for lane in range(x.v.shape[1]):
        if x.v[E2, lane] > 1.0:
            x.n[LAND, lane] = -1
    # Where one lands the others stop, to begin again with it.
    _share(x, STOP, False)


@_inner
def _try(x: Work, outputs: Floats) -> bool:
    """One step of every lane; true when the driver has to look at some of them.

    A step is cut at the next stop, or is the one that leads to a trigger; outputs inside it are written.
    """
    at = x.at
    stages = (at.p, at.stages, at.new, at.defect)
    if x.together > 1:
        _agree_on_step(x)
    _call(x.f.attempt, x.base, x.stride, (TIME, at.levels, at.y, *stages))
    if x.together > 1:
        _agree_on_verdict(x)
    if _flagged(x):
        _call(x.f.dense, x.base, x.stride, (at.stages, at.rows))
        for lane in range(x.n.shape[1]):
            if x.v[E2, lane] <= 1.0:
                _aim(x, lane)
        if x.together > 1:
            _agree_on_verdict(x)
        while _record_inside(x, outputs):
            pass
    _call(x.f.conclude, x.base, x.stride, (TIME, at.y, at.new))
    return _flagged(x)


@_inner
def _attend(x: Work, lane: int, fired: Floats) -> None:
    """What a flagged lane asks for: events at a stop, or its end because it failed."""
    v = x.v
    if v[E2, lane] > 1.0 and v[STEP, lane] < LEAST_STEP:
        x.n[STATUS, lane] = NOT_FINITE if v[E2, lane] >= FAILED else STEP_TOO_SMALL
    elif v[MISSES, lane] >= MOST_MISSES:
        x.n[STATUS, lane] = UNSOLVED
    elif v[E2, lane] <= 1.0 and v[TIME, lane] >= v[STOP, lane]:
        _settle(x, lane, fired)
    if x.n[STATUS, lane] == OK and v[COUNT, lane] >= v[LIMIT, lane] and v[TIME, lane] < x.times[-1]:
        x.n[STATUS, lane] = TOO_MANY_STEPS


@_inner
def _retire(x: Work, lane: int, results: Results) -> None:
    """Write a lane's final states and status and free it; a failed patient's rows are NaN.

    A parked lane goes on with harmless numbers, and nothing of it is kept.
    """
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
    results.undershoot[patient] = x.v[LOWEST, lane]
    results.status[patient] = x.n[STATUS, lane]
    results.steps[patient] = int(x.v[COUNT, lane])
    x.n[WHO, lane] = -1
    x.v[ALIVE, lane], x.v[TIME, lane], x.v[STEP, lane], x.v[STOP, lane] = 0.0, 0.0, FIRST_STEP, 1.0


@_inner
def _change_shift(x: Work, patients: Floats, results: Results) -> bool:
    """Record what is due, retire who is done, let the next patients in; false when nobody is left."""
    again = True
    while again:
        _record_now(x, results.outputs)
        for lane in range(x.n.shape[1]):
            over = x.v[TIME, lane] >= x.times[-1] or x.n[STATUS, lane] != OK
            if x.n[WHO, lane] >= 0 and over:
                _retire(x, lane, results)
        again = _start(x, patients, results.fired)
    alive = 0.0
    for lane in range(x.n.shape[1]):
        alive += x.v[ALIVE, lane]
    return alive > 0.0


@_outer
def drive(x: Work, patients: Floats, results: Results) -> None:
    """Integrate a block from 0 to the last time into `results`; `patients` is (patient, parameter)."""
    results.fired[:] = np.nan
    while _change_shift(x, patients, results):
        while not _try(x, results.outputs):
            pass
        for lane in range(x.n.shape[1]):
            if x.v[FLAG, lane] > 0.0:
                _attend(x, lane, results.fired)
