"""A design file in terms of cultures: which protocols it allows, on which days, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thymos.io.design_schema import YieldAim
from thymos.lang.errors import StudyError
from thymos.therapy.culture_protocol import CultureProtocol
from thymos.therapy.design.cost import Costs
from thymos.therapy.design.outcomes import checked, readout_units

if TYPE_CHECKING:
    from thymos.io.design_schema import Design

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Experiment:
    """One design, its names checked against the culture; raises `StudyError` for a readout that there is not."""

    design: Design

    def __post_init__(self) -> None:
        for name in self.readouts:
            checked(name, self.units)
        aim = self.design.aim
        if isinstance(aim, YieldAim) and self.units[aim.purity.readout] != "percent":
            known = ", ".join(name for name, unit in self.units.items() if unit == "percent")
            raise StudyError("aim.purity.readout", f"a percentage, one of {known}", aim.purity.readout)
        self.base.covariates()

    @property
    def source(self) -> str:
        """Where the cells come from."""
        return self.design.source

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of every readout of the culture."""
        return readout_units(self.source)

    @property
    def readouts(self) -> tuple[str, ...]:
        """What is measured for the aim: yield and purity, or what informs."""
        aim = self.design.aim
        return (aim.readout, aim.purity.readout) if isinstance(aim, YieldAim) else aim.readouts

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The factors other than the day, in the order of the schema."""
        return tuple(name for name in self.design.factors.spans if name != "days")

    @cached_property
    def days(self) -> Floats:
        """Days on which a run may be harvested, rising."""
        span = self.design.factors.days
        if span is None:
            return np.array([self.design.protocol.days or CultureProtocol().days])
        if span.levels:
            return np.array(span.levels)
        assert span.low is not None and span.high is not None, "checked in the schema"  # noqa: PT018, S101
        whole = np.arange(np.ceil(span.low), np.floor(span.high) + 1)
        return whole if len(whole) else np.array([span.low])

    @cached_property
    def base(self) -> CultureProtocol:
        """What no factor sets, to the last day."""
        held = self.design.protocol.model_dump(exclude_none=True)
        return CultureProtocol(**(held | {"days": float(self.days[-1])}))

    def protocol(self, changes: Mapping[str, float]) -> CultureProtocol:
        """The protocol with some fields set, to the last day."""
        return replace(self.base, **dict(changes))  # type: ignore[arg-type]  # fields of numbers alone

    def protocols(self, x: Floats) -> list[CultureProtocol]:
        """Those of points (point, factor) in the order of `names`."""
        return [self.protocol(dict(zip(self.names, map(float, row), strict=True))) for row in x]

    def allowed(self, x: Floats) -> Bools:
        """Which points (point, factor) keep every constraint."""
        kept = np.ones(len(x), bool)
        for limit in self.design.constraints:
            total = sum(self._column(name, x) for name in limit.sum)
            kept &= total <= (np.inf if limit.at_most is None else limit.at_most)
            kept &= total >= (limit.at_least or 0.0)
        return kept

    def _column(self, name: str, x: Floats) -> Floats:
        if name in self.names:
            return np.asarray(x[:, self.names.index(name)])
        return np.full(len(x), float(getattr(self.base, name)))

    @cached_property
    def costs(self) -> Costs:
        """What runs use up, and what that costs."""
        c = self.design.cost
        return Costs(
            c.run, c.day, c.volume, c.coating_volume, {str(name): price for name, price in c.per_ug.items()}
        )

    def prices(self, protocols: Sequence[CultureProtocol]) -> Floats:
        """Cost of each protocol harvested on each day (protocol, day)."""
        return np.array([[self.costs.of(p, float(day)) for day in self.days] for p in protocols])
