"""What a model declares: its states, parameters, covariates, needs and switches.

A declaration holds name, unit and meaning; the tracing turns it into symbols.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

Key = tuple[str, ...]


@dataclass
class Declaration:
    """Name, unit and meaning of one thing; `over` lists the labels of each axis it is indexed by."""

    unit: str
    text: str
    over: tuple[tuple[str, ...], ...] = ()
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def all_keys(self) -> Iterator[Key]:
        """Every combination of labels; one empty key where there is no axis."""
        return product(*self.over)

    def label(self, key: Key) -> str:
        """The printed name: `naive[H,CD4]`."""
        return f"{self.name}[{','.join(key)}]" if key else self.name


class StateDeclaration(Declaration):
    """An amount that transitions change."""


class ParameterDeclaration(Declaration):
    """A number with a row of evidence."""


class CovariateDeclaration(Declaration):
    """A fact of one patient, lot or protocol, given from outside; its name is shared by all models."""


class NeedDeclaration(Declaration):
    """A quantity that another model of the same therapy gives."""


@dataclass
class SwitchDeclaration(Declaration):
    """A scientific quarrel: named alternatives, the first of which is the default."""

    choices: tuple[str, ...] = ()


def state(unit: str, text: str, over: tuple[tuple[str, ...], ...] = ()) -> Any:
    """Declare an amount in `unit`, indexed by the labels in `over`."""
    return StateDeclaration(unit, text, over)


def parameter(unit: str, text: str) -> Any:
    """Declare a number whose value, uncertainty, variability, source and grade stand in the `.toml`."""
    return ParameterDeclaration(unit, text)


def covariate(unit: str, text: str) -> Any:
    """Declare a fact of the patient, lot or protocol; shared by name between models."""
    return CovariateDeclaration(unit, text)


def needs(unit: str, text: str, over: tuple[tuple[str, ...], ...] = ()) -> Any:
    """Declare a quantity that another model gives."""
    return NeedDeclaration(unit, text, over)


def switch(*choices_and_text: str) -> Any:
    """Declare alternatives: `switch("default", "other", ..., "what is at stake")`."""
    *choices, text = choices_and_text
    return SwitchDeclaration("", text, choices=tuple(choices))
