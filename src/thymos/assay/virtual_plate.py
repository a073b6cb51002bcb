"""A killing assay on a virtual plate: wells as a counter would read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from thymos.assay.assay import Floats
from thymos.assay.counting import lognormal_factor, poisson_count, uniforms
from thymos.assay.cytotoxicity import Cytotoxicity, Effector, Target
from thymos.io.well import Kind, Plate, Well
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

FORMATS = ((8, 12), (16, 24))
"""Rows and columns of the usual plates."""


@dataclass(frozen=True)
class Sample:
    """One effector on one target, under the name that the wells carry."""

    name: str
    effector: Effector
    target: Target = field(default_factory=Target)


@dataclass(frozen=True)
class Layout:
    """Which conditions a plate has.

    replicates, controls : wells of each condition, control wells of each kind;  targets : target cells in a well
    """

    ratios: tuple[float, ...] = (20.0, 10.0, 5.0, 2.5, 1.25, 0.625)
    hours: tuple[float, ...] = (4.0,)
    replicates: int = 3
    controls: int = 6
    targets: float = 5000.0

    def __post_init__(self) -> None:
        given = (*self.ratios, *self.hours, self.targets, 1.0)
        least = min(given)
        if not np.isfinite(given).all():
            raise DataError("virtual plate", "finite ratios, hours and targets", f"{max(given):g}")
        if not least > 0 or min(self.replicates, self.controls) < 1:
            wanted = "ratios, hours and targets above 0, and at least one well of each kind"
            raise DataError("virtual plate", wanted, f"{least:g}" if not least > 0 else "no well")


@dataclass(frozen=True)
class Condition:
    """What the replicates of one place on the plate have in common; `lysis` is the share of label released."""

    kind: Kind
    effector: str
    target: str
    ratio: float
    hours: float
    wells: int
    lysis: float


def simulate_plate(
    samples: Sequence[Sample], layout: Layout, seed: int, plate: int = 1, assay: Cytotoxicity | None = None
) -> Plate:
    """Counts of every well. The plate shifts the killing rate, every well its own count.

    The same seed and plate number give the same counts. Raises `DataError` where the conditions do not fit 384 wells.
    """
    used = assay or Cytotoxicity()
    shift = float(lognormal_factor(_chance(seed, "plate", plate)[0], used.values["plate_cv"])[0])
    conditions = [*_controls(used, samples, layout), *_samples(used, samples, layout, shift)]
    places = iter(_places(sum(c.wells for c in conditions)))
    wells: list[Well] = []
    for i, condition in enumerate(conditions):
        counts = _counts(used, condition, seed, plate, i)
        wells += _row(condition, counts, str(plate), places, layout.targets)
    return Plate(f"plate {plate}", "signal", "cpm", tuple(wells), simulated=True)


def _controls(assay: Cytotoxicity, samples: Sequence[Sample], layout: Layout) -> Iterator[Condition]:
    targets = list(dict.fromkeys(s.target.name for s in samples))
    for hours in layout.hours:
        for name in targets:
            s0 = float(assay.spontaneous(hours))
            yield Condition("spontaneous", "", name, 0.0, hours, layout.controls, s0)
            yield Condition("maximum", "", name, 0.0, hours, layout.controls, 1.0)


def _samples(
    assay: Cytotoxicity, samples: Sequence[Sample], layout: Layout, shift: float
) -> Iterator[Condition]:
    for sample in samples:
        shifted = Effector(
            np.asarray(sample.effector.strength) * shift,
            sample.effector.mature,
            sample.effector.car_share,
            sample.effector.car_gain,
        )
        for hours in layout.hours:
            for ratio in layout.ratios:
                lysis = float(assay.lysis(shifted, sample.target, ratio, hours))
                yield Condition(
                    "sample", sample.name, sample.target.name, ratio, hours, layout.replicates, lysis
                )


def _chance(seed: int, what: str, *block: int, wells: int = 1) -> Floats:
    return uniforms(stream(seed, f"assay.cytotoxicity.{what}", *block), (wells,))


def _counts(assay: Cytotoxicity, condition: Condition, seed: int, plate: int, place: int) -> Floats:
    first, second = _chance(seed, "well", plate, place, wells=condition.wells)
    expected = assay.values["label"] * condition.lysis * lognormal_factor(first, assay.values["well_cv"])
    return poisson_count(second, expected)


def _row(
    condition: Condition, counts: Floats, plate: str, places: Iterator[str], targets: float
) -> Iterator[Well]:
    for i, count in enumerate(counts, 1):
        c = condition
        yield Well(
            0, plate, next(places), c.kind, c.effector, c.target, c.ratio, c.hours, i, float(count), targets
        )


def _places(wells: int) -> list[str]:
    """Names of the wells in use, row by row, in the smallest plate that holds them."""
    for rows, columns in FORMATS:
        if wells <= rows * columns:
            return [f"{chr(65 + i // columns)}{i % columns + 1}" for i in range(wells)]
    raise DataError("virtual plate", "at most 384 wells", str(wells), "fewer ratios, times or replicates")
