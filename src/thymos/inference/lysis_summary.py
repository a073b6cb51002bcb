"""What `thymos fit lysis` found, as plain data: printed, drawn, or written as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from thymos.assay.lytic_units import LYTIC_SHARE, lytic_units
from thymos.assay.specific_lysis import specific_lysis
from thymos.inference.lysis_fit import LysisFit, fit_plate
from thymos.inference.lysis_profile import Estimate
from thymos.io.well import Plate

DRAWN = 16
"""Ratios at which the fitted curve is given, with its interval."""


def lysis_summary(plate: Plate, targets: float | None = None, drawn: bool = True) -> dict[str, Any]:
    """All curves of a plate.

    targets : target cells in a well [cell], where the file does not say it
    drawn   : whether the fitted curve with its interval is wanted, which takes most of the time
    """
    curves = [_curve(fit, targets, DRAWN if drawn else 0) for fit in fit_plate(plate)]
    return {"plate": plate.name, "unit": plate.unit, "simulated": plate.simulated, "curves": curves}


def _curve(fit: LysisFit, targets: float | None, drawn: int) -> dict[str, Any]:
    curve = fit.data.curve
    in_well = curve.targets or targets
    return {
        "plate": curve.plate,
        "effector": curve.effector,
        "target": curve.target,
        "wells": fit.data.wells,
        "targets_per_well": in_well,
        "killing": fit.kills,
        "rate_per_hour": asdict(fit.rate),
        "half_ratio": asdict(fit.half),
        "saturation": fit.saturation,
        "sd": fit.sd,
        "sd_of": "percent lysis" if curve.scale == "lysis" else "ln signal",
        "lack_of_fit_p": fit.lack_of_fit,
        "times": [_time(fit, hours, in_well, drawn) for hours in curve.hours],
        "points": [{k: _number(v) for k, v in asdict(point).items()} for point in specific_lysis(curve)],
    }


def _time(fit: LysisFit, hours: float, targets: float | None, drawn: int) -> dict[str, Any]:
    """Ratios and lytic units of one time, and the curve itself."""
    fifth, plain = fit.ratio_at(LYTIC_SHARE, hours), fit.exponential_ratio(LYTIC_SHARE, hours)
    low, high = float(fit.data.ratio.min()), float(fit.data.ratio.max())
    ratios = [float(r) for r in np.geomspace(low, high, drawn)]
    return {
        "hours": hours,
        "ratio_20_percent": asdict(fifth),
        "ratio_50_percent": asdict(fit.ratio_at(0.5, hours)),
        "lu20_per_million": asdict(_units(fifth, targets)) if targets else None,
        "lu20_per_million_exponential": lytic_units(plain, targets) if targets else None,
        "curve": [{"ratio": r, **asdict(fit.lysis_at(r, hours))} for r in ratios],
    }


def _units(ratio: Estimate, targets: float) -> Estimate:
    """Lytic units from the ratio: its upper end is their lower one, 0 where 20 percent may never be reached."""
    value, high = (None if r is None else lytic_units(r, targets) for r in (ratio.value, ratio.low))
    return Estimate(value, 0.0 if ratio.high is None else lytic_units(ratio.high, targets), high)


def _number(x: float) -> float | None:
    return x if math.isfinite(x) else None
