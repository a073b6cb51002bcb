"""Counters of transitions: how often each of the named ones has happened, as a state and an output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from thymos.engine.jumps.partition import Partition, name_of, position
from thymos.lang.system import FlowInfo, OutputInfo, StateInfo

if TYPE_CHECKING:
    from thymos.lang.system import System


def with_tallies(system: System, split: Partition, names: Sequence[str]) -> tuple[System, Partition]:
    """The system and partition with a state and an output `count[model.transition]` for each name.

    A transition that flows is tallied too: its count is then the expected number, not a whole one.
    """
    for name in names:
        system, split = _with_tally(system, split, name)
    return system, split


def _with_tally(system: System, split: Partition, name: str) -> tuple[System, Partition]:
    import sympy

    flows = system.transitions
    flow = flows[position(system, "tally of transition", [name_of(f) for f in flows], name)]
    label, index = f"count[{name}]", len(system.states)
    text = f"how often {flow.name} has happened"
    symbol = sympy.Symbol(label, real=True)
    tallied = FlowInfo(flow.model, flow.name, flow.rate, (*flow.changes, (index, sympy.Integer(1))))
    grown = replace(
        system,
        states=(*system.states, StateInfo(label, "", text, symbol)),
        rhs=(*system.rhs, flow.rate),
        starts=(*system.starts, sympy.Integer(0)),
        outputs=(*system.outputs, OutputInfo(label, "", text, symbol)),
        transitions=tuple(tallied if f == flow else f for f in flows),
    )
    discrete = tuple(tallied if f == flow else f for f in split.discrete)
    flowing = tuple(tallied if f == flow else f for f in split.flowing)
    counted = split.counted | ({index} if flow in split.discrete else set())
    return grown, Partition(counted, discrete, flowing)
