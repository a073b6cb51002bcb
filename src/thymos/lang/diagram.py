"""Which model gives what to which: the wiring of a therapy as a Mermaid flow chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from thymos.lang.errors import WiringError

if TYPE_CHECKING:
    from thymos.lang.model import Model


def joints(models: Iterable[Model]) -> dict[tuple[str, str], list[str]]:
    """Names of the quantities that each pair (giver, taker) shares.

    Raises `WiringError` for a need that no model gives.
    """
    from thymos.lang.equations import statements

    listed = list(models)
    givers = {
        s.name.partition("[")[0]: type(m).__name__
        for m in listed
        for s in statements(m)
        if s.kind == "output"
    }
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for model in listed:
        for need in model.needed():
            if need.name not in givers:
                raise WiringError(
                    f"{type(model).__name__} needs {need.name!r}", "a model that gives it", "none"
                )
            found[givers[need.name], type(model).__name__].append(need.name)
    return dict(found)


def wiring(models: Iterable[Model]) -> str:
    """A Mermaid flow chart: an arrow for each pair of models, labelled with what is handed over."""
    listed = list(models)
    lines = ["flowchart LR", *(f"  {type(m).__name__}" for m in listed)]
    for (giver, taker), names in sorted(joints(listed).items()):
        lines.append(f"  {giver} -->|{'<br/>'.join(names)}| {taker}")
    return "\n".join(lines)
