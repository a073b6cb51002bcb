r"""A system as a process of jumps between which the rest flows, again written as a system.

With transitions $k$ of rate $a_k$ and counted states $n$, the jumps come when the integrated hazard
$\int \sum_k a_k\, dt$ since the last one has grown by $E = -\ln u$, and the jump is transition $k$ with chance
$a_k / \sum_j a_j$ at that moment. That is the exact law, also where rates move between jumps (M. H. A. Davis,
Piecewise-deterministic Markov processes, J. R. Stat. Soc. B 46, 353, 1984). Two states carry chance: the hazard, which
rises from $-E$ to 0, and the number of draws made. Hence any solver that can land on a level runs the process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from thymos.engine.jumps.partition import Partition, is_nonnegative
from thymos.lang.system import EventInfo, ParameterInfo, StateInfo

if TYPE_CHECKING:
    from thymos.lang.system import FlowInfo, System

JUMP = "next jump"
# Draws made at one count: which transition, when the next one; from 2 on the rounding of fractions.
WHICH, WHEN, ROUNDING = range(3)


@dataclass(frozen=True)
class Process:
    """The system with its chance, and the pieces that a leap needs.

    system  : the given states, then hazard and draws; the given parameters, then `CHANCE`; the jump is the last event
    rates   : of each discrete transition, 0 where there are too few cells for it [1/day]
    changes : (transition, state, change) with fractions still in them
    counted : indexes of counted states
    """

    system: System
    rates: tuple[Any, ...]
    changes: tuple[tuple[int, int, Any], ...]
    counted: frozenset[int]


CHANCE = (
    ("first key", "first half of the key of all chance"),
    ("second key", "second half of the key of all chance"),
    ("person", "whose chance it is"),
    ("level", "hazard at which the next jump comes, 0"),
)
CARRIED = (("hazard", "integrated hazard less the level of the next jump"), ("draws", "numbers drawn"))


class Dice:
    """Random numbers of one process, as expressions: each `which` once at one count."""

    def __init__(self, key: tuple[Any, ...], draws: Any) -> None:
        import sympy

        self._uniform, self._floor = sympy.Function("uniform"), sympy.Function("floor")
        self._key, self._draws, self._used = key, draws, ROUNDING

    def uniform(self, which: int) -> Any:
        """A number between 0 and 1."""
        return self._uniform(*self._key, self._draws, which)

    def whole(self, amount: Any) -> Any:
        """The amount itself if it is a whole number, else one of its neighbours, with the amount as its mean."""
        if amount.is_Number and amount == int(amount):
            return amount
        self._used += 1
        return self._floor(amount + self.uniform(self._used - 1))


def process(system: System, split: Partition) -> Process:
    """The system with hazard, draws and the event that is the next jump."""
    import sympy

    made = [ParameterInfo(n, "", text, "chance", sympy.Symbol(n, real=True)) for n, text in CHANCE]
    carried = [StateInfo(n, "", text, sympy.Symbol(n, real=True)) for n, text in CARRIED]
    key = tuple(p.symbol for p in made[:3])
    dice = Dice(key, carried[1].symbol)
    first = Dice(key, sympy.Integer(0))
    starts = [first.whole(e) if i in split.counted else e for i, e in enumerate(system.starts)]
    rates = tuple(_rate(system, split, flow) for flow in split.discrete)
    sums = tuple(accumulate(rates, _joined))
    size = len(system.states)
    events = [_whole_event(split, dice, event) for event in system.events]
    jump = _jump(split, dice, sums, size, len(system.parameters) + 3)
    whole = replace(
        system,
        states=(*system.states, *carried),
        parameters=(*system.parameters, *made),
        rhs=(*_flows(system, split), sums[-1] if sums else sympy.Integer(0), sympy.Integer(0)),
        starts=(*starts, sympy.log(first.uniform(WHEN)), sympy.Integer(1)),
        events=(*events, jump),
    )
    changes = tuple((k, i, c) for k, flow in enumerate(split.discrete) for i, c in flow.changes)
    return Process(whole, rates, changes, split.counted)


def _below(a: Any, b: Any) -> Any:
    import sympy

    return sympy.Function("below")(a, b)


def _rate(system: System, split: Partition, flow: FlowInfo) -> Any:
    """The rate, or 0 where it is negative or would take more of a counted state than there is."""
    import sympy

    rate = flow.rate
    if not is_nonnegative(rate):
        rate = rate * _below(0, rate)
    for i, change in flow.changes:
        if i in split.counted and not is_nonnegative(change):
            most = -sympy.Function("floor")(change)
            rate = rate * _below(most - sympy.Rational(1, 2), system.states[i].symbol)
    return rate


def _flows(system: System, split: Partition) -> list[Any]:
    """dy/dt without the discrete transitions."""
    import sympy

    terms: list[list[Any]] = [[] for _ in system.states]
    for flow in split.flowing:
        for i, change in flow.changes:
            terms[i].append(change * flow.rate)
    return [sympy.Add(*t) for t in terms]


def _whole_event(split: Partition, dice: Dice, event: EventInfo) -> EventInfo:
    changes = ((i, how, dice.whole(e) if i in split.counted else e) for i, how, e in event.changes)
    return replace(event, changes=tuple(changes))


def _jump(split: Partition, dice: Dice, sums: tuple[Any, ...], hazard: int, level: int) -> EventInfo:
    """The event that chooses one transition by its share, applies it and draws the next hazard."""
    import sympy

    terms: dict[int, list[Any]] = {}
    for chosen, flow in zip(_choice(dice, sums), split.discrete, strict=True):
        for i, change in flow.changes:
            amount = dice.whole(change) if i in split.counted else change
            terms.setdefault(i, []).append(chosen * amount)
    changes = [(i, "add", sympy.Add(*t)) for i, t in sorted(terms.items())]
    changes.append((hazard, "set", sympy.log(dice.uniform(WHEN))))
    changes.append((hazard + 1, "add", sympy.Integer(1)))
    return EventInfo(JUMP, None, hazard, level, tuple(changes), again=True)


def _choice(dice: Dice, sums: tuple[Any, ...]) -> list[Any]:
    """For each transition 1 if it is the one that happens, else 0; `sums` of the rates up to each."""
    if not sums:
        return []
    mark = dice.uniform(WHICH) * sums[-1]
    up_to = [_below(mark, s) for s in sums]
    return [b - a for a, b in zip((0, *up_to), up_to, strict=False)]


def _joined(a: Any, b: Any) -> Any:
    import sympy

    # Not evaluated: sums of sums would be flattened, and each would be computed anew.
    return sympy.Add(a, b, evaluate=False)
