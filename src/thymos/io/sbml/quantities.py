"""Numbers, states and what is computed of them: parameters, species and rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from thymos.io.sbml.annotation import cite, describe, note, papers
from thymos.io.sbml.library import filled
from thymos.io.sbml.units import is_amount
from thymos.lang.errors import InputError

if TYPE_CHECKING:
    from thymos.evidence.value import Value
    from thymos.io.sbml.draft import Draft
    from thymos.lang.system import ParameterInfo, StateInfo, System

NEVER = 1e9
"""Stands for infinity in the time or level of an event, day or the unit of the level: not every reader takes that."""


def write_numbers(draft: Draft, values: Mapping[str, float], rows: Mapping[str, Value]) -> None:
    """Parameters, covariates and switches, each with the paper its value rests on; and definitions."""
    movable = {i for e in draft.system.events for i in (e.at, e.reaches) if i is not None}
    for i, info in enumerate(draft.system.parameters):
        made = draft.parameter(draft.identifier[info.symbol], info.unit, constant=True)
        filled(made, Value=_value(draft.system, info, values, i in movable))
        row = rows.get(info.name)
        describe(made, info.name, info.text, "" if row is None else papers(row))
        if row is not None:
            cite(made, row.source)
    for definition in draft.system.definitions:
        made = draft.parameter(draft.identifier[definition.symbol], definition.unit, constant=True)
        filled(made, Value=definition.value, Name=f"{definition.value:g} {definition.unit}")
        note(made, "A definition, not a finding.")


def _value(system: System, info: ParameterInfo, values: Mapping[str, float], movable: bool) -> float:
    if info.name not in values:
        raise InputError(f"{system.name}, SBML", "a value for every parameter", f"none for {info.name}")
    value = float(values[info.name])
    if movable and (math.isnan(value) or value == math.inf):
        return NEVER
    if not math.isfinite(value):
        raise InputError(f"{system.name}, SBML [{info.name}]", "a finite number", f"{value}")
    return value


def write_states(draft: Draft) -> None:
    """Amounts as species, each in the compartment of its model; other states as parameters under a rule."""
    for info, start in zip(draft.system.states, draft.system.starts, strict=True):
        made = _species(draft, info) if is_amount(info.unit) else _parameter(draft, info)
        describe(made, info.name, info.text)
        if start.is_number:
            filled(made, **{"InitialAmount" if is_amount(info.unit) else "Value": float(start)})
        else:
            draft.rule("InitialAssignment", draft.identifier[info.symbol], start)


def _parameter(draft: Draft, info: StateInfo) -> Any:
    return draft.parameter(draft.identifier[info.symbol], info.unit, constant=False)


def _species(draft: Draft, info: StateInfo) -> Any:
    fixed = {"HasOnlySubstanceUnits": True, "BoundaryCondition": False, "Constant": False}
    unit, place = draft.units.of(info.unit), _compartment(draft, info.name.partition(".")[0])
    made = draft.model.createSpecies()
    return filled(made, Id=draft.identifier[info.symbol], Compartment=place, SubstanceUnits=unit, **fixed)


def _compartment(draft: Draft, name: str) -> str:
    """The place of one model's amounts, without a size: nothing is asked of its volume."""
    if name not in draft.place:
        draft.place[name] = draft.identifiers.new(f"in {name}")
        fixed = {"SpatialDimensions": 0.0, "Units": "dimensionless", "Constant": True}
        filled(draft.model.createCompartment(), Id=draft.place[name], Name=name.replace("_", " "), **fixed)
    return draft.place[name]


def write_given(draft: Draft) -> None:
    """What models give each other, each after what it reads."""
    for info in draft.system.given:
        _computed(draft, draft.identifier[info.symbol], info)


def write_outputs(draft: Draft) -> None:
    """What thymos records and no model needs."""
    known = {info.name for info in draft.system.given}
    for info in draft.system.outputs:
        if info.name not in known:
            _computed(draft, draft.identifiers.new(info.name), info)


def _computed(draft: Draft, identifier: str, info: Any) -> None:
    describe(draft.parameter(identifier, info.unit, constant=False), info.name, info.text)
    draft.rule("AssignmentRule", identifier, info.expression, info.unit)
