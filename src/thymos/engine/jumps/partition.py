"""What is counted one by one and what flows: states are split by the caller or by their unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import SolveError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from thymos.lang.system import FlowInfo, System

COUNTED_UNIT = "cell"


@dataclass(frozen=True)
class Partition:
    """States that are whole numbers, transitions that happen one at a time, and transitions that flow.

    A transition is discrete when it changes a counted state, so that nothing but whole numbers ever reaches one.
    """

    counted: frozenset[int]
    discrete: tuple[FlowInfo, ...]
    flowing: tuple[FlowInfo, ...]


def partition(system: System, counted: Sequence[str] | None) -> Partition:
    """Split by the names of counted states; None counts every state measured in `cell`."""
    names = [s.name for s in system.states]
    if counted is None:
        chosen = frozenset(i for i, s in enumerate(system.states) if s.unit == COUNTED_UNIT)
    else:
        chosen = frozenset(position(system, "counted state", names, name) for name in counted)
    if not chosen:
        raise SolveError(
            f"{system.name}, counted",
            f"at least one state that is counted (by default those measured in {COUNTED_UNIT})",
            "none",
            f"name some of {', '.join(names)}",
        )
    discrete = tuple(f for f in system.transitions if any(i in chosen for i, _ in f.changes))
    flowing = tuple(f for f in system.transitions if f not in discrete)
    return Partition(chosen, discrete, flowing)


def position(system: System, what: str, names: Sequence[str], name: str) -> int:
    """Where a name stands; raises `SolveError` with the nearest names."""
    if name not in names:
        wanted = f"one of the {len(names)} of this system"
        raise SolveError(f"{system.name}, {what} {name!r}", wanted, name, nearest(name, names))
    return names.index(name)


def refuse_flow(system: System, split: Partition) -> None:
    """Raise `SolveError` where single jumps alone would not be the exact process."""
    for flow in (*split.flowing, *split.discrete):
        for i, _ in flow.changes:
            if i not in split.counted:
                s = system.states[i]
                got = f"{s.name} [{s.unit or '1'}], which is not counted"
                raise _not_exact(system, flow, "changes of counted states alone", got)
    for flow in split.discrete:
        if system.time in flow.rate.free_symbols:
            raise _not_exact(
                system, flow, "a rate that stands still between jumps", "a rate that moves with time"
            )


def _not_exact(system: System, flow: FlowInfo, wanted: str, got: str) -> SolveError:
    where = f"{system.name}, transition {name_of(flow)!r}, method 'exact'"
    hint = "method='hybrid', in which the rest flows by its ODE, or name more states in `counted`"
    return SolveError(where, wanted, got, hint)


def name_of(flow: FlowInfo) -> str:
    """The printed name of a transition, `thymus.I settling`."""
    return f"{flow.model}.{flow.name}"


def is_nonnegative(change: Any) -> bool:
    """Whether a change is a number that is not below zero."""
    return bool(change.is_Number and change >= 0)
