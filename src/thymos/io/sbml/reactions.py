"""Transitions: reactions between amounts, and rate rules for states that are no amounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from thymos.io.sbml.annotation import describe
from thymos.io.sbml.library import filled
from thymos.io.sbml.units import is_amount

if TYPE_CHECKING:
    from thymos.io.sbml.draft import Draft
    from thymos.lang.system import FlowInfo


def write_transitions(draft: Draft) -> None:
    """Every transition as one reaction, apart from what a reaction cannot say.

    A change that is a number is a stoichiometry. One that is written in parameters or states becomes a reaction
    of its own, with rate times change as its law: readers that take such a stoichiometry at all may not follow
    when a parameter is changed later. Changes of states that are no amounts are summed into one rate rule a state.
    """
    slopes: dict[int, list[Any]] = {i: [] for i, s in enumerate(draft.system.states) if not is_amount(s.unit)}
    for flow in draft.system.transitions:
        together = {}
        for i, change in flow.changes:
            if i in slopes:
                slopes[i].append(change * flow.rate)
            elif change.is_number:
                together[i] = float(change)
            else:
                name = f"{flow.name}, {draft.system.states[i].name}"
                _reaction(draft, flow, name, change * flow.rate, {i: 1.0})
        if together:
            _reaction(draft, flow, flow.name, flow.rate, together)
    for i, terms in slopes.items():
        if terms:  # a state without is moved by events alone
            state = draft.system.states[i]
            draft.rule("RateRule", draft.identifier[state.symbol], sum(terms), f"{state.unit or 1}/day")


def _reaction(draft: Draft, flow: FlowInfo, name: str, law: Any, changes: Mapping[int, float]) -> None:
    states = draft.system.states
    reaction = draft.model.createReaction()
    filled(reaction, Id=draft.identifiers.new(f"reaction {flow.model}.{name}"), Reversible=False)
    describe(reaction, f"{flow.model}.{flow.name}", name)
    for i, change in changes.items():
        member = reaction.createReactant() if change < 0 else reaction.createProduct()
        species = draft.identifier[states[i].symbol]
        filled(member, Species=species, Stoichiometry=abs(change), Constant=True)
    read = law.free_symbols - {states[i].symbol for i in changes}
    for state in states:
        if state.symbol in read and is_amount(state.unit):
            filled(reaction.createModifier(), Species=draft.identifier[state.symbol])
    filled(reaction.createKineticLaw(), Math=draft.formula(law, "cell/day"))
