"""Scheduled events and triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.sbml.annotation import describe
from thymos.io.sbml.formulas import named, tree
from thymos.io.sbml.library import filled

if TYPE_CHECKING:
    from thymos.io.sbml.draft import Draft
    from thymos.lang.system import EventInfo


def write_events(draft: Draft) -> None:
    """Every event once: at its time, day 0 included, or when its state first reaches its level.

    Events of one moment follow each other as declared, each on what the one before has left.
    """
    events = draft.system.events
    for i, info in enumerate(events):
        _event(draft, info, len(events) - i)


def _event(draft: Draft, info: EventInfo, priority: int) -> None:
    event = draft.model.createEvent()
    filled(event, Id=draft.identifiers.new(f"event {info.name}"), UseValuesFromTriggerTime=False)
    describe(event, info.name, info.name)
    condition = _due(draft, info) if info.at is not None else _reached(draft, info, event)
    # False before the beginning, so that what is due on day 0 happens on day 0.
    filled(event.createTrigger(), InitialValue=False, Persistent=True, Math=condition)
    filled(event.createPriority(), Math=draft.formula(priority))
    for i, how, value in info.changes:
        state = draft.system.states[i]
        after = draft.formula(value if how == "set" else state.symbol + value, state.unit)
        filled(event.createEventAssignment(), Variable=draft.identifier[state.symbol], Math=after)


def _due(draft: Draft, info: EventInfo) -> Any:
    at = draft.system.parameters[info.at or 0].symbol
    return _at_least(draft, draft.system.time, at)


def _reached(draft: Draft, info: EventInfo, event: Any) -> Any:
    """The state at its level, and not yet before: a state may fall and rise again, the event may not."""
    name = draft.identifiers.new(f"happened {info.name}")
    flag = filled(
        draft.parameter(name, "", constant=False), Value=0.0, Name=f"1 once {info.name} has happened"
    )
    filled(event.createEventAssignment(), Variable=flag.getId(), Math=draft.formula(1))
    state = draft.system.states[info.when or 0].symbol
    level = draft.system.parameters[info.reaches or 0].symbol
    first = tree("AST_RELATIONAL_LT", [named(flag.getId()), draft.formula(0.5)])
    return tree("AST_LOGICAL_AND", [_at_least(draft, state, level), first])


def _at_least(draft: Draft, a: Any, b: Any) -> Any:
    return tree("AST_RELATIONAL_GEQ", [draft.formula(a), draft.formula(b)])
