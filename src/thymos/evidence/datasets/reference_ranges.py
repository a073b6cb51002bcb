"""Lymphocyte counts of healthy people by age, as published limits and as smooth bands between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.datasets.codebook import Codebook, number
from thymos.lang.errors import DataError

Floats = NDArray[np.float64]
LINEAGES = ("CD3", "CD4", "CD8", "CD19", "NK")

CODEBOOK = Codebook(
    name="reference_ranges",
    text="Published reference limits of lymphocyte counts in blood [cells/uL] by age band.",
    columns={
        "population": "who was measured",
        "sex": "both, male or female",
        "from_year": "youngest age of the band [year]",
        "to_year": "age at which the band ends [year], empty for no end",
        "n": "people measured, in all bands of the source where it gives no more",
        "lineage": "CD3, CD4, CD8 (T cells), CD19 (B cells) or NK",
        "low": "lower limit [cells/uL]",
        "median": "median [cells/uL], empty when not published",
        "high": "upper limit [cells/uL]",
        "low_percentile": "percentile of the lower limit; 2.5 where the source says reference range",
        "high_percentile": "percentile of the upper limit; 97.5 where the source says reference range",
        "source": "key of references.bib",
        "where": "row of the evidence table, or how the figures were read",
    },
    sha256="52e455d14af573031536208fad493a73fdf5d3e93cb993190fa44ade13aa4781",
    licence="Facts, no licence needed; the sources are named row by row.",
    processing="Transcribed by hand; 10^9/L became cells/uL. Two sets without a free licence are left out.",
)


@dataclass(frozen=True)
class Limits:
    """One published band; `percentiles` are those of low and high."""

    lineage: str
    from_year: float
    to_year: float | None
    sex: str
    low: float
    median: float | None
    high: float
    percentiles: tuple[float, float]
    source: str

    @property
    def centre(self) -> float:
        """Age [year] at which the band is taken to hold; 30 for adults without an end."""
        return 30.0 if self.to_year is None or self.from_year >= 17 else (self.from_year + self.to_year) / 2


def published(lineage: str, source: str) -> list[Limits]:
    """The bands of one source for one lineage, by age."""
    rows = [r for r in CODEBOOK.read() if (r["lineage"], r["source"]) == (lineage, source)]
    if not rows:
        known = sorted({f"{r['lineage']} {r['source']}" for r in CODEBOOK.read()})
        raise DataError(CODEBOOK.file.name, f"one of {', '.join(known)}", f"{lineage} {source}")
    return [_limits(r) for r in rows]


def _limits(row: dict[str, str]) -> Limits:
    return Limits(
        lineage=row["lineage"],
        from_year=float(row["from_year"]),
        to_year=number(row["to_year"]),
        sex=row["sex"],
        low=float(row["low"]),
        median=number(row["median"]),
        high=float(row["high"]),
        percentiles=(float(row["low_percentile"]), float(row["high_percentile"])),
        source=row["source"],
    )


@dataclass(frozen=True)
class ReferenceBand:
    """Percentiles of one lineage by age: lognormal on each side of the median, linear in log age.

    A median that is not published is the geometric mean of the limits. Outside the first and last age the
    band is level. The curve between two sources is interpolation, not evidence.
    """

    lineage: str
    sources: tuple[str, ...]
    ages: Floats  # year
    log_median: Floats  # ln(cells/uL)
    sd_below: Floats  # of ln, below the median
    sd_above: Floats  # of ln, above the median

    def percentile(self, percent: float, age: Any) -> Floats:
        """Count [cells/uL] below which `percent` of healthy people of an age [year] lie."""
        from scipy.special import ndtri

        z = float(ndtri(percent / 100))
        log_median, below, above = self._at(age)
        return np.asarray(np.exp(log_median + z * (below if z < 0 else above)), dtype=np.float64)

    def z(self, count: Any, age: Any) -> Floats:
        """Standard normal score of a count [cells/uL] among healthy people of an age [year]; -inf for no cell."""
        log_median, below, above = self._at(age)
        with np.errstate(divide="ignore"):
            distance = np.log(np.asarray(count, dtype=np.float64)) - log_median
        return np.asarray(distance / np.where(distance < 0, below, above), dtype=np.float64)

    def centile(self, count: Any, age: Any) -> Floats:
        """Percent of healthy people of an age [year] who have less than a count [cells/uL]."""
        from scipy.special import ndtr

        return np.asarray(100 * ndtr(self.z(count, age)), dtype=np.float64)

    def _at(self, age: Any) -> tuple[Floats, Floats, Floats]:
        """ln median, and sd of ln below and above it, at an age [year]."""
        at = np.log(np.maximum(np.asarray(age, dtype=np.float64), self.ages[0]))
        known = np.log(self.ages)
        log_median, below, above = (
            np.asarray(np.interp(at, known, curve), dtype=np.float64)
            for curve in (self.log_median, self.sd_below, self.sd_above)
        )
        return log_median, below, above


def reference_band(lineage: str, children: str = "shearer2003", adults: str = "chng2004") -> ReferenceBand:
    """The band of one lineage from birth on, from one source for children and one for adults.

    `denny1992` has CD4 to 5 years; `wong2013` and `ucsf_labmanual` are other adults. Men and women are
    pooled.
    """
    bands = [published(lineage, children), published(lineage, adults)]
    points = [_shape(band) for band in bands[0]] + [np.mean([_shape(band) for band in bands[1]], axis=0)]
    ages, log_median, below, above = np.array(sorted(tuple(p) for p in points)).T
    return ReferenceBand(lineage, (children, adults), ages, log_median, below, above)


def _shape(band: Limits) -> Floats:
    """(age, ln median, sd of ln below, sd of ln above) of one band."""
    from scipy.special import ndtri

    low, high = np.log(band.low), np.log(band.high)
    z_low, z_high = (float(ndtri(p / 100)) for p in band.percentiles)
    middle = np.log(band.median) if band.median else (low + high) / 2
    return np.array([band.centre, middle, (low - middle) / z_low, (high - middle) / z_high])
