"""Transitions: reactions between amounts, and rate rules for states that are no amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.io.sbml.annotation import describe
from thymos.io.sbml.library import filled
from thymos.io.sbml.units import is_amount

if TYPE_CHECKING:
    from thymos.io.sbml.draft import Draft
    from thymos.lang.system import FlowInfo

Change = tuple[int, Any]


def write_transitions(draft: Draft) -> None:
    """Every transition as one reaction, apart from what a reaction cannot say.

    A change that moves with time would be a stoichiometry that does: it becomes a reaction of its own, with
    rate times change as its law. Changes of states that are no amounts are summed into one rate rule a state.
    """
    from sympy import sympify

    slopes: dict[int, list[Any]] = {i: [] for i, s in enumerate(draft.system.states) if not is_amount(s.unit)}
    for flow in draft.system.transitions:
        together = []
        for i, change in flow.changes:
            if i in slopes:
                slopes[i].append(change * flow.rate)
            elif draft.is_constant(change):
                together.append((i, change))
            else:
                name = f"{flow.name}, {draft.system.states[i].name}"
                _reaction(draft, flow, name, change * flow.rate, [(i, sympify(1))])
        if together:
            _reaction(draft, flow, flow.name, flow.rate, together)
    for i, terms in slopes.items():
        if terms:  # a state without is moved by events alone
            draft.rule("RateRule", draft.identifier[draft.system.states[i].symbol], sum(terms))


def _reaction(draft: Draft, flow: FlowInfo, name: str, law: Any, changes: list[Change]) -> None:
    reaction = draft.model.createReaction()
    filled(reaction, Id=draft.identifiers.new(f"{flow.model}.{name}"), Reversible=False)
    describe(reaction, f"{flow.model}.{flow.name}", name)
    for i, change in changes:
        _member(draft, reaction, draft.identifier[draft.system.states[i].symbol], change)
    members = {draft.system.states[i].symbol for i, _ in changes}
    for info in draft.system.states:
        if info.symbol in law.free_symbols - members and is_amount(info.unit):
            filled(reaction.createModifier(), Species=draft.identifier[info.symbol])
    filled(reaction.createKineticLaw(), Math=draft.formulas.of(law))


def _member(draft: Draft, reaction: Any, species: str, change: Any) -> None:
    """What one turn of the reaction uses or makes; a change written in parameters is assigned at the start."""
    used = bool(change.as_coeff_Mul()[0] < 0)
    size = -change if used else change
    member = reaction.createReactant() if used else reaction.createProduct()
    filled(member, Species=species, Constant=True)
    if size.is_number:
        filled(member, Stoichiometry=float(size))
        return
    identifier = draft.identifiers.new(f"{reaction.getId()} of {species}")
    filled(member, Id=identifier)
    draft.rule("InitialAssignment", identifier, size)
