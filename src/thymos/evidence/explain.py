"""What `thymos explain NAME` shows: the row of a parameter, and every statement in which it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.evidence.bibliography import reference
from thymos.evidence.values import Value, rows
from thymos.lang.equations import statements
from thymos.lang.errors import InputError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from thymos.lang.model import Model


@dataclass(frozen=True)
class Use:
    """One statement in which the parameter acts."""

    kind: str  # transition | output | start | event
    name: str
    expression: str
    latex: str


@dataclass(frozen=True)
class Explanation:
    """One parameter: its row, its source as one line, and where it acts."""

    value: Value
    model: str
    reference: str
    uses: tuple[Use, ...]


def explain(name: str, models: Iterable[Model | type[Model]]) -> list[Explanation]:
    """Parameters called `name`, in full ("periphery.d") or by the last part ("d").

    Raises `InputError` with the nearest names when there is none.
    """
    made = [m() if isinstance(m, type) else m for m in models]
    found = [(m, v) for m in made for v in rows(m).values() if name in (v.name, v.name.split(".")[-1])]
    if not found:
        known = [v.name for m in made for v in rows(m).values()]
        near = nearest(name, known + [k.split(".")[-1] for k in known])
        raise InputError(f"parameter {name!r}", "the name of a parameter", "none of that name", near)
    return [Explanation(v, type(m).__name__, reference(v.source), uses(m, v.name)) for m, v in found]


def uses(model: Model, name: str) -> tuple[Use, ...]:
    """Every statement of the model in which the parameter `name` (in full) appears, as text and LaTeX."""
    return tuple(Use(s.kind, s.name, s.text, s.latex) for s in statements(model) if name in s.symbols)
