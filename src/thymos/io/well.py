"""The wells of a killing assay, as read or as simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sample", "spontaneous", "maximum"]
"""With effectors; targets alone; targets lysed by detergent."""
Scale = Literal["signal", "percent", "lysis"]
"""Signals with both controls; percent dead, whose maximum is 100; specific lysis already computed."""


@dataclass(frozen=True)
class Well:
    """One well. `ratio` counts effectors per target (0 without effectors), `targets` the cells put in.

    line : row of the file, 0 where there is none;  signal : in the unit of the plate
    """

    line: int
    plate: str
    well: str
    kind: Kind
    effector: str
    target: str
    ratio: float
    hours: float
    replicate: int
    signal: float
    targets: float | None

    @property
    def condition(self) -> tuple[str, str, str, float, float, str]:
        """What replicates share."""
        return self.plate, self.effector, self.target, self.ratio, self.hours, self.kind

    @property
    def controls(self) -> tuple[str, str, float]:
        """What a sample shares with its control wells."""
        return self.plate, self.target, self.hours


@dataclass(frozen=True)
class Curve:
    """The samples of one effector on one target in one plate, and their control wells."""

    plate: str
    effector: str
    target: str
    scale: Scale
    samples: tuple[Well, ...]
    spontaneous: tuple[Well, ...]
    maximum: tuple[Well, ...]

    @property
    def hours(self) -> tuple[float, ...]:
        """Times at which samples were read, the shortest first."""
        return tuple(sorted({well.hours for well in self.samples}))

    @property
    def targets(self) -> float | None:
        """Target cells in a well, where all samples have the same number."""
        found = {well.targets for well in self.samples}
        return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class Plate:
    """All wells of a file or of a simulation; `simulated` follows them into files and pictures."""

    name: str
    scale: Scale
    unit: str
    wells: tuple[Well, ...]
    simulated: bool = False

    def of_kind(self, kind: Kind) -> tuple[Well, ...]:
        """The wells that serve one purpose."""
        return tuple(well for well in self.wells if well.kind == kind)

    def curves(self) -> tuple[Curve, ...]:
        """One for each plate, effector and target, in the order of the wells."""
        samples = self.of_kind("sample")
        keys = dict.fromkeys((w.plate, w.effector, w.target) for w in samples)
        return tuple(self._curve(*key) for key in keys)

    def _curve(self, plate: str, effector: str, target: str) -> Curve:
        taken = tuple(
            w for w in self.of_kind("sample") if (w.plate, w.effector, w.target) == (plate, effector, target)
        )
        groups = {well.controls for well in taken}
        low, high = (
            tuple(w for w in self.of_kind(kind) if w.controls in groups)
            for kind in ("spontaneous", "maximum")
        )
        return Curve(plate, effector, target, self.scale, taken, low, high)
