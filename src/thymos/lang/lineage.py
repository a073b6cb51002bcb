"""Which cells become which: the lineage that a list of transitions describes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.lang.errors import DefinitionError

if TYPE_CHECKING:
    from thymos.lang.model import Model
    from thymos.lang.system import FlowInfo, System

Place = tuple[str, str]
"""A kind of cell and one of its members, "" where it has but one."""


@dataclass(frozen=True)
class Kind:
    """Cells that a model declares together: one state, or one indexed by labels."""

    name: str
    text: str
    members: tuple[str, ...]
    seeded: bool
    divides: bool
    dies: bool


@dataclass(frozen=True)
class Step:
    """A transition by which a living cell becomes another."""

    name: str
    source: Place
    target: Place


@dataclass(frozen=True)
class Lineage:
    """Kinds of living cells in the order of their models, and every step between them."""

    kinds: tuple[Kind, ...]
    steps: tuple[Step, ...]


def lineage(models: Iterable[Model], living: str) -> Lineage:
    """The lineage of these models' cells, from their transitions alone.

    living : the output that counts living cells; a state is alive if it stands in it

    A transition that takes a living cell and gives no other is a death, one that only gives is a division.
    Raises `DefinitionError` where the output counts no state measured in cells.
    """
    from thymos.lang.trace import trace

    system = trace(models, "lineage", outputs=[living])
    counted = system.outputs[0].expression.free_symbols
    alive = {
        i: place(s.name) for i, s in enumerate(system.states) if s.symbol in counted and s.unit == "cell"
    }
    if not alive:
        raise DefinitionError(f"lineage, {living}", "an output that adds up cells", "one without any")
    steps, divides, dies = _moves(system.transitions, alive)
    return Lineage(_kinds(system, alive, divides, dies), tuple(steps))


def place(state: str) -> Place:
    """Kind and member of a state's full name: `progenitors.early[open]` is (progenitors.early, open)."""
    name, _, label = state.partition("[")
    return name, label.removesuffix("]")


def _moves(transitions: Iterable[FlowInfo], alive: dict[int, Place]) -> tuple[list[Step], set[str], set[str]]:
    """Steps, and the kinds that divide and die."""
    steps: list[Step] = []
    divides, dies = set(), set()
    for flow in transitions:
        lost = [alive[i] for i, change in flow.changes if i in alive and change.is_negative]
        won = [alive[i] for i, change in flow.changes if i in alive and not change.is_negative]
        steps += [Step(flow.name, a, b) for a in lost for b in won]
        divides |= {kind for kind, _ in won if not lost}
        dies |= {kind for kind, _ in lost if not won}
    return steps, divides, dies


def _kinds(system: System, alive: dict[int, Place], divides: set[str], dies: set[str]) -> tuple[Kind, ...]:
    members: dict[str, list[str]] = {}
    for name, label in alive.values():
        members.setdefault(name, []).append(label)
    seeded = {alive[i][0] for i in alive if system.starts[i] != 0}
    texts = {alive[i][0]: system.states[i].text for i in alive}
    return tuple(
        Kind(name, texts[name], tuple(labels), name in seeded, name in divides, name in dies)
        for name, labels in members.items()
    )
