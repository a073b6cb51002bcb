"""What a program offers, without its mathematics: names, units, meanings, and the table of events."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from thymos.lang.system import System


class Quantity(NamedTuple):
    """A state, parameter or output; `kind` is state, output, parameter, covariate or switch."""

    name: str
    unit: str
    text: str
    kind: str


@dataclass(frozen=True)
class Jump:
    """One event: the parameter that holds its time, or the state and the parameter that holds its level.

    `changes` are (state, whether the value replaces rather than adds), in the order of the kernel's values. A
    trigger acts once; with `again` it acts each time its state reaches the level.
    """

    name: str
    at: int | None
    when: int | None
    reaches: int | None
    changes: tuple[tuple[int, bool], ...]
    again: bool = False


@dataclass(frozen=True)
class Signature:
    """The columns of a program: what goes in and what comes out."""

    name: str
    states: tuple[Quantity, ...]
    parameters: tuple[Quantity, ...]
    outputs: tuple[Quantity, ...]
    jumps: tuple[Jump, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain lists and dictionaries."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Signature:
        """The inverse of `as_json`."""
        columns = {k: tuple(Quantity(*row) for row in data[k]) for k in ("states", "parameters", "outputs")}
        jumps = tuple(
            Jump(**{**j, "changes": tuple((int(i), bool(r)) for i, r in j["changes"])}) for j in data["jumps"]
        )
        return Signature(name=data["name"], jumps=jumps, **columns)


def signature(system: System) -> Signature:
    """The signature of a traced system."""
    return Signature(
        system.name,
        tuple(Quantity(s.name, s.unit, s.text, "state") for s in system.states),
        tuple(Quantity(p.name, p.unit, p.text, p.kind) for p in system.parameters),
        tuple(Quantity(o.name, o.unit, o.text, "output") for o in system.outputs),
        tuple(
            Jump(
                e.name, e.at, e.when, e.reaches, tuple((i, how == "set") for i, how, _ in e.changes), e.again
            )
            for e in system.events
        ),
    )
