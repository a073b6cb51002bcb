"""A documented fit: targets, the rows that may move, and the predictions that are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thymos.evidence.values import Value
from thymos.lang.errors import StudyError
from thymos.therapy.targets.prior import Prior, of_ranges
from thymos.therapy.targets.target import Target


@dataclass(frozen=True)
class Plan:
    """One fit of one part of the chain."""

    name: str
    text: str
    targets: tuple[Target, ...]
    free: Callable[[], dict[str, Value]]
    predictions: Callable[[Mapping[str, float]], dict[str, float]]

    def prior(self) -> dict[str, Prior]:
        """What is believed of the free parameters before the fit."""
        return of_ranges(self.free())

    def residuals(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """Distance of each calibration target's prediction, in standard deviations; far away where undefined."""
        predicted = self.predictions(values)
        found = [t.residual(predicted[t.name]) for t in self.targets if t.use == "calibrate"]
        return np.asarray(np.nan_to_num(np.array(found), nan=50.0, posinf=50.0, neginf=-50.0))


def plans() -> dict[str, Plan]:
    """Every fit by name."""
    from thymos.therapy.targets import culture, culture_predictions, recipient, recipient_predictions

    listed = (
        Plan(
            "culture",
            "T arm of the culture",
            culture.TARGETS,
            culture.free_parameters,
            culture_predictions.predictions,
        ),
        Plan(
            "recipient",
            "recipient without product",
            recipient.TARGETS,
            recipient.free_parameters,
            recipient_predictions.predictions,
        ),
    )
    return {plan.name: plan for plan in listed}


def plan(name: str) -> Plan:
    """One fit; raises `StudyError` with the names there are."""
    known = plans()
    if name not in known:
        raise StudyError("part to calibrate", f"one of {', '.join(known)}", name)
    return known[name]
