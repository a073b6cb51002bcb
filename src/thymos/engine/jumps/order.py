"""How strongly the rates of a process depend on each of its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thymos.engine.jumps.process import Process

HIGHEST = 3


def orders(made: Process) -> list[int]:
    """For each state 0 if no rate depends on it, else the highest order of the rates in it, at most 3.

    It divides the accuracy asked of a leap: a rate of order g changes by about g times the share by which its state
    does (Cao, Gillespie, Petzold 2006, after equation 27). A rate that is no polynomial counts as of order 3.
    """
    states = [s.symbol for s in made.system.states[:-2]]
    rates = [_without_guards(r) for r in (*made.rates, *made.system.rhs[:-2])]
    reads: dict[Any, list[Any]] = {s: [r for r in rates if s in r.free_symbols] for s in states}
    return [max((_order(state, r, set(states)) for r in reads[state]), default=0) for state in states]


def _order(state: Any, rate: Any, states: set[Any]) -> int:
    """How often the rate has to be differentiated until no state is left in it."""
    import sympy

    for order in range(1, HIGHEST):
        rate = sympy.diff(rate, state)
        if not rate.free_symbols & states:
            return order
    return HIGHEST


def _without_guards(rate: Any) -> Any:
    """The rate without the factors of 0 or 1 that keep it possible."""
    import sympy

    return rate.replace(sympy.Function("below"), lambda a, b: sympy.Integer(1))
