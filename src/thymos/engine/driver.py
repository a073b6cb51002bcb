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

OK, STEP_TOO_SMALL, TOO_MANY_STEPS, NOT_FINITE = 0, 1, 2, 3
FAILED = 1e300  # the kernel's error for "not a number"
REDO = 1e299  # ours for "good, but past a trigger: again, shorter"
FIRST_STEP, STEP_AFTER_JUMP, LEAST_STEP = 1e-3, 1e-2, 1e-9  # day
LANDING = 1e-9  # day; how near to its crossing a trigger acts
LANDING_TRIES = 12

# Rows of `Work.v`, one number for each lane; further rows follow where `Layout` says.
TIME, STEP, TAKEN, STOP, E2, FACTOR, FRACTION, MOMENT, ATOL, RTOL, AIM_STEP = range(11)
FIRST_FREE_ROW = 11
# Rows of `Work.n`: patient (-1 is none), next output, steps, trigger aimed at and landed on (-1 is none),
# shorter steps tried for it, whether an output is pending, status; then one row for each event, 1 once it
# has happened.
WHO, CURSOR, COUNT, AIM, LAND, TRIES, PENDING, STATUS = range(8)
DONE = 8
# Columns of `Work.events`; the last two bound the rows of `Work.changes`, (state, replaces).
AT, WHEN, REACHES, FIRST, LAST = range(5)


class Functions(NamedTuple):
    """Addresses of a kernel's functions."""

    step: np.uint64
    error: np.uint64
    dense: np.uint64
    interpolate: np.uint64
    accept: np.uint64
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


class Work(NamedTuple):
    """Everything the lanes carry, and what they share; lane l is column l of `v` and `n`.

    `waiting` holds the number of the next patient to load, `base` the address of `v`, `stride` the bytes of
    one of its rows.
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


class Results(NamedTuple):
    """Where a block's results go, one row per patient of the block."""

    outputs: Floats
    final: Floats
    fired: Floats
    status: NDArray[np.int8]
    steps: Whole


def layout(
    states: int, parameters: int, hoisted: int, outputs: int, values: int, events: int
) -> tuple[Layout, int]:
    """Where each array begins, and the number of rows in all."""
    lengths = (states, states, parameters + hoisted, 8 * states, states, 3 * states)
    begins = np.cumsum([FIRST_FREE_ROW, *lengths, states, outputs, states, values, events]).tolist()
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


def _inner(function: F) -> F:
    """Compiled into whatever calls it."""
    return cast(F, numba.njit(error_model="numpy")(function))


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
            v[TIME, lane], v[STEP, lane], v[STOP, lane] = 0.0, FIRST_STEP, 0.0
            for i in range(x.at.parameters):
                v[x.at.p + i, lane] = patients[waiting, i]
            for e in range(x.events.shape[0]):
                column = x.events[e, AT]
                moment = patients[waiting, column] if column >= 0 else np.inf
                v[x.at.moments + e, lane] = moment if np.isfinite(moment) else np.inf
            waiting += 1
    x.waiting[0] = waiting
    _call(x.f.starts, x.base, x.stride, (x.at.p, x.at.start))
    for lane in range(v.shape[1]):
        if n[PENDING, lane]:
            for i in range(x.at.states):
                v[x.at.y + i, lane] = v[x.at.start + i, lane]


@_inner
def _level(x: Work, lane: int, e: int) -> float:
    """The level at which trigger e acts."""
    return float(x.v[x.at.p + x.events[e, REACHES], lane])


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
                x.n[DONE + e, lane] = 1
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
def _arrival(x: Work, lane: int) -> float:
    """Time at the end of the step tried; a stop is met exactly."""
    if x.v[TAKEN, lane] >= x.v[STOP, lane] - x.v[TIME, lane]:
        return float(x.v[STOP, lane])
    return float(min(x.v[TIME, lane] + x.v[TAKEN, lane], x.v[STOP, lane]))


@_inner
def _has_output_before(x: Work, lane: int, limit: float) -> bool:
    k = x.n[CURSOR, lane]
    return bool(k < x.times.size and x.times[k] < limit)


@_inner
def _write(x: Work, outputs: Floats) -> None:
    """Copy what the pending lanes observed into their rows and move their cursors."""
    for lane in range(x.n.shape[1]):
        if x.n[PENDING, lane]:
            for o in range(x.at.outputs):
                outputs[x.n[WHO, lane], x.n[CURSOR, lane], o] = x.v[x.at.seen + o, lane]
            x.n[CURSOR, lane] += 1


@_inner
def _record_now(x: Work, outputs: Floats) -> None:
    """Outputs at the lanes' present times, after the events of that moment."""
    wanted = False
    for lane in range(x.n.shape[1]):
        k = x.n[CURSOR, lane]
        now = x.n[WHO, lane] >= 0 and k < x.times.size and x.times[k] <= x.v[TIME, lane]
        x.n[PENDING, lane] = now
        wanted = wanted or now
    if wanted:
        _call(x.f.observe, x.base, x.stride, (TIME, x.at.y, x.at.p, x.at.seen))
        _write(x, outputs)


@_inner
def _record_inside(x: Work, outputs: Floats) -> bool:
    """The next output inside each accepted step, every lane at its own time; false when none is left."""
    wanted = False
    for lane in range(x.n.shape[1]):
        inside = x.v[E2, lane] <= 1.0 and _has_output_before(x, lane, _arrival(x, lane))
        x.n[PENDING, lane] = inside
        if inside:
            wanted = True
            moment = x.times[x.n[CURSOR, lane]]
            x.v[MOMENT, lane] = moment
            x.v[FRACTION, lane] = (moment - x.v[TIME, lane]) / x.v[TAKEN, lane]
    if wanted:
        at = x.at
        _call(x.f.interpolate, x.base, x.stride, (at.y, at.new, at.rows, FRACTION, at.state))
        _call(x.f.observe, x.base, x.stride, (MOMENT, at.state, at.p, at.seen))
        _write(x, outputs)
    return wanted


@_inner
def _try(x: Work) -> None:
    """One step of every lane, and its error: cut at the next stop, or the one that leads to a trigger."""
    v, n, at = x.v, x.n, x.at
    for lane in range(n.shape[1]):
        if n[WHO, lane] < 0:  # parked: any step will do, the result is thrown away
            v[TIME, lane], v[STEP, lane], v[STOP, lane], n[AIM, lane] = 0.0, FIRST_STEP, 1.0, -1
        wish = v[AIM_STEP, lane] if n[AIM, lane] >= 0 else v[STEP, lane]
        v[TAKEN, lane] = min(wish, v[STOP, lane] - v[TIME, lane])
    _call(x.f.step, x.base, x.stride, (TIME, TAKEN, at.y, at.p, at.stages, at.new, at.defect))
    _call(x.f.error, x.base, x.stride, (at.y, at.new, at.stages, at.defect, ATOL, E2, FACTOR))
    for lane in range(n.shape[1]):
        n[COUNT, lane] += 1
        if n[WHO, lane] < 0:
            v[E2, lane] = FAILED


@_inner
def _meets(x: Work, lane: int, e: int) -> bool:
    """Whether an acceptable step ends at or above the level of trigger e."""
    if x.events[e, WHEN] < 0 or x.n[DONE + e, lane]:
        return False
    return bool(x.v[x.at.new + x.events[e, WHEN], lane] >= _level(x, lane, e))


@_inner
def _needs_dense(x: Work) -> bool:
    """Whether an acceptable step holds an output or meets a trigger."""
    for lane in range(x.n.shape[1]):
        if x.v[E2, lane] <= 1.0:
            if x.n[AIM, lane] >= 0 or _has_output_before(x, lane, _arrival(x, lane)):
                return True
            for e in range(x.events.shape[0]):
                if _meets(x, lane, e):
                    return True
    return False


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
def _aim(x: Work, lane: int) -> None:
    """Land on the first trigger that an acceptable step meets, or ask for a shorter step that leads to it."""
    v, n = x.v, x.n
    earliest, which, aimed = 2.0, -1, n[AIM, lane]
    for e in range(x.events.shape[0]):
        if _meets(x, lane, e):
            a = _crossing(x, x.events[e, WHEN], lane, _level(x, lane, e))
            if a < earliest:
                earliest, which = a, e
    n[AIM, lane] = -1
    if which >= 0:
        if (1.0 - earliest) * v[TAKEN, lane] <= LANDING or n[TRIES, lane] >= LANDING_TRIES:
            n[LAND, lane] = which
        else:
            n[AIM, lane] = which
            v[AIM_STEP, lane] = max(earliest * v[TAKEN, lane], 0.5 * LANDING)
            n[TRIES, lane] += 1
            v[E2, lane] = REDO
    elif aimed >= 0:
        i = x.events[aimed, WHEN]
        reached = v[x.at.new + i, lane]
        slope = (reached - _between(x, i, lane, 0.99)) / (0.01 * v[TAKEN, lane])
        if _level(x, lane, aimed) - reached <= slope * LANDING:
            n[LAND, lane] = aimed


@_inner
def _advance(x: Work, lane: int, fired: Floats) -> None:
    """Move a lane whose step was accepted, and let happen what is due there."""
    v, arrival = x.v, _arrival(x, lane)
    grown = v[TAKEN, lane] * v[FACTOR, lane]
    # A step cut short at a stop says little about the next one: keep the longer proposal.
    cut = v[TAKEN, lane] < v[STEP, lane]
    v[STEP, lane] = max(v[STEP, lane], grown) if cut else grown
    v[TIME, lane] = arrival
    if x.n[LAND, lane] >= 0 or arrival >= v[STOP, lane]:
        _settle(x, lane, fired)


@_inner
def _refuse(x: Work, lane: int) -> None:
    """Shorten the step of a lane whose try failed, and give up below the least step."""
    v = x.v
    if v[E2, lane] != REDO:
        x.n[AIM, lane] = -1
        failed = v[E2, lane] >= FAILED
        v[STEP, lane] = v[TAKEN, lane] * (0.1 if failed else min(v[FACTOR, lane], 0.9))
        if v[STEP, lane] < LEAST_STEP:
            x.n[STATUS, lane] = NOT_FINITE if failed else STEP_TOO_SMALL


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


@_inner
def _conclude(x: Work, lane: int, max_steps: int, results: Results) -> None:
    """Accept or refuse what one lane tried."""
    if x.v[E2, lane] <= 1.0:
        _advance(x, lane, results.fired)
    else:
        _refuse(x, lane)
    short = x.v[TIME, lane] < x.times[-1]
    if x.n[STATUS, lane] == OK and x.n[COUNT, lane] >= max_steps and short:
        x.n[STATUS, lane] = TOO_MANY_STEPS


@_outer
def drive(x: Work, max_steps: int, patients: Floats, results: Results) -> None:
    """Integrate a block from 0 to the last time into `results`; `patients` is (patient, parameter)."""
    alive = True
    results.fired[:] = np.nan
    while alive:
        _record_now(x, results.outputs)
        alive = False
        for lane in range(x.n.shape[1]):
            over = x.v[TIME, lane] >= x.times[-1] or x.n[STATUS, lane] != OK
            if x.n[WHO, lane] >= 0 and over:
                _retire(x, lane, results)
            alive = alive or x.n[WHO, lane] >= 0
        if _start(x, patients, results.fired):
            alive = True
        elif alive:
            _try(x)
            if _needs_dense(x):
                _call(x.f.dense, x.base, x.stride, (x.at.stages, x.at.rows))
                for lane in range(x.n.shape[1]):
                    if x.v[E2, lane] <= 1.0:
                        _aim(x, lane)
                while _record_inside(x, results.outputs):
                    pass
            _call(x.f.accept, x.base, x.stride, (x.at.y, x.at.new, E2))
            for lane in range(x.n.shape[1]):
                if x.n[WHO, lane] >= 0:
                    _conclude(x, lane, max_steps, results)
