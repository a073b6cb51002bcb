"""Yield over two doses: a fine grid of simulated lots, and the wells that were read, on one relative scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thymos.therapy.measured_culture import ANSWERS, CulturePredictor, MeasuredCulture

Floats = NDArray[np.float64]
POINTS = 25


def varied_in(measured: MeasuredCulture, plate: str) -> list[str]:
    """Conditions that the wells of a plate differ in, in the order of `ANSWERS`."""
    given = [r.conditions for r in measured.readings if r.plate == plate]
    return [n for n in ANSWERS if n != "day" and len({g[n] for g in given if n in g}) > 1]


def dose_surfaces(measured: MeasuredCulture, values: Mapping[str, float]) -> list[dict[str, Any]]:
    """One for each plate that varies two conditions and each readout; plates of one kind together.

    Yields are over the largest of the surface; a donor's wells are brought to it by one factor.
    """
    kinds: dict[tuple[str, ...], list[str]] = {}
    for plate in dict.fromkeys(r.plate for r in measured.readings):
        pair = varied_in(measured, plate)
        if len(pair) == 2:
            kinds.setdefault(tuple(pair), []).append(plate)
    return [
        _surface(measured, values, pair, plates, readout)
        for pair, plates in kinds.items()
        for readout in measured.readouts
    ]


def _surface(
    measured: MeasuredCulture,
    values: Mapping[str, float],
    pair: tuple[str, ...],
    plates: list[str],
    readout: str,
) -> dict[str, Any]:
    wells = [r for r in measured.readings if r.plate in plates and r.readout == readout]
    axes = [_fine(np.array([r.conditions[name] for r in wells])) for name in pair]
    a, b = (g.ravel() for g in np.meshgrid(*axes, indexing="ij"))
    given = tuple({pair[0]: float(x), pair[1]: float(y)} for x, y in zip(a, b, strict=True))
    lots = replace(measured, conditions=given)
    free = tuple(values)
    logs = np.log([[values[name] for name in free]])
    own = replace(measured, conditions=tuple(dict(r.conditions) for r in wells))
    fine, there = (_column(m, free, logs, readout) for m in (lots, own))
    top = fine.max()
    points = []
    for donor in dict.fromkeys(r.donor for r in wells):
        mine = [i for i, r in enumerate(wells) if r.donor == donor and not r.exclude]
        shift = np.mean([np.log(wells[i].value) - there[i] for i in mine])
        points += [
            {
                "donor": donor,
                "doses": [r.conditions[name] for name in pair],
                "relative": float(np.exp(np.log(r.value) - shift - top)),
                "exclude": r.exclude,
            }
            for r in wells
            if r.donor == donor
        ]
    relative = np.exp(fine - top).reshape(len(axes[0]), len(axes[1]))
    return {
        "axes": dict(zip(pair, axes, strict=True)),
        "readout": readout,
        "relative": relative,
        "points": points,
    }


def _column(measured: MeasuredCulture, free: tuple[str, ...], logs: Floats, readout: str) -> Floats:
    """Logarithm of one readout on the last day, for every condition (lot,)."""
    found = (
        CulturePredictor(measured, free)
        .values(logs)
        .reshape(len(measured.conditions), len(measured.days), len(measured.readouts))
    )
    return np.asarray(found[:, -1, measured.readouts.index(readout)])


def _fine(doses: Floats) -> Floats:
    """0 where it was given, then doses evenly on a log scale."""
    above = doses[doses > 0]
    fine = np.geomspace(above.min() / 4, above.max(), POINTS)
    if (doses == 0).any():
        fine[0] = 0.0
    return fine
