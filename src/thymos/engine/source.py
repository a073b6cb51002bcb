"""Where a program comes from: models to be traced when needed, or a system already traced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thymos.lang.errors import WiringError

if TYPE_CHECKING:
    from thymos.lang.model import Model
    from thymos.lang.system import System


@dataclass(frozen=True)
class Source:
    """Models, and what is to be recorded of them; tracing waits until a kernel has to be built."""

    models: tuple[Model, ...]
    name: str
    outputs: tuple[str, ...] | None

    @staticmethod
    def of(models: Sequence[Model], name: str, outputs: Sequence[str] | None) -> Source:
        """Models in any sequence; raises `WiringError` for one name where a list is wanted."""
        if isinstance(outputs, str):
            raise WiringError(f"{name}, outputs", "a list of names", repr(outputs), f"outputs=[{outputs!r}]")
        return Source(tuple(models), name, None if outputs is None else tuple(outputs))

    @property
    def key(self) -> str:
        """Digest of everything the system depends on; needs no sympy."""
        from thymos.lang.trace import source_key

        return source_key(self.models, self.name, self.outputs)

    def system(self) -> System:
        """The traced system."""
        from thymos.lang.trace import trace

        return trace(self.models, self.name, self.outputs)
