"""Published figures of a population as means that its virtual counterpart has to have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.io.target_schema import COUNTS, FLAGS, UNITS, Target, Targets
from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from thymos.trial.candidates import Candidates

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Figure:
    """One published figure.

    of, day : what is counted or measured, and when
    kind   : median, quantile, mean or share
    value  : as published, in `unit`;  level : of a quantile, 0.5 for the median
    having : what the share has: a value of the trait, or a number that it lies above; None for a flag
    moment : what has the mean `target` in the published population (patient,)
    """

    of: str
    day: float | None
    kind: str
    value: float
    unit: str
    level: float
    having: str | float | None
    quantity: NDArray[Any]
    moment: Floats
    target: float
    source: str

    @property
    def text(self) -> str:
        """The figure in words."""
        match self.kind, self.having:
            case "share", None:
                return self.named
            case "share", str(value):
                return f"{self.named} is {value}"
            case "share", level:
                return f"{self.named} above {level:g} {UNITS[self.of]}"
            case "quantile", _:
                return f"{self.named}, {self.level:.0%} below"
        return f"{self.named}, {self.kind}"

    @property
    def named(self) -> str:
        """What is counted, and when."""
        return named(self.of, self.day)

    def seen(self, weights: Floats) -> float:
        """The same figure of a weighted sample."""
        if self.kind in ("median", "quantile"):
            return weighted_quantile(self.quantity, weights, self.level)
        return float(weights @ self.moment / weights.sum())


def wanted(targets: Targets) -> list[tuple[str, float]]:
    """Counts by name and day that the targets speak of."""
    return [(t.of, t.day) for t in targets.targets if t.of in COUNTS and t.day is not None]


def accepted(targets: Targets, found: Candidates) -> Flags:
    """Who lies within every published limit, and could be solved; raises `StudyError` where nobody does."""
    inside = found.solved
    for target in targets.targets:
        if target.within is None:
            continue
        low, high = target.pair("within")
        x = found.quantity(target.of, target.day)
        before, inside = inside, inside & (x >= low) & (x <= high)
        if not inside.any():
            seen = x[before]
            got = f"{seen.min():.3g} to {seen.max():.3g} {UNITS[target.of]} among {len(seen)} candidates"
            wanted_ = f"patients within {low:g} to {high:g} {UNITS[target.of]}"
            try_ = "widen the study's own population, or the limits"
            raise StudyError(f"targets, {named(target.of, target.day)}", wanted_, got, try_)
    return inside


def figures(targets: Targets, found: Candidates, among: Flags) -> list[Figure]:
    """Every published figure, over the patients `among` whom weights are sought."""
    return [f for t in targets.targets for f in _of(t, np.asarray(found.quantity(t.of, t.day))[among])]


def _of(target: Target, x: NDArray[Any]) -> list[Figure]:
    if target.of not in UNITS:
        _check_value(target, x)
        has = x if target.of in FLAGS else x == target.value
        return [_share(target, x, has, target.value)]
    rows, quantiles = [], [(0.5, target.number("median"))] if target.said("median") else []
    if target.said("quartiles"):
        low, high = target.pair("quartiles")
        quantiles = [(0.25, low), *quantiles, (0.75, high)]
    for level, value in quantiles:
        kind = "median" if level == 0.5 else "quantile"
        rows.append(_figure(target, x, kind, value, level, x <= value, level))
    if target.said("mean"):
        value = target.number("mean")
        rows.append(_figure(target, x, "mean", value, 0.0, x, value))
    if target.said("above"):
        level = target.number("above")
        rows.append(_share(target, x, x > level, level))
    return rows


def _figure(
    target: Target, x: NDArray[Any], kind: str, value: float, level: float, moment: NDArray[Any], aim: float
) -> Figure:
    unit, m = UNITS[target.of], moment.astype(np.float64)
    return Figure(target.of, target.day, kind, value, unit, level, None, x, m, aim, target.source)


def _share(target: Target, x: NDArray[Any], has: NDArray[Any], having: str | float | None) -> Figure:
    share, m = target.share or 0.0, has.astype(np.float64)
    return Figure(target.of, target.day, "share", share, "1", 0.0, having, x, m, share, target.source)


def _check_value(target: Target, x: NDArray[Any]) -> None:
    known = [str(value) for value in np.unique(x)]
    if target.value is not None and target.value not in known:
        hint = nearest(target.value, known) or "widen the study's own population"
        where = f"targets, {named(target.of, target.day)}"
        raise StudyError(where, f"one of {', '.join(known)}", target.value, hint)


def named(of: str, day: float | None) -> str:
    """A quantity, and when it is counted."""
    return of if day is None else f"{of} on day {day:g}"


def weighted_quantile(x: Floats, weights: Floats, level: float) -> float:
    """The smallest value at or below which at least a share `level` of the weight lies."""
    order = np.argsort(x, kind="stable")
    below = np.cumsum(weights[order])
    place = int(np.searchsorted(below, level * below[-1] * (1 - 1e-9)))
    return float(x[order[min(place, len(x) - 1)]])
