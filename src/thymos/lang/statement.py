"""What a model says: transitions, outputs, scheduled events and triggers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Transition:
    """An event of the jump process and a flow of the ODE: `rate` [state unit/day] times `changes`."""

    name: str
    rate: Any
    changes: Mapping[Any, Any]


@dataclass(frozen=True)
class Output:
    """A quantity a model gives to others; with `observe` it is also recorded at output times."""

    name: str
    unit: str
    expression: Any
    text: str
    index: tuple[str, ...] = ()
    observe: bool = False

    @property
    def label(self) -> str:
        """The printed name, `export[H,CD4]`."""
        return f"{self.name}[{','.join(self.index)}]" if self.index else self.name


@dataclass(frozen=True)
class Scheduled:
    """At time `at` [day, a parameter or covariate; nan or inf: never] add `changes`, set `sets`."""

    name: str
    at: Any
    changes: Mapping[Any, Any] = field(default_factory=dict)
    sets: Mapping[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trigger:
    """Once, at the moment the state `when` rises to the parameter `reaches`, add `changes`, set `sets`."""

    name: str
    when: Any
    reaches: Any
    changes: Mapping[Any, Any] = field(default_factory=dict)
    sets: Mapping[Any, Any] = field(default_factory=dict)
