"""The document: a traced system and one value for each parameter as SBML, level 3, version 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thymos import __version__
from thymos.io.sbml.annotation import note, sign
from thymos.io.sbml.draft import Draft
from thymos.io.sbml.events import write_events
from thymos.io.sbml.identifiers import plain
from thymos.io.sbml.library import filled, libsbml
from thymos.io.sbml.quantities import write_given, write_numbers, write_outputs, write_states
from thymos.io.sbml.reactions import write_transitions

if TYPE_CHECKING:
    from thymos.evidence.value import Value
    from thymos.lang.system import System

LEVEL, VERSION = 3, 2


@dataclass(frozen=True)
class About:
    """What a document says of itself.

    title  : one line;  lines : paragraphs for its reader
    papers : rows of evidence by the name of their parameter
    """

    title: str
    lines: tuple[str, ...] = ()
    papers: Mapping[str, Value] = field(default_factory=dict)


def write_sbml(system: System, values: Mapping[str, float], about: About) -> str:
    """The document as text.

    system : traced as written, so that what models give each other stands in the file under its name
    values : one number for each parameter, covariate and switch by name, in the unit it is declared in;
             inf or nan for the time or level of an event that never happens
    Raises `InputError` where a value is missing or not a number, `UnitError` and `DefinitionError` where SBML
    lacks a unit or a function.
    """
    document = libsbml().SBMLDocument(LEVEL, VERSION)
    draft = Draft(system, document.createModel())
    _head(draft, about)
    write_numbers(draft, values, about.papers)
    write_states(draft)
    write_given(draft)
    write_outputs(draft)
    write_transitions(draft)
    write_events(draft)
    return str(libsbml().writeSBMLToString(document))


def _head(draft: Draft, about: About) -> None:
    identifier = plain(draft.system.name)
    day, item = draft.units.of("day"), "item"
    filled(draft.model, Id=identifier, Name=about.title, TimeUnits=day, ExtentUnits=item, SubstanceUnits=item)
    note(draft.model, *about.lines)
    sign(draft.model, __version__, identifier)
