"""The method as vector code: one Rodas5P step, its error, dense output and acceptance, for any model.

The rows of `control` are those of the driver, which shares them with `attempt` and `conclude`.
"""

from __future__ import annotations

from typing import Any

from thymos.engine import elementary, rodas5p
from thymos.engine.algebra import Algebra
from thymos.engine.driver import (
    AIM_STEP,
    ALIVE,
    ARRIVAL,
    ATOL,
    BELOW,
    COUNT,
    E2,
    FACTOR,
    FAILED,
    FALLS,
    FELL,
    FLAG,
    LEAST_STEP,
    LIMIT,
    LOWEST,
    MISSED,
    MISSES,
    MOST_FALLS,
    MOST_MISSES,
    NEXT,
    REDO,
    RTOL,
    STEP,
    STOP,
    TAKEN,
    TIME,
)
from thymos.engine.vector import VectorFunction

# A linear solve may be off by this share of the tolerance.
DEFECT_SHARE = 0.1
# In the stiff limit the dense output follows a cubic exactly, and a quartic with an error of at most 0.0185 D_4
# (found by stepping y' = L (t^4 - y) + 4 t^3 with L = 1e12), while the error at the end of the step vanishes and
# says nothing of what happens inside. There we allow ten times the tolerance: holding the inside to the tolerance
# itself would nearly double the steps, since away from that limit D_4 overstates the error.
DENSE_SHARE = 0.00185


def step(
    module: Any, a: Algebra, width: int, parts: dict[str, VectorFunction], name: str, factors: int
) -> VectorFunction:
    """From t, h, y: the eight stages K, the new state, and the defect of the first linear solve.

    factors : vectors that the factorisation in `parts` takes
    """
    v = VectorFunction(module, name, ("t", "h", "y", "p", "K", "new", "defect"), width)
    t, h = v.load(v.arguments["t"]), v.load(v.arguments["h"])
    inverse = v.div(v.number(1.0), h)
    diagonal, at, f, slope = v.scratch(1), v.scratch(1), v.scratch(a.size), v.scratch(a.size)
    clock, entries = v.scratch(len(a.clock)), v.scratch(len(a.slopes))
    factor = v.scratch(factors)
    v.store(v.mul(inverse, v.number(1 / rodas5p.GAMMA)), diagonal)
    y, p, stages, new = (v.arguments[k] for k in ("y", "p", "K", "new"))
    v.call(parts["clock"], v.arguments["t"], p, clock)
    v.call(parts["jacobian"], v.arguments["t"], y, p, clock, slope, entries)
    v.call(parts["factorise"], diagonal, entries, factor)
    for s in range(rodas5p.STAGES):
        _prepare_stage(v, a.size, s, slope, inverse, h)
        if s and rodas5p.TIMES[s] != rodas5p.TIMES[s - 1]:
            v.store(v.add(t, v.mul(v.number(rodas5p.TIMES[s]), h)), at)
            v.call(parts["clock"], at, p, clock)
        v.call(parts["rhs"], at if s else v.arguments["t"], new if s else y, p, clock, f)
        v.call(parts["solve"], factor, f, v.at(stages, s * a.size))
        if s == 0:
            known = (diagonal, entries, slope, v.arguments["h"], f, stages)
            v.call(parts["defect"], *known, v.arguments["defect"])
    with v.loop(a.size) as (i, _):
        v.store(v.add(v.load(new, i), v.load(stages, _row(v, rodas5p.STAGES - 1, a.size, i))), new, i)
    return v.done()


def _row(v: VectorFunction, row: int, size: int, i: Any) -> Any:
    return v.builder.add(i, i.type(row * size))


def _earlier(v: VectorFunction, weights: tuple[float, ...], size: int, i: Any) -> Any:
    stages = v.arguments["K"]
    return v.combination((w, v.load(stages, _row(v, j, size, i))) for j, w in enumerate(weights))


def _prepare_stage(v: VectorFunction, size: int, s: int, slope: Any, inverse: Any, h: Any) -> None:
    """The point at which stage s evaluates f, into `new`; all of its right side but f, where K_s will stand.

    Both in one loop, so that the earlier stages, too many for the nearest cache, are read once.
    """
    new, stages = v.arguments["new"], v.arguments["K"]
    lead = v.mul(h, v.number(rodas5p.SLOPES[s]))
    with v.loop(size) as (i, _):
        rest = v.mul(inverse, _earlier(v, rodas5p.C[s], size, i))
        if rodas5p.SLOPES[s]:
            rest = v.add(rest, v.mul(lead, v.load(slope, i)))
        v.store(rest, stages, _row(v, s, size, i))
        if 0 < s < len(rodas5p.A):
            v.store(v.add(v.load(v.arguments["y"], i), _earlier(v, rodas5p.A[s], size, i)), new, i)
        elif s:
            v.store(v.add(v.load(new, i), v.load(stages, _row(v, s - 1, size, i))), new, i)


def error(module: Any, a: Algebra, width: int) -> VectorFunction:
    """Mean square of the error in units of tolerance, and the factor for the next step, 0.2 to 6.

    The error is that at the end of the step or that of the dense output inside it, whichever is larger. A defect
    above its share of the tolerance stands in for both. So does an amount that falls from 0 or more to more than a
    tolerance below 0, in `MOST_FALLS` steps of a patient at most: some courses do end in a corner. Either is noted.
    """
    names = ("control", "y", "new", "K", "defect")
    v = VectorFunction(module, "error", names, width)
    control, y, new, stages, defect = (v.arguments[k] for k in names)
    atol, rtol = v.load(control, ATOL), v.load(control, RTOL)
    bend = tuple(DENSE_SHARE * weight for weight in rodas5p.DENSE[-1])
    with v.loop(a.size, totals=5) as (i, totals):
        before, after = v.load(y, i), v.load(new, i)
        size = v.larger(v.intrinsic("fabs", before), v.intrinsic("fabs", after))
        unit = v.div(v.number(1.0), v.add(atol, v.mul(rtol, size)))
        end = v.mul(v.load(stages, _row(v, rodas5p.STAGES - 1, a.size, i)), unit)
        inside = v.mul(_earlier(v, bend, a.size, i), unit)
        left = v.mul(v.mul(v.load(defect, i), unit), v.number(1 / DEFECT_SHARE))
        below = v.mul(v.neg(after), unit)
        fall = v.choose(v.less(before, v.number(0.0)), v.number(0.0), below)
        totals[0] = v.add(totals[0], v.mul(end, end))
        totals[1] = v.add(totals[1], v.mul(inside, inside))
        totals[2] = v.larger(totals[2], v.mul(left, left))
        totals[3] = v.larger(totals[3], fall)
        totals[4] = v.larger(totals[4], below)
    e2 = v.mul(v.larger(totals[0], totals[1]), v.number(1 / max(a.size, 1)))
    patient = v.less(v.load(control, FALLS), v.number(MOST_FALLS))
    fallen = v.choose(patient, v.mul(totals[3], totals[3]), v.number(0.0))
    for row, worst in ((MISSED, totals[2]), (FELL, fallen)):
        # Not "above 1": a NaN has to count.
        good = v.builder.fcmp_ordered("<=", worst, v.number(1.0))
        e2 = v.choose(good, e2, v.larger(e2, worst))
        v.store(v.choose(good, v.number(0.0), v.number(1.0)), control, row)
    # NaN and inf first: every comparison below would let them pass as small.
    e2 = v.choose(v.less(e2, v.number(FAILED)), e2, v.number(FAILED))
    v.store(e2, control, E2)
    v.store(totals[4], control, BELOW)
    base = v.larger(e2, v.number(1e-12))
    factor = v.mul(v.number(0.9), elementary.exp(v, v.mul(elementary.log(v, base), v.number(-0.1))))
    factor = v.larger(factor, v.number(0.2))
    v.store(v.smaller(v.number(6.0), factor), control, FACTOR)
    return v.done()


def dense(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The three rows of the interpolant from the stages."""
    v = VectorFunction(module, "dense", ("K", "rows"), width)
    with v.loop(a.size) as (i, _):
        for q, weights in enumerate(rodas5p.DENSE):
            v.store(_earlier(v, weights, a.size, i), v.arguments["rows"], _row(v, q, a.size, i))
    return v.done()


def interpolate(module: Any, a: Algebra, width: int) -> VectorFunction:
    """The state at the fraction of the step that each lane asks for."""
    v = VectorFunction(module, "interpolate", ("y", "new", "rows", "fraction", "state"), width)
    f = v.load(v.arguments["fraction"])
    left, rows = v.sub(v.number(1.0), f), v.arguments["rows"]
    with v.loop(a.size) as (i, _):
        d2, d3, d4 = (v.load(rows, _row(v, q, a.size, i)) for q in range(3))
        bend = v.add(d2, v.mul(f, v.add(d3, v.mul(f, d4))))
        inner = v.add(v.load(v.arguments["new"], i), v.mul(left, bend))
        v.store(v.add(v.mul(left, v.load(v.arguments["y"], i)), v.mul(f, inner)), v.arguments["state"], i)
    return v.done()


def attempt(
    module: Any, a: Algebra, width: int, parts: dict[str, VectorFunction], name: str
) -> VectorFunction:
    """One step of every lane, not yet accepted: how far, where to, and with what error.

    It ends at the next stop at the latest, exactly. Flagged are the lanes in which an acceptable step passes an
    output, meets a trigger or was aimed at one. An empty lane's error is that of a failure.
    """
    names = ("control", "levels", "y", "p", "K", "new", "defect")
    v = VectorFunction(module, name, names, width)
    control, levels, y, p, stages, new, defect = (v.arguments[k] for k in names)
    time, stop, aimed = (v.load(control, row) for row in (TIME, STOP, AIM_STEP))
    aims = v.less(v.number(0.0), aimed)
    wish, left = v.choose(aims, aimed, v.load(control, STEP)), v.sub(stop, time)
    reaches_stop = v.builder.fcmp_ordered(">=", wish, left)
    taken = v.choose(reaches_stop, left, wish)
    arrival = v.choose(reaches_stop, stop, v.smaller(v.add(time, taken), stop))
    v.store(taken, control, TAKEN)
    v.store(arrival, control, ARRIVAL)
    v.call(parts["step"], v.at(control, TIME), v.at(control, TAKEN), y, p, stages, new, defect)
    v.call(parts["error"], control, y, new, stages, defect)
    occupied = v.less(v.number(0.0), v.load(control, ALIVE))
    e2 = v.choose(occupied, v.load(control, E2), v.number(FAILED))
    v.store(e2, control, E2)
    asks = v.builder.or_(aims, v.less(v.load(control, NEXT), v.load(control, ARRIVAL)))
    for k, state in enumerate(a.triggers):
        met = v.builder.fcmp_ordered(">=", v.load(new, state), v.load(levels, k))
        asks = v.builder.or_(asks, met)
    good = v.builder.fcmp_ordered("<=", e2, v.number(1.0))
    v.store(v.choose(v.builder.and_(good, asks), v.number(1.0), v.number(0.0)), control, FLAG)
    return v.done()


def conclude(module: Any, a: Algebra, width: int) -> VectorFunction:
    """Accept or refuse the step of every lane, and propose the next.

    Flagged are the lanes that have come to a stop or an output, whose step is too small, that have no step left, or
    whose steps were solved badly too often.
    """
    v = VectorFunction(module, "conclude", ("control", "y", "new"), width)
    control = v.arguments["control"]
    e2, taken, step, factor = (v.load(control, row) for row in (E2, TAKEN, STEP, FACTOR))
    good = v.builder.fcmp_ordered("<=", e2, v.number(1.0))
    with v.loop(a.size) as (i, _):
        value = v.choose(good, v.load(v.arguments["new"], i), v.load(v.arguments["y"], i))
        v.store(value, v.arguments["y"], i)
    grown = v.mul(taken, factor)
    # A step cut short at a stop says little about the next one: keep the longer proposal.
    longer = v.choose(v.less(taken, step), v.larger(step, grown), grown)
    broken = v.builder.fcmp_ordered(">=", e2, v.number(FAILED))
    shorter = v.mul(taken, v.choose(broken, v.number(0.1), v.smaller(factor, v.number(0.9))))
    again = v.builder.fcmp_ordered("==", e2, v.number(REDO))
    following = v.choose(good, longer, v.choose(again, step, shorter))
    occupied = v.less(v.number(0.0), v.load(control, ALIVE))
    v.store(v.choose(occupied, following, step), control, STEP)
    v.store(v.choose(again, v.load(control, AIM_STEP), v.number(0.0)), control, AIM_STEP)
    lowest = v.load(control, LOWEST)
    v.store(v.choose(good, v.larger(lowest, v.load(control, BELOW)), lowest), control, LOWEST)
    time = v.choose(good, v.load(control, ARRIVAL), v.load(control, TIME))
    v.store(time, control, TIME)
    count = v.add(v.load(control, COUNT), v.number(1.0))
    v.store(count, control, COUNT)
    b = v.builder
    due = v.smaller(v.load(control, STOP), v.load(control, NEXT))
    arrived = b.fcmp_ordered(">=", time, due)
    given_up = v.less(following, v.number(LEAST_STEP))
    misses = v.add(v.load(control, MISSES), v.choose(good, v.number(0.0), v.load(control, MISSED)))
    v.store(misses, control, MISSES)
    falls = v.add(v.load(control, FALLS), v.load(control, FELL))
    v.store(falls, control, FALLS)
    spent = b.fcmp_ordered(">=", count, v.load(control, LIMIT))
    spent = b.or_(spent, b.fcmp_ordered(">=", misses, v.number(MOST_MISSES)))
    asks = b.and_(b.or_(v.choose(good, arrived, given_up), spent), occupied)
    v.store(v.choose(asks, v.number(1.0), v.number(0.0)), control, FLAG)
    return v.done()
