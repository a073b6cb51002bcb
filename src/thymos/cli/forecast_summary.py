"""A forecast as one JSON object: every number with its unit or meaning, and its Monte Carlo error where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thymos.cli.forecaster import prospect
from thymos.inference.forecast import band, learnt, mean_error, quantile_error
from thymos.therapy.recipient import recipient_program
from thymos.trial.domain import RARE
from thymos.trial.likes import COUNTED
from thymos.trial.papers import band as reference_of
from thymos.trial.prospects import BY_A_DAY, HORIZON, MARKS, TEXT

if TYPE_CHECKING:
    from thymos.cli.forecasting import Forecast, Other
    from thymos.trial.prospects import Ahead

Floats = NDArray[np.float64]
NAMES = ("q025", "q10", "q50", "q90", "q975")
MOST_DRIVERS = 8


def summary(f: Forecast) -> dict[str, Any]:
    """Everything that `thymos forecast` prints, draws or writes."""
    return {
        "format": 1,
        "patient": _patient(f),
        "today": f.today,
        "until": float(f.days[-1]),
        "seed": f.seed,
        "simulated": f.simulated,
        "worth": f.worth,
        "counts": _counts(f),
        "domain": {
            "inside": not f.outside,
            "outside": list(f.outside),
            "warnings": list(f.warnings),
            "p_overall": f.surprise.overall,
            "surprising_below": RARE,
        },
        "milestones": _milestones(f.milestones, f.worth, f.days[-1]),
        "bands": _bands(f.days, f.course, f.ahead),
        "updates": [_update(u) for u in f.updates],
        "drivers": _drivers(f),
        "what_if": None if f.other is None else _other(f, f.other),
        "reference": reference_of(f.study, np.full(1, f.patient.age)),
    }


def _patient(f: Forecast) -> dict[str, Any]:
    return {
        "label": f.patient.label,
        "age": {"value": f.patient.age, "unit": "year"},
        "diagnosis": f.patient.diagnosis,
        "platform": f.study.name,
    }


def _unit(name: str) -> str:
    return "copy/uL" if name == "trec" else "cell/uL"


def _counts(f: Forecast) -> list[dict[str, Any]]:
    c = f.counted
    return [
        {
            "day": float(c.day[k]),
            "lineage": name,
            "value": float(c.value[k]),
            "unit": _unit(name),
            "below": bool(c.below[k]),
            "p": float(f.surprise.each[k]),
        }
        for k, name in enumerate(c.lineage)
    ]


def _bands(days: Floats, course: Mapping[str, Floats], ahead: Ahead) -> dict[str, Any]:
    return {
        name: {
            "unit": _unit(name),
            "course": {"day": days.tolist(), **_tails(course[name])},
            "reported": {"day": ahead.day.tolist(), **_tails(ahead.reported[name])},
        }
        for name in COUNTED
    }


def _tails(draws: Floats) -> dict[str, list[float]]:
    return {name: row.tolist() for name, row in zip(NAMES, band(draws), strict=True)}


def _milestones(days: Mapping[str, Floats], worth: float, until: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, day in days.items():
        if HORIZON[name] <= until:
            p, error = prospect(day, worth)
            found[name] = {"text": TEXT[name], "p": p, "error": error} | _day(day, worth)
    return found


def _day(day: Floats, worth: float) -> dict[str, Any]:
    """When: median and 95 % of all draws, null beyond the end of the forecast."""
    low, middle, high = (_finite(float(x)) for x in np.quantile(day, (0.025, 0.5, 0.975), method="nearest"))
    when = {"low": low, "median": middle, "high": high, "unit": "day"}
    return {"day": when | {"error": _finite(quantile_error(day, 0.5, worth))}}


def _finite(x: float) -> float | None:
    return x if np.isfinite(x) else None


def _update(u: Any) -> dict[str, Any]:
    chances = {name: {"p": c.p, "error": c.error} for name, c in u.chances.items()}
    return {
        "day": u.day,
        "counts": u.counts,
        "members": u.members,
        "worth": u.worth,
        "moved": u.moved,
        "milestones": chances,
    }


def _drivers(f: Forecast) -> list[dict[str, Any]]:
    """What the counts taught most, and what the forecast still turns on; by the larger of both."""
    said = {p.name: p for p in recipient_program().parameters}
    day = min((d for d in MARKS if d > f.today), default=float(f.days[-1]))
    place = min(int(np.searchsorted(f.days, day)), len(f.days) - 1)
    prior = {name: x for name, x in f.prior.items() if name in said}
    found = learnt(prior, f.posterior, f.course["cd4"][:, place])
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "text": said[name].text or name,
            "unit": said[name].unit,
            "prior": _interval(f.prior[name]),
            "posterior": _interval(f.posterior[name]),
            "shift_sd": one.shift,
            "narrowing": one.narrowing,
            "explains": one.explained,
            "of": f"CD4 on day {f.days[place]:g}",
        }
        for name, one in found.items()
    ]
    order = sorted(rows, key=lambda row: -max(abs(row["shift_sd"]), row["explains"] ** 0.5))
    return order[:MOST_DRIVERS]


def _interval(x: Floats) -> dict[str, float | None]:
    low, middle, high = (_finite(float(v)) for v in np.quantile(x, (0.025, 0.5, 0.975)))
    return {"low": low, "median": middle, "high": high}


def _other(f: Forecast, other: Other) -> dict[str, Any]:
    t = other.treatment
    infusions = [(t.dose, t.day), (t.second_dose, t.second_day)]
    return {
        "infusions": [
            {"dose": {"value": dose, "unit": "cell/kg"}, "day": day}
            for dose, day in infusions
            if np.isfinite(day)
        ],
        "steroid_end": _finite(t.steroid_end),
        "milestones": _milestones(other.milestones, f.worth, f.days[-1]),
        "bands": _bands(f.days, other.course, other.ahead),
        "difference": {
            name: {"unit": _unit(name), **_apart(f, other.course[name] - f.course[name])} for name in COUNTED
        },
        "difference_of_chances": {
            name: _chance_apart(f, other, name) for name in BY_A_DAY if HORIZON[name] <= f.days[-1]
        },
    }


def _apart(f: Forecast, change: Floats) -> dict[str, Any]:
    """Paired difference of the true course on the days of which forecasts speak."""
    days = [day for day in MARKS if f.today < day <= f.days[-1]]
    at = np.searchsorted(f.days, days)
    return {
        "day": days,
        "mean": change[:, at].mean(axis=0).tolist(),
        "error": [mean_error(change[:, i], f.worth) for i in at],
        **_tails(change[:, at]),
    }


def _chance_apart(f: Forecast, other: Other, name: str) -> dict[str, float]:
    """Difference of probabilities, of the same draws."""
    apart = np.isfinite(other.milestones[name]).astype(float) - np.isfinite(f.milestones[name])
    return {"difference": float(apart.mean()), "error": mean_error(apart, f.worth)}
