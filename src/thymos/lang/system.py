"""The symbolic system that tracing a therapy's models gives, and that every backend consumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StateInfo:
    """One state: `periphery.naive[H,CD4]`."""

    name: str
    unit: str
    text: str
    symbol: Any


@dataclass(frozen=True)
class ParameterInfo:
    """One column of numbers a patient has; `kind` is parameter, covariate or switch."""

    name: str
    unit: str
    text: str
    kind: str
    symbol: Any


@dataclass(frozen=True)
class OutputInfo:
    """One recorded quantity as an expression in time, states and parameters."""

    name: str
    unit: str
    text: str
    expression: Any


@dataclass(frozen=True)
class EventInfo:
    """A jump: scheduled at the value of parameter `at`, or when state `when` rises to parameter `reaches`.

    `changes` are (state index, "add" or "set", expression). A trigger acts once, unless it may act `again`.
    """

    name: str
    at: int | None
    when: int | None
    reaches: int | None
    changes: tuple[tuple[int, str, Any], ...]
    again: bool = False


@dataclass(frozen=True)
class FlowInfo:
    """One transition with all needs resolved: rate [state unit/day] and (state index, change)."""

    model: str
    name: str
    rate: Any
    changes: tuple[tuple[int, Any], ...]


@dataclass(frozen=True)
class GivenInfo:
    """What one model gives and another needs: a symbol, and the expression it stands for."""

    name: str
    unit: str
    text: str
    symbol: Any
    expression: Any


@dataclass(frozen=True)
class DefinitionInfo:
    """A number with a unit that is a definition, such as 365.25 day/year."""

    value: float
    unit: str
    symbol: Any


@dataclass(frozen=True)
class System:
    """States, parameters, right-hand sides, initial values, outputs and events, all as sympy expressions.

    `given` and `definitions` are filled where the system was traced as written: expressions then keep these
    symbols, and a quantity in `given` reads only those before it. Elsewhere both are empty.
    """

    name: str
    time: Any
    states: tuple[StateInfo, ...]
    parameters: tuple[ParameterInfo, ...]
    rhs: tuple[Any, ...]
    starts: tuple[Any, ...]
    outputs: tuple[OutputInfo, ...]
    events: tuple[EventInfo, ...]
    transitions: tuple[FlowInfo, ...]
    given: tuple[GivenInfo, ...] = ()
    definitions: tuple[DefinitionInfo, ...] = ()
