"""What an infusion is worth: the quantities in which a treated patient is compared with the untreated twin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest
from thymos.trial.endpoints import CD4_200, CD4_EARLY
from thymos.trial.infusion import HORIZON
from thymos.trial.interval import Draws, components, quantity
from thymos.trial.visits import Visits, interpolate

Floats = NDArray[np.float64]
TREC_DAY, CD4_DAY = 180.0, 100.0


@dataclass(frozen=True)
class Seen:
    """Patients under one treatment.

    times  : days of the true courses (time,)
    cd4    : true count [cell/uL] (patient, time)
    trec   : true sjTREC [copy/uL] (patient, time)
    visits : CD4 as the assay reports it at the study's visits
    """

    times: Floats
    cd4: Floats
    trec: Floats
    visits: Visits


@dataclass(frozen=True)
class Value:
    """One quantity.

    text  : what the difference of twins means
    worth : difference that is called worthwhile where nothing else is said
    share : whether patients reach it or not, so that only shares of them differ
    less  : whether less of it is better: a day is gained by coming earlier
    of    : the quantity of each patient (patient,)
    """

    name: str
    text: str
    unit: str
    worth: float
    of: Callable[[Seen], Floats]
    share: bool = False
    less: bool = False

    def gain(self, treated: Floats, twin: Floats) -> Floats:
        """What the product gains, whatever the shape."""
        return twin - treated if self.less else treated - twin


def cd4_at_100(seen: Seen) -> Floats:
    """True CD4 count at day 100 [cell/uL]."""
    return seen.cd4[:, int(np.searchsorted(seen.times, CD4_DAY))]


def recovered(seen: Seen) -> Floats:
    """1 where CD4 is reported above 50/uL at two visits in a row by day 100, else 0."""
    lost = np.isnan(seen.cd4).any(axis=1)
    return np.where(lost, np.nan, np.isfinite(CD4_EARLY.evaluate(seen.visits)))


def day_of_200(seen: Seen) -> Floats:
    """Day on which true CD4 first exceeds 200/uL; a year where it does not."""
    above = seen.cd4 > CD4_200.threshold
    first = np.argmax(above, axis=1)
    rows = np.arange(len(first))
    before = np.maximum(first - 1, 0)
    low, high = (np.log(np.maximum(seen.cd4[rows, i], 1e-12)) for i in (before, first))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(first > 0, (np.log(CD4_200.threshold) - low) / (high - low), 0.0)
    crossed = seen.times[before] + share * (seen.times[first] - seen.times[before])
    day = np.where(above.any(axis=1), np.minimum(crossed, HORIZON), HORIZON)
    return np.where(np.isnan(seen.cd4).any(axis=1), np.nan, day)


def trec_at_180(seen: Seen) -> Floats:
    """True sjTREC at day 180 [copy/uL]."""
    return seen.trec[:, int(np.searchsorted(seen.times, TREC_DAY))]


VALUES = {
    value.name: value
    for value in (
        Value("cd4", "CD4+ T cells at day 100", "cell/uL", 25.0, cd4_at_100),
        Value("recovery", "share with CD4 above 50/uL twice by day 100", "1", 0.1, recovered, share=True),
        Value("days", "days gained to CD4 above 200/uL within a year", "day", 14.0, day_of_200, less=True),
        Value("trec", "sjTREC at day 180", "copy/uL", 2.0, trec_at_180),
    )
}
"""What is compared. The worthwhile differences are assumed: no trial has settled them."""


def value_named(name: str, where: str = "option --value") -> Value:
    """A registered value; raises `StudyError` for another name."""
    if name not in VALUES:
        raise StudyError(where, f"one of {', '.join(VALUES)}", name, nearest(name, VALUES))
    return VALUES[name]


def worths(said: Iterable[str]) -> dict[str, float]:
    """Gains that are called worthwhile, typed as `cd4=25` (in the value's unit), by name of the value."""
    found = {}
    for text in said:
        name, _, number = text.partition("=")
        value = value_named(name, "option --worth")
        try:
            gain = float(number)
        except ValueError:
            raise StudyError(
                "option --worth", "a name and a number", text, f"{name}={value.worth:g}"
            ) from None
        if not (0 < gain < np.inf) or (value.share and gain >= 1):
            limit = "a share above 0 and below 1" if value.share else f"a gain above 0 {value.unit}"
            raise StudyError("option --worth", limit, text)
        found[name] = gain
    return found


def effect(
    value: Value, treated: Floats, twin: Floats, draws: Draws, worth: float, unknown: float = 0.0
) -> dict[str, float | None]:
    """What the product gains: middle, 95 % interval, and the chance that it is worthwhile.

    Of a count the pairs are spread out: the median pair, the interval in which 95 % of them lie (patients and what
    is not known), and the share of pairs above `worth`. A share of patients is a mean, so its interval is that over
    what is not known, and so is the chance.

    unknown : share of the variance of a share that is between draws (`unknown_share`)
    """
    gain = value.gain(treated, twin)
    solved = np.isfinite(gain)
    if not solved.any():
        return dict.fromkeys(("median", "low", "high", "chance"))
    if value.share:
        return mean_gain(gain[solved], worth, unknown)
    found = quantity(gain[solved], value.unit)
    chance = float(np.mean(gain[solved] > worth))
    return {"median": found["median"], "low": found["low"], "high": found["high"], "chance": chance}


def unknown_share(gains: Floats, draws: Draws) -> float:
    """Share of the variance of patients that is between draws, pooled over infusions (infusion, patient).

    One infusion alone tells little of it: few patients recover in one of two twins only.
    """
    parts = []
    for gain in gains:
        solved = np.isfinite(gain)
        among = draws.among(solved)
        if 1 < len(among.size) < solved.sum():
            parts.append(components(gain[solved], among))
    between, within = np.sum(parts, axis=0) if parts else (0.0, 0.0)
    total = max(0.0, between) + within
    return float(max(0.0, between) / total) if total > 0 else 0.0


def mean_gain(gain: Floats, worth: float, unknown: float) -> dict[str, float | None]:
    """A gain in a share: its mean, and a beta law over what is not known and the chance of the simulation.

    Few patients of one draw recover in one of two twins only, so the law is not that of the draws' own means: it has
    their variance, and the skewness of a beta law on the side of the mean, as shares have in `interval.probability`.
    """
    from scipy.special import betainc, betaincinv

    n, mean = len(gain), float(gain.mean())
    if not gain.any():
        # No pair differs: by the rule of three, at most 3 in n do, either way.
        return {"median": 0.0, "low": -3 / n, "high": 3 / n, "chance": 0.0}
    side, middle = (-1.0, -mean) if mean < 0 else (1.0, mean)
    middle = min(max(middle, 0.5 / n), 1 - 0.5 / n)
    variance = float(gain.var())
    error = float(np.sqrt((1 - unknown) * variance / n))
    size = max(middle * (1 - middle) / (unknown * variance + error**2) - 1, 0.5)
    a, b = middle * size, (1 - middle) * size
    ends = [side * float(betaincinv(a, b, q)) for q in (0.025, 0.975)]
    low, high = min(*ends, mean - 1.96 * error), max(*ends, mean + 1.96 * error)
    chance = float(1 - betainc(a, b, worth)) if side > 0 else 0.0
    return {"median": mean, "low": low, "high": high, "chance": chance}


def visits_within(days: tuple[float, ...], horizon: float = CD4_DAY) -> Floats:
    """Planned visits that count for early recovery (visit,)."""
    return np.array([day for day in days if 0 < day <= horizon])


def at_visits(times: Floats, cd4: Floats, days: Floats) -> Floats:
    """True CD4 on the days of the visits (patient, visit)."""
    return interpolate(times, cd4, np.broadcast_to(days, (len(cd4), len(days))))
