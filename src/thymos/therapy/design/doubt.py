"""What is not known of the typical culture, as independent standard normal numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import DataError, StudyError
from thymos.lang.streams import stream
from thymos.therapy.culture import culture_models, culture_program
from thymos.therapy.sampling import Sample, values_of
from thymos.therapy.switches import indicators, switches_of

if TYPE_CHECKING:
    from thymos.evidence.value import Value

Floats = NDArray[np.float64]
DRAW = "draw"  # the place of a point that says which of the draws handed in a member has


@dataclass(frozen=True)
class Doubt:
    """Rows with an uncertainty, switches that are in doubt, and draws of what was fitted before.

    switches : each choice of these is as likely as the others
    drawn    : draws by full name (draw,), for example a posterior; they stand in place of the rows
    """

    source: str
    switches: tuple[str, ...] = ()
    drawn: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = values_of(culture_models(self.source))
        if odd := [name for name in self.drawn if name not in rows]:
            raise DataError(
                f"draws, column {odd[0]}", f"a parameter of the culture of {self.source}", repr(odd[0])
            )
        if len({len(x) for x in self.drawn.values()}) > 1:
            raise DataError("draws", "columns of one length", "different ones")
        known = self._known
        for name in self.switches:
            if name not in known:
                raise StudyError("doubt.switches", f"one of {', '.join(sorted(known))}", name)

    @cached_property
    def rows(self) -> dict[str, Value]:
        """Rows that are drawn here, by full name."""
        read = {q.name for q in culture_program(self.source).parameters}
        return {
            name: row
            for name, row in values_of(culture_models(self.source)).items()
            if name in read and not row.uncertainty.fixed and name not in self.drawn
        }

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        """Choices of every switch, by its last name."""
        listed = switches_of(culture_models(self.source))
        return {name.rpartition(".")[2]: declared.choices for name, declared in listed.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """What each place of a point is: parameters by full name, switches, and which of the draws handed in."""
        return (*self.rows, *self.switches, *([DRAW] if self.drawn else []))

    def points(self, n: int, seed: int) -> Floats:
        """`n` members (member, place); each name has a stream of its own."""
        columns = [stream(seed, f"design.{name}").standard_normal(n) for name in self.names]
        return np.stack(columns, axis=1) if columns else np.zeros((n, 0))

    def values(self, points: Floats) -> Sample:
        """Parameters and switches of members (member,), by full name."""
        from scipy.special import ndtr

        u = np.clip(ndtr(points), 1e-12, 1 - 1e-12)
        found = {
            name: np.asarray(row.typical(u[:, i]), np.float64)
            for i, (name, row) in enumerate(self.rows.items())
        }
        for i, name in enumerate(self.switches, start=len(self.rows)):
            found |= self._chosen(name, u[:, i])
        return found | self._given(u)

    def _chosen(self, switch: str, u: Floats) -> Sample:
        choices = self._known[switch]
        place = np.minimum((u * len(choices)).astype(int), len(choices) - 1)
        models = culture_models(self.source)
        each = [indicators(models, {switch: choice}) for choice in choices]
        return {full: np.array([on[full] for on in each])[place] for full in each[0]}

    def _given(self, u: Floats) -> Sample:
        """One of the draws handed in for each member: it stays with him wherever he is computed."""
        if not self.drawn:
            return {}
        n = len(next(iter(self.drawn.values())))
        place = np.minimum((u[:, -1] * n).astype(int), n - 1)
        return {name: x[place] for name, x in self.drawn.items()}
