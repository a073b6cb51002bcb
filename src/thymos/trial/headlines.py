"""What is asked of a simulated patient first: counts on the usual days, recovery, and what the product added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.sampling import Sample
from thymos.trial.endpoints import CD4_200, CD4_EARLY

Floats = NDArray[np.float64]
YEAR = 365.0
OUTPUTS = ("cd4", "cd4_naive", "trec")
# Below what any assay reports, a logarithm would rank differences that nobody sees.
LEAST = {"cd4": 1.0, "cd4_naive": 1.0, "trec": 0.05}  # cell/uL, copy/uL


@dataclass(frozen=True)
class Course:
    """True courses of patients.

    days : (day,);  planned : whether each is one of the study's visits (day,)
    true : by output (row, day)
    """

    days: Floats
    planned: NDArray[np.bool_]
    true: Sample

    def at(self, output: str, day: float) -> Floats:
        """One output on a recorded day (row,)."""
        return np.asarray(self.true[output][:, int(np.argmin(np.abs(self.days - day)))])

    def logs(self, output: str, day: float) -> Floats:
        """The same as a decimal logarithm, no lower than what is worth telling apart."""
        return np.asarray(np.log10(np.maximum(self.at(output, day), LEAST[output])))

    def recovered(self) -> Floats:
        """1 where CD4 is above 50/uL on two visits in a row by day 100, else 0 (row,)."""
        counted = self.planned & (self.days <= CD4_EARLY.horizon)
        above = self.true["cd4"][:, counted] > CD4_EARLY.threshold
        found = (above[:, 1:] & above[:, :-1]).any(axis=1).astype(np.float64)
        return np.where(np.isfinite(self.true["cd4"]).all(axis=1), found, np.nan)

    def day_of_200(self, horizon: float = YEAR) -> Floats:
        """First day with CD4 above 200/uL [day]; `horizon` where that is later or never (row,)."""
        within = self.days <= horizon
        cd4, days = self.true["cd4"][:, within], self.days[within]
        above = cd4 > CD4_200.threshold
        first = np.argmax(above, axis=1)
        rows, before = np.arange(len(cd4)), np.maximum(first - 1, 0)
        low, high = cd4[rows, before], cd4[rows, first]
        rise = np.where(high > low, high - low, 1.0)
        share = np.clip((CD4_200.threshold - low) / rise, 0.0, 1.0)
        day = days[before] + share * (days[first] - days[before])
        found = np.where(above.any(axis=1), day, horizon)
        return np.where(np.isfinite(cd4).all(axis=1), found, np.nan)


@dataclass(frozen=True)
class Headline:
    """One number of a patient.

    scale : "log10" where the logarithm is looked at, since counts, and what is gained in them, differ by factors
    of    : from the courses of the treated and of the untreated twin to (row,)
    """

    name: str
    unit: str
    scale: str
    of: Callable[[Course, Course], Floats]


def _count(output: str, day: int, unit: str) -> Headline:
    def of(treated: Course, twin: Course) -> Floats:
        return treated.logs(output, day)

    return Headline(f"{output}_day{day}", unit, "log10", of)


def _gained(output: str, day: int, unit: str, least: float) -> Headline:
    def of(treated: Course, twin: Course) -> Floats:
        return np.asarray(np.log10(np.maximum(treated.at(output, day) - twin.at(output, day), least)))

    return Headline(f"gain_{output}_day{day}", unit, "log10", of)


def _gain(name: str, unit: str, measure: Callable[[Course], Floats]) -> Headline:
    def of(treated: Course, twin: Course) -> Floats:
        return measure(treated) - measure(twin)

    return Headline(name, unit, "", of)


HEADLINES = (
    *(_count("cd4", day, "cell/uL") for day in (100, 180, 365)),
    Headline("cd4_ir_day100", "1", "", lambda treated, twin: treated.recovered()),
    Headline("day_cd4_200", "day", "", lambda treated, twin: treated.day_of_200()),
    _count("trec", 180, "copy/uL"),
    _count("cd4_naive", 365, "cell/uL"),
    _gained("cd4", 100, "cell/uL", 0.1),
    _gain("gain_cd4_ir_day100", "1", Course.recovered),
    _gained("trec", 180, "copy/uL", 0.001),
)
"""Of the treated patient, and after `gain_` what the product added to its untreated twin.

A gain is nothing where GvHD comes another day to one of the twins and outweighs it; it is then read as the least.
"""


HALF_YEAR = 180.0
QUANTITIES = (
    _gain("gain_cd4_day100", "cell/uL", lambda course: course.at("cd4", 100)),
    replace(_gain("magnitude_cd4_day100", "cell/uL", lambda course: course.at("cd4", 100)), scale="log10"),
    _gain("gain_cd4_ir_day100", "1", Course.recovered),
    _gain("sooner_cd4_200", "day", lambda course: HALF_YEAR - course.day_of_200(HALF_YEAR)),
    _gain("gain_trec_day180", "copy/uL", lambda course: course.at("trec", 180)),
)
"""What the product does on average, as it is asked of a study: counts and their order of magnitude, share recovered,
days sooner (until day 180), TREC."""


def scaled(means: Floats) -> Floats:
    """Means over patients (draw, quantity) on the scale of each quantity; a gain below 0.1 is taken for that."""
    found = [np.log10(np.maximum(x, 0.1)) if q.scale else x for q, x in zip(QUANTITIES, means.T, strict=True)]
    return np.stack(found, axis=1)


@dataclass(frozen=True)
class Driver:
    """What decides the product's effect and was never measured in people.

    name : the column that holds it;  scale : "log10" where its order of magnitude is what is not known
    """

    name: str
    text: str
    scale: str

    def of(self, values: Mapping[str, Floats]) -> Floats:
        """It on its scale (draw,)."""
        return np.log10(values[self.name]) if self.scale else values[self.name]


DRIVERS = (
    Driver("homing.homing_fraction", "share of infused cells that settles in an empty thymus", "log10"),
    Driver("thymic_capacity.cells_per_seeding", "T cells exported for one that settles", "log10"),
    Driver("thymic_capacity.niche_number=fixed", "1 where niches do not shrink with age, else 0", ""),
)


def days_of(visits: tuple[float, ...], last: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Visits up to `last` with every tenth day between them, and which of them are visits."""
    planned = [day for day in visits if day <= last]
    days = np.unique([*planned, *np.arange(10.0, last, 10.0), 100.0, last])
    return days[days <= last], np.isin(days[days <= last], planned)
