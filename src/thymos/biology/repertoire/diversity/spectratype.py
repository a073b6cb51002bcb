r"""V-beta spectratype: lengths of CDR3 within each TRBV family, and how clinics read them.

A family of many clones shows a bell of some eight lengths, one of few clones a peak or two. The score of a family is
the number of lengths that hold at least a set share of its cells, 8 at most; healthy adults have 183 of 192 points.
The second reading is the divergence of the lengths from a reference, $\sum_l p_l \log_2 (p_l / r_l)$, which needs no
threshold. Fewer than 1e5 cells give patterns that do not repeat. References: `wu2000`, `kepler2005`, `ciupe2013`,
`memon2012`, `heimall2017`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

import numpy as np

from thymos.evidence.values import rows
from thymos.lang import Model, parameter
from thymos.lang.errors import DataError
from thymos.lang.streams import stream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

FULL = 8
"""Points of a family at most."""


class VBetaReading(Model):
    """What a laboratory calls a peak, a normal family, and an alarm.

    No criterion of a normal family is published with the alarm that counts them. Here it is a family with most of its
    points and without a single dominant length. References: `wu2000`, `heimall2017`.
    """

    families = parameter("", "families that are looked at, the commonest ones")
    peak_share = parameter("", "share of a family's cells from which a length is a peak")
    normal_peaks = parameter("", "peaks that a normal family has at least")
    dominant_share = parameter("", "share of a family's cells above which one length dominates it")
    alarm_families = parameter("", "normal families below which day 100 after a transplant is an alarm")


@dataclass(frozen=True)
class Reading:
    """The thresholds of `VBetaReading` as numbers."""

    families: int
    peak_share: float
    normal_peaks: int
    dominant_share: float
    alarm_families: int

    @classmethod
    @cache
    def usual(cls) -> Self:
        """With the values of `spectratype.toml`."""
        value = {name: row.value for name, row in rows(VBetaReading).items()}
        return cls(
            int(value["families"]),
            value["peak_share"],
            int(value["normal_peaks"]),
            value["dominant_share"],
            int(value["alarm_families"]),
        )


@dataclass(frozen=True)
class Spectratype:
    """Cells by family and length of CDR3 (..., family, length); any length stands on the last axis once."""

    cells: Floats

    @property
    def of_family(self) -> Floats:
        """Cells of each family (..., family)."""
        return np.asarray(self.cells.sum(axis=-1))

    @property
    def shares(self) -> Floats:
        """Share of each length in its family; 0 in a family without cells (..., family, length)."""
        return np.asarray(self.cells / np.maximum(self.of_family, 1)[..., None])

    def scores(self, reading: Reading | None = None) -> Counts:
        """Points of each family, 0 to 8 (..., family)."""
        peaks = (self.shares >= (reading or Reading.usual()).peak_share).sum(axis=-1)
        return np.asarray(np.minimum(peaks, FULL))

    def score(self, reading: Reading | None = None) -> Counts:
        """Points of all families (...)."""
        return np.asarray(self.scores(reading).sum(axis=-1))

    def normal(self, reading: Reading | None = None) -> NDArray[np.bool_]:
        """Which families are normal (..., family)."""
        how = reading or Reading.usual()
        return np.asarray(
            (self.scores(how) >= how.normal_peaks) & (self.shares.max(axis=-1) <= how.dominant_share)
        )

    def alarm(self, reading: Reading | None = None) -> NDArray[np.bool_]:
        """Whether fewer families are normal than should be by day 100 after a transplant (...)."""
        how = reading or Reading.usual()
        return np.asarray(self.normal(how).sum(axis=-1) < how.alarm_families)

    def divergence(self, reference: Spectratype) -> Floats:
        """Of each family's lengths from those of a reference [bit]; not a number without cells (..., family).

        Half a cell is added to every length of the reference, so that no divergence is infinite. From n cells it is too
        large by about (lengths - 1)/(2 n ln 2).
        """
        r = reference.cells + 0.5
        p, r = self.shares, r / r.sum(axis=-1, keepdims=True)
        bits = np.where(p > 0, p * np.log2(np.where(p > 0, p, 1) / r), 0).sum(axis=-1)
        return np.where(self.of_family > 0, bits, np.nan)

    def commonest(self, number: int) -> NDArray[np.intp]:
        """Indices of the families with most cells, most first; of all leading indices together."""
        total = self.of_family.reshape(-1, self.cells.shape[-2]).sum(axis=0)
        return np.argsort(-total, kind="stable")[:number]

    def take(self, families: ArrayLike) -> Spectratype:
        """Some families."""
        return Spectratype(self.cells[..., np.asarray(families), :])


def spectratype(
    cells: ArrayLike, family: ArrayLike, length: ArrayLike, shape: tuple[int, int]
) -> Spectratype:
    """Of clones with so many cells, of a family and a length (clone,), in `shape` (families, lengths).

    Raises `DataError` where a family or a length lies outside.
    """
    n, f, place = np.asarray(cells, dtype=np.float64), np.asarray(family), np.asarray(length)
    if not (n.shape == f.shape == place.shape):
        raise DataError(
            "spectratype", "cells, family and length of each clone", f"{n.shape}, {f.shape}, {place.shape}"
        )
    if len(n) and (f.min() < 0 or f.max() >= shape[0] or place.min() < 0 or place.max() >= shape[1]):
        raise DataError(
            "spectratype", f"families and lengths within {shape}", f"{f.max()}, {place.max()} at most"
        )
    flat = np.bincount(f.astype(np.int64) * shape[1] + place, weights=n, minlength=shape[0] * shape[1])
    return Spectratype(flat.astype(np.float64).reshape(shape))


def drawn_spectratype(
    sizes: ArrayLike,
    family: ArrayLike,
    length: ArrayLike,
    shape: tuple[int, int],
    depth: int,
    seed: int,
    *block: int,
) -> Spectratype:
    """Of `depth` cells of a repertoire, without replacement; of all of them where there are fewer.

    sizes, family, length : cells, TRBV family and length of CDR3 of each clone (clone,)
    """
    n = np.asarray(sizes, dtype=np.int64)
    if n.sum() > depth:
        n = stream(seed, "diversity.spectratype", *block).multivariate_hypergeometric(
            n, depth, method="marginals"
        )
    return spectratype(n, family, length, shape)


def labelled(law: Floats, number: int, seed: int, *block: int) -> tuple[Counts, Counts]:
    """Family and length of clones drawn from P(family, length) (family, length): two arrays (clone,)."""
    p = np.asarray(law, dtype=np.float64)
    if p.ndim != 2 or (p < 0).any() or not p.sum() > 0:
        raise DataError("law of families and lengths", "probabilities (family, length)", f"{p.shape}")
    upto = np.cumsum(p.ravel())
    at = np.searchsorted(
        upto, stream(seed, "diversity.families", *block).random(number) * upto[-1], side="right"
    )
    return np.divmod(at, p.shape[1])
