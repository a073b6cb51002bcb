"""What an infusion gains over dose, day, age or ATG, and where it cannot help, under one assumption after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from thymos.trial.infusion_value import VALUES, effect, unknown_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from thymos.trial.infusion import Infusion
    from thymos.trial.infusion_assumption import Assumption
    from thymos.trial.infusion_axis import Axis
    from thymos.trial.infusion_pairs import Compared, InfusionPairs

    Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]


def infusion_surface(
    pairs: InfusionPairs,
    axes: Sequence[Axis],
    held: Infusion,
    assumptions: Sequence[Assumption],
    worth: Mapping[str, float],
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """The object behind `thymos surface infusion --json`; docs/reference/json.md says its keys.

    held  : everything that no axis varies
    worth : difference that is called worthwhile, by name of the value, where it is not the default
    """
    grid = infusions(axes, held)
    limits = {name: worth.get(name, value.worth) for name, value in VALUES.items()}
    total, done = len(grid) * len(assumptions), 0
    panels = []
    for assumption in assumptions:
        compared = pairs.compare(grid, assumption)
        points = described(pairs, compared, [assumption.of(one) for one in grid], limits)
        panels.append(
            {"name": assumption.name, "text": assumption.text, "points": points, "no_help": _none(points)}
        )
        done += len(grid)
        progress(done, total)
    return {
        "study": pairs.study.name,
        "title": pairs.study.title,
        "seed": pairs.seed,
        "pairs": pairs.size,
        "draws": len(pairs.draws.size),
        "axes": [_axis(axis) for axis in axes],
        "held": {k: v for k, v in asdict(held).items() if k not in {axis.name for axis in axes}},
        "values": {
            name: {"text": v.text, "unit": v.unit, "worth": limits[name], "share": v.share}
            for name, v in VALUES.items()
        },
        "assumptions": panels,
    }


def infusions(axes: Sequence[Axis], held: Infusion) -> list[Infusion]:
    """Every point of the grid, the last axis fastest."""
    names = [axis.name for axis in axes]
    return [
        replace(held, **dict(zip(names, (float(x) for x in here), strict=True)))  # type: ignore[arg-type]  # fields of it
        for here in product(*(axis.values for axis in axes))
    ]


def described(
    pairs: InfusionPairs, compared: Compared, grid: Sequence[Infusion], limits: Mapping[str, float]
) -> list[dict[str, Any]]:
    """What each infusion gains, by value; infinite and unknown numbers are null."""
    unknown = {n: unknown_share(compared.gain(n), pairs.draws) if v.share else 0.0 for n, v in VALUES.items()}
    return [
        {
            **asdict(one),
            "atg_at_infusion": _middle(compared.atg[i]),
            "niche_cap": _middle(compared.cap[i]),
            "short": float(compared.short[i].mean()),
            "failed": int(compared.failed[i]),
            "values": {n: _value(pairs, compared, i, n, worth, unknown[n]) for n, worth in limits.items()},
        }
        for i, one in enumerate(grid)
    ]


def _value(
    pairs: InfusionPairs, compared: Compared, i: int, name: str, worth: float, unknown: float
) -> dict[str, Any]:
    treated, twin = compared.treated[name][i], compared.twin[name][i]
    found = effect(VALUES[name], treated, twin, pairs.draws, worth, unknown)
    level = np.mean if VALUES[name].share else np.median
    levels = {k: _level(level, x) for k, x in (("twin", twin), ("treated", treated))}
    return {**found, **levels, "no_help": found["high"] is not None and found["high"] < worth}


def _level(level: Callable[[Floats], Any], x: Floats) -> float | None:
    solved = x[np.isfinite(x)]
    return float(level(solved)) if solved.size else None


def _none(points: list[dict[str, Any]]) -> dict[str, float]:
    """Share of the points at which the product cannot help, by value."""
    return {name: float(np.mean([p["values"][name]["no_help"] for p in points])) for name in VALUES}


def _axis(axis: Axis) -> dict[str, Any]:
    s = axis.scale
    return {"name": axis.name, "text": s.text, "unit": s.unit, "log": s.log, "values": axis.values.tolist()}


def _middle(x: Floats) -> float | None:
    return _finite(float(np.median(x)))


def _finite(x: float) -> float | None:
    return x if np.isfinite(x) else None
